/** terraform/: what can be said of it without AWS. Its modules fit together, and nothing is open, unencrypted or secret. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { root } from '../pinned-node.ts';
import {
  blocksOf,
  readConfigurations,
  terraformFolder,
  valuesOf,
  type Block,
  type Configuration,
  type Declared,
} from './support/terraform/configuration.ts';

/** Files in which the whole internet stands, and why. */
const open = new Map([
  ['modules/network/routes.tf', 'routes: the way out of public subnets, and of private ones by NAT'],
]);

/** Buckets without versions, and why. */
const unversioned = new Map([
  ['hand_over', 'a deleted recording must be gone, see ai-bots/docs/providers.md'],
]);

/** What resources of a type must say. */
const demanded: readonly (readonly [type: string, argument: string, value: unknown])[] = [
  ['aws_kms_key', 'enable_key_rotation', true],
  ['aws_rds_cluster', 'storage_encrypted', true],
  ['aws_rds_cluster', 'manage_master_user_password', true],
  ['aws_rds_cluster', 'deletion_protection', '${var.deletion_protection}'],
  ['aws_rds_cluster_instance', 'publicly_accessible', false],
  ['aws_rds_cluster_instance', 'performance_insights_enabled', true],
  ['aws_elasticache_replication_group', 'at_rest_encryption_enabled', true],
  ['aws_elasticache_replication_group', 'transit_encryption_enabled', true],
  ['aws_elasticache_replication_group', 'transit_encryption_mode', 'required'],
  ['aws_efs_file_system', 'encrypted', true],
  ['aws_ecr_repository', 'image_tag_mutability', 'IMMUTABLE'],
  ['aws_eks_cluster', 'deletion_protection', '${var.deletion_protection}'],
  ['aws_subnet', 'map_public_ip_on_launch', false],
];

/** Arguments whose values would stand in the state, and resources that are nothing but such a value. */
const inState =
  /^(master_password|password|auth_token|secret_string|secret_binary|private_key|user_data|token)$/;

let configurations: readonly Configuration[] = [];
let declared: readonly Declared[] = [];

beforeAll(async () => {
  configurations = await readConfigurations();
  declared = configurations.flatMap((configuration) => configuration.declared);
});

/** Faults of each configuration with its folder in front. */
const faults = (find: (configuration: Configuration) => readonly string[]): string[] =>
  configurations.flatMap((each) => find(each).map((fault) => `${each.folder}: ${fault}`));

const ofType = (type: string): readonly Declared[] => declared.filter((each) => each.type === type);

const textOf = ({ texts }: Configuration): string => [...texts.values()].join('\n');

const called = (from: Configuration, call: Block): Configuration | undefined => {
  const path = join(from.folder, String(call['source']));
  return configurations.find(({ folder }) => folder === path);
};

/** Names in a text after `var.`, `local.` and the like. */
const namesAfter = (text: string, prefix: string): string[] => [
  ...new Set(
    [...text.matchAll(new RegExp(`(?<![\\w.-])${prefix}\\.(\\w+)`, 'g'))].map(([, name = '']) => name),
  ),
];

describe('The modules', () => {
  test('are all read, and each is called by something.', () => {
    const folders = configurations.map(({ folder }) => folder);
    expect(folders.filter((folder) => folder.startsWith('modules/')).length).toBeGreaterThanOrEqual(12);
    const sources = new Set(
      configurations.flatMap((each) => [...each.calls.values()].map((call) => called(each, call)?.folder)),
    );
    expect(folders.filter((folder) => folder.startsWith('modules/') && !sources.has(folder))).toEqual([]);
  });

  test('get every variable that they require, and none that they do not know.', () => {
    const meta = new Set(['source', 'for_each', 'count', 'depends_on', 'providers', 'version']);
    const found = faults((each) =>
      [...each.calls].flatMap(([name, call]) => {
        const module = called(each, call);
        if (module === undefined) return [`module ${name} is not there`];
        const given = Object.keys(call).filter((argument) => !meta.has(argument));
        const required = [...module.variables].filter(([, block]) => !('default' in block));
        return [
          ...given.filter((argument) => !module.variables.has(argument)).map((a) => `${name} knows no ${a}`),
          ...required.filter(([variable]) => !given.includes(variable)).map(([v]) => `${name} lacks ${v}`),
        ];
      }),
    );
    expect(found).toEqual([]);
  });

  test('have the outputs that others refer to, and none that nobody does.', () => {
    const used = new Set<string>();
    const found = faults((each) =>
      [...textOf(each).matchAll(/(?<![\w.-])module\.(\w+)\.(\w+)/g)].flatMap(
        ([text, name = '', output = '']) => {
          const module = called(each, each.calls.get(name) ?? {});
          used.add(`${module?.folder}.${output}`);
          return module?.outputs.has(output) === true ? [] : [`${text} is not there`];
        },
      ),
    );
    const unused = faults(({ folder, outputs }) =>
      folder.startsWith('modules/') ? [...outputs.keys()].filter((o) => !used.has(`${folder}.${o}`)) : [],
    );
    expect([...found, ...unused]).toEqual([]);
  });

  test('refer to variables, locals and resources that are there, and use all of the first two.', () => {
    const found = faults((each) => {
      const text = textOf(each);
      const variables = namesAfter(text, 'var');
      const locals = namesAfter(text, 'local');
      const addresses = new Set(each.declared.map(({ address }) => address));
      const references = text.matchAll(/(?<![\w.:/"-])((?:data\.|ephemeral\.)?aws_\w+\.\w+)/g);
      return [
        ...variables.filter((name) => !each.variables.has(name)).map((name) => `var.${name} is not there`),
        ...locals.filter((name) => !each.locals.has(name)).map((name) => `local.${name} is not there`),
        ...[...each.variables.keys()]
          .filter((n) => !variables.includes(n))
          .map((n) => `var.${n} is not used`),
        ...[...each.locals].filter((n) => !locals.includes(n)).map((n) => `local.${n} is not used`),
        ...[...references].filter(([, a = '']) => !addresses.has(a)).map(([, a]) => `${a} is not there`),
      ];
    });
    expect(found).toEqual([]);
  });

  test('say of each variable its type, and of each variable and output what it is.', () => {
    const isSentence = (text: unknown): boolean => typeof text === 'string' && /^[A-Z].{8,}[.]$/.test(text);
    const found = faults(({ variables, outputs }) => [
      ...[...variables]
        .filter(([, { type }]) => type === undefined || type === 'any')
        .map(([n]) => `type of ${n}`),
      ...[...variables, ...outputs].filter(([, block]) => !isSentence(block['description'])).map(([n]) => n),
    ]);
    expect(found).toEqual([]);
  });

  test('ask for the same versions, within bounds.', () => {
    const versions = configurations.map(({ terraform, folder }) => ({
      folder,
      core: valuesOf(terraform, 'required_version'),
      aws: valuesOf(terraform, 'aws'),
    }));
    const aws = { source: 'hashicorp/aws', version: expect.stringMatching(/^~> \d+\.\d+$/) };
    for (const { folder, ...version } of versions)
      expect({ folder, ...version }).toEqual({ folder, core: ['>= 1.11.0, < 2.0.0'], aws: [aws] });
    expect(new Set(versions.map((version) => JSON.stringify(version.aws))).size).toBe(1);
  });
});

describe('The environments', () => {
  test('keep their states encrypted and locked in S3, each its own, and act in one account alone.', () => {
    const roots = configurations.filter(({ folder }) => folder.startsWith('environments/'));
    expect(roots.map(({ folder }) => folder).toSorted()).toEqual([
      'environments/development',
      'environments/production',
      'environments/staging',
    ]);
    for (const { folder, terraform, texts } of roots) {
      const [backends] = valuesOf(terraform, 'backend') as { s3?: Block[] }[];
      const key = `${folder.replace('environments/', '')}/terraform.tfstate`;
      expect(backends?.s3).toEqual([{ key, encrypt: true, use_lockfile: true }]);
      expect(texts.get('versions.tf')).toContain('allowed_account_ids = [var.account_id]');
    }
  });
});

describe('Nothing secret', () => {
  test('stands in the files.', () => {
    const secret =
      /AKIA[0-9A-Z]{16}|-----BEGIN|eyJ[A-Za-z0-9_-]{20,}|\b\w*(password|secret|token|api_key)\w*\s*=\s*"[^"$]{8,}"/i;
    // Words that say how a secret is dealt with, not what it is.
    const manner = /(http_tokens|secret_string_wo_version)\s*=|"(required|ROTATE)"/;
    const found = faults(({ texts }) =>
      [...texts].flatMap(([file, text]) =>
        text
          .split('\n')
          .filter((line) => secret.test(line) && !manner.test(line))
          .filter(
            (line) => !/^\s*(database-url|smtp-url|bot-keys|[a-z-]+-api-key|[a-z-]+-secret)\s*=/.test(line),
          )
          .map((line) => `${file}: ${line.trim()}`),
      ),
    );
    expect(found).toEqual([]);
  });

  test('gets into a state: passwords are write-only or made by AWS.', () => {
    const found = declared.flatMap(({ address, type, block }) => [
      ...Object.keys(block)
        .filter((argument) => inState.test(argument))
        .map((a) => `${address}.${a}`),
      ...(/^(random_|tls_private_key|aws_iam_access_key)/.test(type) ? [address] : []),
    ]);
    expect(found).toEqual([]);
  });
});

describe('Every bucket', () => {
  const covering = (type: string, bucket: Declared): readonly Declared[] => {
    const own = configurations.find(({ declared: all }) => all.includes(bucket));
    const name = bucket.address.replace('aws_s3_bucket.', '');
    // Directly, or by the table over which the resource is repeated.
    const inTable = new RegExp(`^\\s*${name}\\s*= \\{ id = ${bucket.address}\\.id`, 'm').test(textOf(own!));
    return own!.declared.filter(
      (each) =>
        each.type === type &&
        (String(each.block['bucket']).includes(`${bucket.address}.`) ||
          (inTable && each.block['for_each'] === '${local.buckets}')),
    );
  };

  test('is closed to the public.', () => {
    const parts = [
      'block_public_acls',
      'block_public_policy',
      'ignore_public_acls',
      'restrict_public_buckets',
    ];
    expect(ofType('aws_s3_bucket').length).toBeGreaterThanOrEqual(4);
    const found = ofType('aws_s3_bucket').filter(
      (bucket) =>
        !covering('aws_s3_bucket_public_access_block', bucket).some(({ block }) =>
          parts.every((part) => block[part] === true),
        ),
    );
    expect(found.map(({ address }) => address)).toEqual([]);
  });

  test.each([
    'aws_s3_bucket_server_side_encryption_configuration',
    'aws_s3_bucket_versioning',
    'aws_s3_bucket_policy',
    'aws_s3_bucket_ownership_controls',
  ])('has its %s.', (type) => {
    const found = ofType('aws_s3_bucket').filter((bucket) => covering(type, bucket).length !== 1);
    expect(found.map(({ address }) => address)).toEqual([]);
  });

  test('has an end for what is old, and refuses whoever comes without TLS.', () => {
    const found = ofType('aws_s3_bucket').filter(
      (bucket) => covering('aws_s3_bucket_lifecycle_configuration', bucket).length !== 1,
    );
    expect(found.map(({ address }) => address)).toEqual([]);
    for (const policy of ofType('aws_s3_bucket_policy')) {
      const [, document = ''] =
        /(data\.aws_iam_policy_document\.\w+)/.exec(String(policy.block['policy'])) ?? [];
      const same = declared.find((d) => d.address === document && dirname(d.file) === dirname(policy.file));
      const denied = blocksOf(same?.block, 'statement').find(({ sid }) => sid === 'TlsOnly');
      expect(denied).toMatchObject({ effect: 'Deny', actions: ['s3:*'] });
      expect(valuesOf(denied, 'variable')).toEqual(['aws:SecureTransport']);
    }
  });

  test('keeps versions, but for those with a reason not to.', () => {
    const storage = configurations.find(({ folder }) => folder === 'modules/storage');
    const rows = [
      ...textOf(storage!).matchAll(/^\s*(\w+)\s*= \{ id = aws_s3_bucket\.\w+\.id,.*versioning = "(\w+)"/gm),
    ];
    expect(rows).toHaveLength(3);
    const off = rows.filter(([, , status]) => status !== 'Enabled').map(([, name]) => name);
    expect(off).toEqual([...unversioned.keys()]);
    const fixed = ofType('aws_s3_bucket_versioning').flatMap(({ block }) => valuesOf(block, 'status'));
    expect(fixed.toSorted()).toEqual(['${each.value.versioning}', 'Enabled']);
  });
});

describe('Everything', () => {
  test('that is open to the whole internet has a reason, and every reason is still needed.', () => {
    const files = configurations.flatMap(({ folder, texts }) =>
      [...texts].filter(([, text]) => /0\.0\.0\.0\/0|::\/0/.test(text)).map(([name]) => `${folder}/${name}`),
    );
    expect(files).toEqual([...open.keys()]);
    const rules = declared.filter(({ type }) => type.startsWith('aws_vpc_security_group_'));
    expect(rules.length).toBeGreaterThanOrEqual(7);
    expect(rules.filter(({ block }) => block['ip_protocol'] === '-1').map((rule) => rule.address)).toEqual(
      [],
    );
    // Rules within a group would take those away that EKS and the load balancer's controller add.
    expect(
      ofType('aws_security_group').filter(({ block }) => 'ingress' in block || 'egress' in block),
    ).toEqual([]);
  });

  test.each(demanded)('of type %s has %s = %p.', (type, argument, value) => {
    const found = ofType(type).filter(({ block }) => argument in block || type !== 'aws_subnet');
    expect(found.length).toBeGreaterThan(0);
    expect(found.filter(({ block }) => block[argument] !== value).map(({ address }) => address)).toEqual([]);
  });

  test('that is logged is encrypted with a key of ours and is not kept for ever.', () => {
    const groups = ofType('aws_cloudwatch_log_group');
    expect(groups.length).toBeGreaterThanOrEqual(5);
    const bare = groups.filter(({ block }) => !('retention_in_days' in block) || !('kms_key_id' in block));
    expect(bare.map(({ address }) => address)).toEqual([]);
  });

  test('in the database goes by TLS, and no statement with health data is logged.', () => {
    const parameters = blocksOf(ofType('aws_rds_cluster_parameter_group')[0]?.block, 'parameter');
    const values = Object.fromEntries(parameters.map(({ name, value }) => [String(name), value]));
    expect(values).toMatchObject({
      'rds.force_ssl': '1',
      log_statement: 'none',
      log_min_duration_statement: '-1',
    });
  });

  test('in Kubernetes secrets is encrypted by our key, and nodes keep their role from pods.', () => {
    const [encryption] = blocksOf(ofType('aws_eks_cluster')[0]?.block, 'encryption_config');
    expect(encryption).toMatchObject({ resources: ['secrets'] });
    const [metadata] = blocksOf(ofType('aws_launch_template')[0]?.block, 'metadata_options');
    expect(metadata).toMatchObject({ http_tokens: 'required', http_put_response_hop_limit: 1 });
  });
});

describe('Rights', () => {
  const statements = (): readonly Block[] =>
    ofType('aws_iam_policy_document').flatMap(({ block }) => [
      ...blocksOf(block, 'statement'),
      ...valuesOf(block['dynamic'], 'content')
        .flat()
        .map((content) => content as Block),
    ]);

  test('name their actions, but for what is denied and the key of the logs, which the account owns.', () => {
    const wide = statements().filter(
      ({ effect, actions, sid }) =>
        effect !== 'Deny' && sid !== 'Account' && (actions as string[]).some((a) => /^\*$|:\*$/.test(a)),
    );
    expect(wide).toEqual([]);
    expect(statements().filter(({ not_actions, not_resources }) => not_actions ?? not_resources)).toEqual([]);
  });

  test('of the bots are those that their code calls, and no others.', () => {
    const files = ['aws-transcribe/bucket', 'aws-transcribe/medical', 'aws-transcribe/health-scribe'];
    const providers = [...files, 'comprehend-medical/code', 'comprehend-medical/extract'];
    const commands = providers.flatMap((file) => {
      const text = readFileSync(join(root, 'ai-bots/provider', `${file}.ts`), 'utf8');
      return [...text.matchAll(/new (\w+)Command\(/g)].map(([, name = '']) => {
        const service = file.startsWith('comprehend') ? 'comprehendmedical' : 'transcribe';
        // HeadObject is done by the right to GetObject.
        return /Object$/.test(name) ? `s3:${name.replace('Head', 'Get')}` : `${service}:${name}`;
      });
    });
    // To tell what is gone, to use the bucket's key, and to hand HealthScribe its role.
    const besides = ['s3:ListBucket', 'kms:Decrypt', 'kms:GenerateDataKey', 'iam:PassRole'];
    const bots = ofType('aws_iam_policy_document').find((d) => d.address.endsWith('.bots'));
    const allowed = blocksOf(bots?.block, 'statement').flatMap(({ actions }) => actions as string[]);
    expect(allowed.toSorted()).toEqual([...new Set([...commands, ...besides])].toSorted());
    const resources = blocksOf(bots?.block, 'statement').filter(({ resources: all }) =>
      (all as string[]).includes('*'),
    );
    expect(resources.map(({ sid }) => sid)).toEqual(['ComprehendMedical', 'StartJobs']);
  });
});

test('The rules for the managed Prometheus are there, and use metrics that operations.md knows.', () => {
  const module = readFileSync(join(terraformFolder, 'modules/observability/prometheus.tf'), 'utf8');
  const file = /file\("\$\{path\.module\}\/([^"]+)"\)/.exec(module)?.[1] ?? '';
  const rules = readFileSync(join(terraformFolder, 'modules/observability', file), 'utf8');
  const page = readFileSync(join(root, 'fhir-server/docs/operations.md'), 'utf8');
  const metrics = [...rules.matchAll(/\b((?:fhir|nodejs|bot|ai|process)_\w+)/g)].map(([, name = '']) => name);
  expect(metrics.length).toBeGreaterThanOrEqual(20);
  const known = new Set(
    [...page.matchAll(/`((?:fhir|nodejs|bot|ai|process)_\w+)/g)].map(([, name = '']) => name),
  );
  expect(metrics.filter((name) => !known.has(name.replace(/_(bucket|count)$/, '')))).toEqual([]);
});

test('Each folder of terraform is in its README.', () => {
  const readme = readFileSync(join(terraformFolder, 'README.md'), 'utf8');
  expect(
    configurations.map(({ folder }) => folder).filter((folder) => !readme.includes(`\`${folder}`)),
  ).toEqual([]);
  expect(existsSync(join(terraformFolder, 'environments/production/terraform.tfvars.example'))).toBe(true);
});
