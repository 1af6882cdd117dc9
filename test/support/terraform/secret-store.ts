import {
  GetSecretValueCommand,
  ListSecretVersionIdsCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';

const CURRENT = 'AWSCURRENT';

/** Secrets Manager as somebody else than Terraform uses it. */
export class SecretStore {
  private readonly client: SecretsManagerClient;

  constructor(endpoint: string, region: string) {
    const credentials = { accessKeyId: 'loopback', secretAccessKey: 'loopback' };
    this.client = new SecretsManagerClient({ endpoint, region, credentials });
  }

  /** The value of one version. */
  async read(secretId: string, versionId: string): Promise<string> {
    const answer = await this.client.send(new GetSecretValueCommand({ SecretId: secretId, VersionId: versionId }));
    return answer.SecretString ?? '';
  }

  /** Staging labels by version, of all versions. */
  async labels(secretId: string): Promise<ReadonlyMap<string, readonly string[]>> {
    const request = new ListSecretVersionIdsCommand({ SecretId: secretId, IncludeDeprecated: true });
    const { Versions = [] } = await this.client.send(request);
    return new Map(Versions.map(({ VersionId = '', VersionStages = [] }) => [VersionId, VersionStages]));
  }

  /** Puts a new version in front, as a rotation or a person would. */
  async write(secretId: string, value: string): Promise<void> {
    const { VersionId } = await this.client.send(
      new PutSecretValueCommand({ SecretId: secretId, SecretString: value }),
    );
    // AWS has moved the label by now; moto leaves it where it was when a Lambda has rotated before.
    for (const [version, labels] of await this.labels(secretId)) {
      if (version === VersionId || !labels.includes(CURRENT)) continue;
      const move = { SecretId: secretId, VersionStage: CURRENT, RemoveFromVersionId: version };
      await this.client.send(new UpdateSecretVersionStageCommand({ ...move, MoveToVersionId: VersionId }));
    }
  }

  close(): void {
    this.client.destroy();
  }
}
