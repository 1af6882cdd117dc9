export { Clock } from './clock';
export { internal, ServiceError, throttled } from './errors';
export { Faults } from './faults';
export type { Input } from './input';
export { type Invoke, RotationDriver, type RotationRecord, type Step } from './rotation-driver';
export { ReplyLost, type SecretsManagerServer, type ServerOptions, startSecretsManager } from './server';
export { type Hook, OPERATION_NAMES, type Operation, SecretsManagerService, type ServiceOptions } from './service';
