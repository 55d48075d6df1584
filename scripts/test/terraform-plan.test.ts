/** terraform/ as Terraform itself reads it: form, types, arguments and validations of each environment, without AWS. */
import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import { program, testWith, type Requirement } from '../../fhir-server/test/support/requirement.ts';
import { terraformFolder } from './support/terraform/configuration.ts';
import { prepareRehearsal, terraform, type Change, type Rehearsal } from './support/terraform/rehearsal.ts';

/** Not to be had from Debian, so that its absence fails no CI. */
const installed: Requirement = {
  ...program('terraform'),
  hint: 'terraform 1.11 or newer on the PATH (developer.hashicorp.com/terraform/install)',
  waived: true,
};

let rehearsal: Rehearsal;
beforeAll(() => {
  rehearsal = prepareRehearsal();
});
afterAll(() => rehearsal.remove());

testWith(installed)('The files have the form of terraform fmt.', async () => {
  expect(await terraform(terraformFolder, 'fmt', '-check', '-recursive')).toBe('');
});

describe('The environment', () => {
  for (const environment of ['development', 'staging', 'production'])
    testWith(installed)(`${environment} gives all modules what they take.`, async () => {
      expect(await rehearsal.plan(environment)).toBe('');
    });
});

const nodes = { general: { instance_types: ['m7i.large'], min_size: 3, max_size: 6 } };
const cluster = { version: '1.34', administrator_role_arns: ['arn:aws:iam::123456789012:role/platform'] };
const network = {
  cidr: '10.40.0.0/16',
  single_nat_gateway: false,
  client_cidrs: ['203.0.113.0/24'],
  interface_endpoints: [],
};
const database = {
  engine_version: '17.5',
  instance_class: 'db.r7g.large',
  replicas: 1,
  backup_retention_days: 30,
};
const retention = { logs_days: 365, access_logs_days: 365, content_version_days: 30 };
const alarms = { addresses: ['on-call@clinic.example'], database_connections: 100 };
const dns = { zone_id: 'Z0123456789ABC', domain_name: 'fhir.clinic.example' };

const refused: readonly (readonly [what: string, change: Change, says: string])[] = [
  [
    'no protection from deletion',
    { stack: { deletion_protection: false } },
    'Production needs deletion_protection',
  ],
  [
    'one NAT gateway',
    { stack: { network: { ...network, single_nat_gateway: true } } },
    'a NAT gateway in each zone',
  ],
  [
    'a database without a replica',
    { stack: { database: { ...database, replicas: 0 } } },
    'a replica of the database',
  ],
  [
    'backups of a week',
    { stack: { database: { ...database, backup_retention_days: 7 } } },
    'for at least 30 days',
  ],
  [
    'a cache without a replica',
    { stack: { cache: { node_type: 'cache.m7g.large', replicas: 0 } } },
    'a replica of the cache',
  ],
  ['logs of a month', { stack: { retention: { ...retention, logs_days: 30 } } }, 'logs for at least a year'],
  [
    'copies of a week',
    { stack: { retention: { ...retention, content_version_days: 7 } } },
    'replaced copies of content for at least 30 days',
  ],
  [
    'a public endpoint of Kubernetes',
    { stack: { kubernetes: { ...cluster, node_groups: nodes, endpoint_public_cidrs: ['203.0.113.0/24'] } } },
    'stays inside the VPC',
  ],
  [
    'nodes that can be taken away',
    {
      stack: {
        kubernetes: { ...cluster, node_groups: { general: { ...nodes.general, capacity_type: 'SPOT' } } },
      },
    },
    'at least three nodes that are not spot',
  ],
  [
    'alarms that nobody gets',
    { stack: { alarms: { ...alarms, addresses: [] } } },
    'an address that alarms go to',
  ],
];

describe('Production refuses', () => {
  for (const [what, change, says] of refused)
    testWith(installed)(`${what}.`, async () => {
      expect(await rehearsal.plan('production', change)).toContain(says);
    });
});

const wrong: readonly (readonly [what: string, change: Change, says: string])[] = [
  ['another environment', { stack: { environment: 'test' } }, 'development, staging or production'],
  ['a small network', { stack: { network: { ...network, cidr: '10.40.0.0/24' } } }, 'must be a /16'],
  ['clients of nowhere', { variables: { client_cidrs: [] } }, 'at least one IPv4 range'],
  [
    'an endpoint of Kubernetes for the whole internet',
    { variables: { endpoint_public_cidrs: ['0.0.0.0/0'] } },
    'not the whole internet',
  ],
  [
    'an administrator that is no role',
    { variables: { administrator_role_arns: ['me'] } },
    'ARN of an IAM role',
  ],
  ['an old PostgreSQL', { stack: { database: { ...database, engine_version: '14.9' } } }, '15 or newer'],
  [
    'a serverless database without a size',
    { stack: { database: { ...database, instance_class: 'db.serverless' } } },
    'serverless_capacity belongs to db.serverless',
  ],
  ['backups of a year', { stack: { database: { ...database, backup_retention_days: 365 } } }, 'from 1 to 35'],
  [
    'logs for a number of days that CloudWatch lacks',
    { stack: { retention: { ...retention, logs_days: 100 } } },
    'a number that CloudWatch knows',
  ],
  [
    'Grafana without Prometheus',
    { stack: { alarms: { ...alarms, grafana: true } } },
    'grafana needs prometheus',
  ],
  ['an account that is none', { variables: { account_id: '123' } }, 'twelve digits'],
  ['a name that is none', { stack: { dns: { ...dns, domain_name: 'FHIR' } } }, 'a host name in lower case'],
  [
    'an administrator of all of AWS for a controller',
    {
      variables: {
        controllers: {
          all: {
            namespace: 'kube-system',
            service_account: 'all',
            policy_arns: ['arn:aws:iam::aws:policy/AdministratorAccess'],
          },
        },
      },
    },
    'does not get AdministratorAccess',
  ],
  ['an argument of the wrong type', { stack: { requests_per_address_max: 'many' } }, 'a number is required'],
];

describe('Any environment refuses', () => {
  for (const [what, change, says] of wrong)
    testWith(installed)(`${what}.`, async () => {
      expect(await rehearsal.plan('development', change)).toContain(says);
    });
});
