export * from './api-key-secret';
export type { WayOut } from './api-key-way-out';
export type {
  ApiChange,
  ApiList,
  ApiOperation,
  ApiProvider,
  KeyMembers,
} from './api-provider';
export * from './aws-stack';
export * from './data-key';
export type {
  DatabaseEngine,
  DatabaseFamily,
  ExistingDatabaseProps,
  IDatabase,
  SuperuserSecret,
} from './database';
export * from './database-secret';
export * from './ecs-cluster';
export * from './ecs-service';
export * from './environment';
export * from './identity';
export type { ImportedSecretProps } from './imported-secret';
export * from './managed-rotation';
export * from './mariadb-database';
export * from './mysql-database';
export * from './names';
export * from './network';
export * from './network-client';
export * from './policy-document';
export * from './postgres-database';
export * from './put-command';
export type { RdsDatabaseProps } from './rds-database';
export * from './redeploy-on-rotation';
export * from './rotation-alarms';
export * from './rotation-function';
export type { FunctionSize } from './rotation-function-size';
export type { RotatorName } from './rotation-permissions';
export type { RotationSettings, Span } from './rotation-settings';
export type { RotationStrategy, RotatorFacts } from './rotation-strategy';
export { AWS_SCHEDULE_LIMITS } from './schedule-expression';
export * from './secret';
export type { ReadOptions } from './secret-access';
export { SecretField } from './secret-field';
export * from './secret-rotation';
export * from './secrets-key';
