import { GetSecretValueCommand, PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';

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

  /** Puts a new version in front, as a rotation or a person would. */
  async write(secretId: string, value: string): Promise<void> {
    await this.client.send(new PutSecretValueCommand({ SecretId: secretId, SecretString: value }));
  }

  close(): void {
    this.client.destroy();
  }
}
