import { VpcSecurityGroupEgressRule } from '@cdktf/provider-aws/lib/vpc-security-group-egress-rule';
import type { ITerraformDependable } from 'cdktf';
import type { IDatabase } from './database';
import type { NetworkClient } from './network-client';

/** Every address: what a host name stands for is only known when it is looked up. */
const ANYWHERE = '0.0.0.0/0';

/**
 * Opens a client's way to a database: to its security group and into it, or, where that group is somebody else's, out on
 * the database's port alone.
 *
 * @param id names the way, unique for the client.
 * @returns what must exist before a connection gets through from this side.
 */
export function openDatabasePath(
  client: NetworkClient,
  id: string,
  database: IDatabase,
): readonly ITerraformDependable[] {
  const { securityGroupId, port, name } = database;
  const why = `Database ${name}`;
  if (securityGroupId !== undefined) return client.mayCall(id, { securityGroupId, port, why });
  const out = new VpcSecurityGroupEgressRule(client, `${id}-out`, {
    securityGroupId: client.securityGroupId,
    cidrIpv4: ANYWHERE,
    ipProtocol: 'tcp',
    fromPort: port,
    toPort: port,
    description: why,
  });
  return [out];
}
