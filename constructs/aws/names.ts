import type { NameRule } from '../core/naming';

const LETTERS_AND_HYPHENS = 'letters, digits and hyphens';

/** What AWS allows as names, each with the vendor's page. */
export const NAME_RULES = {
  secret: {
    what: 'a secret of Secrets Manager',
    minLength: 1,
    maxLength: 512,
    pattern: /^[A-Za-z0-9/_+=.@-]+$/,
    allowed: 'letters, digits and /_+=.@-',
    forbidden: [
      {
        pattern: /-[A-Za-z0-9]{6}$/,
        why: 'which ends in a hyphen and six characters as an ARN does, so that AWS finds another secret by a part of its ARN',
      },
    ],
    see: 'https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html',
  },
  role: {
    what: 'an IAM role',
    minLength: 1,
    maxLength: 64,
    pattern: /^[\w+=,.@-]+$/,
    allowed: 'letters, digits and +=,.@_-',
    see: 'https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html',
  },
  alias: {
    what: 'an alias of KMS',
    minLength: 1,
    maxLength: 250,
    pattern: /^(?!aws\/)[A-Za-z0-9/_-]+$/,
    allowed: 'letters, digits and /_-, not starting with aws/',
    see: 'https://docs.aws.amazon.com/kms/latest/developerguide/alias-create.html',
  },
  database: {
    what: 'an instance of RDS',
    minLength: 1,
    maxLength: 63,
    pattern: /^[a-z][a-z0-9-]*$/,
    allowed: 'lower-case letters, digits and hyphens, a letter first',
    forbidden: [{ pattern: /--|-$/, why: 'which has two hyphens in a row or one at its end' }],
    see: 'https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Limits.html',
  },
  subnetGroup: {
    what: 'a subnet group of RDS',
    minLength: 1,
    maxLength: 255,
    pattern: /^[a-z0-9._ -]+$/,
    allowed: 'lower-case letters, digits, spaces and ._-',
    forbidden: [{ pattern: /^default$/, why: 'which AWS keeps for itself' }],
    see: 'https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBSubnetGroup.html',
  },
  parameterGroup: {
    what: 'a parameter group of RDS',
    minLength: 1,
    maxLength: 255,
    pattern: /^[a-z][a-z0-9-]*$/,
    allowed: 'lower-case letters, digits and hyphens, a letter first',
    forbidden: [{ pattern: /--|-$/, why: 'which has two hyphens in a row or one at its end' }],
    see: 'https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBParameterGroup.html',
  },
  /** PostgreSQL's own rule for a database that RDS makes with the instance. */
  databaseName: {
    what: 'a database of PostgreSQL',
    minLength: 1,
    maxLength: 63,
    pattern: /^[a-z_][a-z0-9_]*$/,
    allowed: 'lower-case letters, digits and underscores, no digit first',
    forbidden: [{ pattern: /^(postgres|rdsadmin|template[01])$/, why: 'which the server has already' }],
    see: 'https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html',
  },
  /** The rule of MySQL and MariaDB for a database that RDS makes with the instance. */
  mysqlDatabaseName: {
    what: 'a database of MySQL or MariaDB',
    minLength: 1,
    maxLength: 64,
    pattern: /^[a-z][a-z0-9_]*$/,
    allowed: 'lower-case letters, digits and underscores, a letter first',
    forbidden: [
      {
        pattern: /^(mysql|sys|information_schema|performance_schema|innodb|tmp)$/,
        why: 'which the server has already',
      },
    ],
    see: 'https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html',
  },
  securityGroup: {
    what: 'a security group',
    minLength: 1,
    maxLength: 255,
    pattern: /^(?!sg-)[A-Za-z0-9 ._:/()#,@[\]+=&;{}!$*-]+$/,
    allowed: 'letters, digits, spaces and ._-:/()#,@[]+=&;{}!$*, not starting with sg-',
    see: 'https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html',
  },
  function: {
    what: 'a Lambda function',
    minLength: 1,
    maxLength: 64,
    pattern: /^[A-Za-z0-9_-]+$/,
    allowed: `${LETTERS_AND_HYPHENS} and underscores`,
    see: 'https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html',
  },
  logGroup: {
    what: 'a log group',
    minLength: 1,
    maxLength: 512,
    pattern: /^[A-Za-z0-9_/.#-]+$/,
    allowed: 'letters, digits and _/.#-',
    see: 'https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html',
  },
  topic: {
    what: 'a topic of SNS',
    minLength: 1,
    maxLength: 256,
    pattern: /^[A-Za-z0-9_-]+$/,
    allowed: `${LETTERS_AND_HYPHENS} and underscores`,
    see: 'https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html',
  },
  eventRule: {
    what: 'a rule of EventBridge',
    minLength: 1,
    maxLength: 64,
    pattern: /^[A-Za-z0-9._-]+$/,
    allowed: `${LETTERS_AND_HYPHENS}, dots and underscores`,
    see: 'https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html',
  },
  service: {
    what: 'a service of ECS',
    minLength: 1,
    maxLength: 255,
    pattern: /^[A-Za-z0-9_-]+$/,
    allowed: `${LETTERS_AND_HYPHENS} and underscores`,
    see: 'https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html',
  },
  cluster: {
    what: 'a cluster of ECS',
    minLength: 1,
    maxLength: 255,
    pattern: /^[A-Za-z0-9_-]+$/,
    allowed: `${LETTERS_AND_HYPHENS} and underscores`,
    see: 'https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateCluster.html',
  },
  document: {
    what: 'a document of Systems Manager',
    minLength: 3,
    maxLength: 128,
    pattern: /^[A-Za-z0-9_.-]+$/,
    allowed: `${LETTERS_AND_HYPHENS}, dots and underscores`,
    forbidden: [{ pattern: /^(aws|amazon|amzn)/i, why: 'which starts like a document of AWS itself' }],
    see: 'https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_CreateDocument.html',
  },
} as const satisfies Readonly<Record<string, NameRule>>;

/** A kind of thing on AWS that has a physical name. */
export type NamedKind = keyof typeof NAME_RULES;
