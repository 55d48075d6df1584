/** The manifests of k8s/: what kubectl makes of each overlay fits the schemas of Kubernetes, our rules and our own settings. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import { loadConfig as loadBotsConfig } from '../../ai-bots/runtime/config.ts';
import { loadConfig } from '../../fhir-server/src/platform/config.ts';
import { testWith } from '../../fhir-server/test/support/requirement.ts';
import { makeDevelopmentSecrets } from '../kubernetes-secrets.ts';
import { root } from '../pinned-node.ts';
import { buildOverlay, kubectl, workloads, type KubernetesObject } from './support/kubernetes.ts';
import * as policy from './support/kubernetes-policy.ts';
import { schemaFaults, unknownFields } from './support/kubernetes-schema.ts';
import {
  environmentOf,
  noSecretInTheOpen,
  secretFilesThere,
  volumesThere,
} from './support/kubernetes-settings.ts';

const overlays = ['development', 'staging', 'production'] as const;
type Overlay = (typeof overlays)[number];

let folder: string;
const built = new Map<Overlay, KubernetesObject[]>();

/** Of a copy, so that the secrets of whoever develops here stay as they are. */
function build(overlay: Overlay): KubernetesObject[] {
  const objects = built.get(overlay) ?? buildOverlay(join(folder, 'overlays', overlay));
  built.set(overlay, objects);
  return structuredClone(objects);
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'dr-assistant-k8s-'));
  cpSync(join(root, 'k8s'), folder, { recursive: true, filter: (path) => !path.endsWith('/secrets') });
  await makeDevelopmentSecrets(join(folder, 'overlays/development/secrets'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const withKubectl = testWith(kubectl());
const rules: Readonly<Record<string, policy.Rule>> = {
  'Nothing runs as root, can write to its file system, gain privileges or talk to Kubernetes.':
    policy.confined,
  'Each process has an account without a token.': policy.accounts,
  'Each image has a version.': policy.exactImages,
  'Each container has requests and limits.': policy.limited,
  'Each process is asked whether it lives and whether it is ready, at an address that it has.': policy.probed,
  'Selectors, disruption budgets and autoscalers are about their own workload.': policy.selected,
  'No workload takes another one’s pods.': policy.apart,
  'Each Service leads to one workload, at a port that it has.': policy.served,
  'Nothing speaks with anything but as a policy says, and only at ports where somebody listens.':
    policy.fenced,
  'Whoever is given the address of a service reaches it.': policy.reaching,
  'The secrets and volumes that are mounted are there.': volumesThere,
  'The files that settings name are there.': secretFilesThere,
  'No secret stands in an environment.': noSecretInTheOpen,
};

describe.each(overlays)('The overlay %s', (overlay) => {
  withKubectl('is of objects that fit their schemas.', async () => {
    expect(await schemaFaults(build(overlay))).toEqual([]);
  });

  withKubectl('has no field that Kubernetes does not know.', () => {
    expect(unknownFields(build(overlay))).toEqual([]);
  });

  for (const [title, rule] of Object.entries(rules))
    withKubectl(title, () => {
      expect(rule(build(overlay))).toEqual([]);
    });

  withKubectl('gives api, worker and bots settings that they accept, and that are documented.', () => {
    const objects = build(overlay);
    const page = readFileSync(join(root, 'fhir-server/docs/configuration.md'), 'utf8');
    const ours = workloads(objects).filter(({ labels }) =>
      ['api', 'worker', 'bots', 'migrate'].includes(labels['app.kubernetes.io/component'] ?? ''),
    );
    for (const workload of ours) {
      const environment = environmentOf(objects, workload);
      const unknown = Object.keys(environment).filter((name) => !page.includes(`\`${name}\``));
      expect([workload.name, unknown]).toEqual([workload.name, []]);
      const isSecretFile = ([name]: [string, string]): boolean => name.endsWith('_FILE');
      const plain = Object.fromEntries(Object.entries(environment).filter((entry) => !isSecretFile(entry)));
      const secret = 'x'.repeat(32);
      if (workload.name === 'bots') {
        expect(loadBotsConfig({ ...plain, BOT_SUBSCRIPTION_SECRET: secret }).fhirBase).toBe(
          plain['FHIR_BASE_URL'],
        );
      } else if (workload.name !== 'migrate') {
        const config = loadConfig({ ...plain, DATABASE_URL: 'postgres://db/db', COOKIE_SECRET: secret });
        expect(config.baseUrl).toBe(plain['BASE_URL']);
        expect(config.dataDir).toBe('/data');
      }
    }
  });

  withKubectl('waits longer for a process to end than the process takes at most.', () => {
    const objects = build(overlay);
    const drains: Readonly<Record<string, readonly string[]>> = {
      api: ['DRAIN_DELAY_MS', 'DRAIN_MS'],
      worker: ['WORKER_DRAIN_MS'],
      bots: ['BOT_DRAIN_MS'],
    };
    const ours = workloads(objects).filter(
      ({ labels }) => (labels['app.kubernetes.io/component'] ?? '') in drains,
    );
    expect(ours.length).toBeGreaterThan(2);
    for (const workload of ours) {
      const environment = environmentOf(objects, workload);
      const names = drains[workload.labels['app.kubernetes.io/component'] ?? ''] ?? [];
      const drainMs = names.reduce((sum, name) => sum + Number(environment[name]), 0);
      const graceMs = (workload.pod.terminationGracePeriodSeconds ?? 30) * 1_000;
      // Some for what is closed afterwards.
      expect([workload.name, graceMs >= drainMs + 10_000]).toEqual([workload.name, true]);
    }
  });

  withKubectl('has one address for all: of the server, of the Ingress, and for the bots.', () => {
    const objects = build(overlay);
    const settings = Object.assign({}, ...objects.map(({ data = {} }) => data)) as Record<string, string>;
    expect(settings['FHIR_BASE_URL']).toBe(`${settings['BASE_URL']}/fhir/R4`);
    expect(settings['EGRESS_ALLOWED_ORIGINS']).toBe(settings['BOT_PUBLIC_URL']);
    const hosts = objects
      .filter(({ kind }) => kind === 'Ingress')
      .flatMap(({ spec }) => [
        ...(spec?.['rules'] as { host: string }[]).map(({ host }) => host),
        ...(spec?.['tls'] as { hosts: string[] }[]).flatMap((tls) => tls.hosts),
      ]);
    const expected = overlay === 'development' ? [] : Array(2).fill(new URL(settings['BASE_URL'] ?? '').host);
    expect(hosts).toEqual(expected);
  });
});

describe('Production', () => {
  withKubectl(
    'sends traces to a collector with the component `traced`, and keeps the rules with it.',
    async () => {
      const file = join(folder, 'overlays/production/kustomization.yaml');
      const without = readFileSync(file, 'utf8');
      const components = 'components:\n';
      expect(without).toContain(components);
      writeFileSync(file, without.replace(components, `${components}  - ../../components/traced\n`));
      try {
        const objects = buildOverlay(join(folder, 'overlays/production'));
        expect([
          ...(await schemaFaults(objects)),
          ...unknownFields(objects),
          ...policy.fenced(objects),
        ]).toEqual([]);
        const ours = workloads(objects).filter(({ name }) => name !== 'migrate');
        expect(ours.length).toBeGreaterThanOrEqual(4);
        for (const workload of ours)
          expect(environmentOf(objects, workload)['OTEL_EXPORTER_OTLP_ENDPOINT']).toMatch(/:4318$/);
      } finally {
        writeFileSync(file, without);
      }
    },
  );

  withKubectl(
    'has copies of api of both colours, and as many connections to PostgreSQL as README.md says.',
    () => {
      const objects = build('production');
      const most = (name: string): number =>
        (objects.find(({ kind, metadata }) => kind === 'HorizontalPodAutoscaler' && metadata.name === name)
          ?.spec?.['maxReplicas'] as number | undefined) ?? 0;
      // Connections of each, by fhir-server/docs/operations.md; one more copy of each while versions change.
      const needed = (most('api-blue') + most('api-green') + 2) * 19 + (most('worker') + 1) * 15 + 2;
      const readme = readFileSync(join(root, 'k8s/README.md'), 'utf8');
      expect(readme).toContain(`\`max_connections\` of at least ${needed}`);
    },
  );

  withKubectl('keeps content in a bucket, with a role for api and for worker.', () => {
    const objects = build('production');
    const settings = objects.find(
      ({ kind, data }) => kind === 'ConfigMap' && data?.['S3_BUCKET'] !== undefined,
    );
    expect(settings?.data).toMatchObject({ S3_PREFIX: 'content', S3_REGION: 'eu-central-1' });
    const roles = objects
      .filter(({ kind, metadata }) => kind === 'ServiceAccount' && metadata.annotations !== undefined)
      .map(({ metadata }) => [metadata.name, metadata.annotations?.['eks.amazonaws.com/role-arn']]);
    expect(roles).toEqual(
      ['api', 'worker'].map((name) => [
        name,
        `arn:aws:iam::111122223333:role/dr-assistant-production-${name}`,
      ]),
    );
  });

  withKubectl('keeps content on a volume that every node mounts, as long as it is in files.', () => {
    const claim = build('production').find(({ kind }) => kind === 'PersistentVolumeClaim');
    expect(claim?.spec?.['accessModes']).toEqual(['ReadWriteMany']);
  });
});

describe('With the component read-replica', () => {
  withKubectl(
    'api and worker read the URL of the replica from the store of secrets, and nothing else changes.',
    async () => {
      const overlay = join(folder, 'overlays/replicated');
      mkdirSync(overlay);
      writeFileSync(
        join(overlay, 'kustomization.yaml'),
        `apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namespace: dr-assistant-production
resources: [../production]
components: [../../components/read-replica]
`,
      );
      const objects = buildOverlay(overlay);
      expect(await schemaFaults(objects)).toEqual([]);
      for (const rule of Object.values(rules)) expect(rule(objects)).toEqual([]);
      const readers = workloads(objects).filter(
        (workload) => 'DATABASE_REPLICA_URL_FILE' in environmentOf(objects, workload),
      );
      expect(readers.map(({ name }) => name).toSorted()).toEqual(['api-blue', 'api-green', 'worker']);
      expect(objects).toHaveLength(build('production').length);
    },
  );
});

/** One of the objects, to be spoiled. */
function spoil(kind: string, name: string, change: (spec: Spoiled) => void): KubernetesObject[] {
  const objects = build('production');
  const found = objects.find((object) => object.kind === kind && object.metadata.name === name);
  if (found === undefined) throw new Error(`There is no ${kind} ${name}.`);
  change(found as unknown as Spoiled);
  return objects;
}

/** What the spoilers below reach for. */
interface Spoiled {
  metadata: { name: string };
  spec: {
    selector: { matchLabels: Record<string, string>; 'dr-assistant/color'?: string };
    scaleTargetRef: { name: string };
    podSelector: { matchLabels: Record<string, string> };
    ingress: { ports: { port: number }[]; from: object[] }[];
    target: { name: string };
    data: { secretKey: string }[];
    template: {
      metadata: { labels: Record<string, string> };
      spec: {
        serviceAccountName: string;
        securityContext: { runAsNonRoot: boolean };
        containers: [
          {
            image: string;
            env: object[];
            resources: { limits?: object };
            readinessProbe: { httpGet: { path: string } };
          },
        ];
      };
    };
  };
}

/** Each rule with what breaks it, so that we know that it can fail. */
const spoilt: readonly (readonly [string, policy.Rule, string, string, (object: Spoiled) => void])[] = [
  ['worker may run as root', policy.confined, 'Deployment', 'worker', ({ spec }) => (spec.template.spec.securityContext.runAsNonRoot = false)],
  ['bots has no account of its own', policy.accounts, 'Deployment', 'bots', ({ spec }) => (spec.template.spec.serviceAccountName = 'default')],
  ['api-blue runs api:latest, of no version', policy.exactImages, 'Deployment', 'api-blue', ({ spec }) => (spec.template.spec.containers[0].image = 'api:latest')],
  ['migrate has no limit of cpu', policy.limited, 'Job', 'migrate', ({ spec }) => delete spec.template.spec.containers[0].resources.limits],
  ['bots: readinessProbe asks at /health', policy.probed, 'Deployment', 'bots', ({ spec }) => (spec.template.spec.containers[0].readinessProbe.httpGet.path = '/health')],
  ['worker has 0 disruption budgets', policy.selected, 'PodDisruptionBudget', 'worker', ({ spec }) => (spec.selector.matchLabels = { app: 'worker' })],
  ['bots has 0 autoscalers', policy.selected, 'HorizontalPodAutoscaler', 'bots', ({ spec }) => (spec.scaleTargetRef.name = 'bot')],
  ['api-green takes the pods of api-blue for its own', policy.apart, 'Deployment', 'api-green', ({ spec }) => delete spec.selector.matchLabels['dr-assistant/color']],
  ['the service api leads to 2 workloads', policy.served, 'Service', 'api', ({ spec }) => delete spec.selector['dr-assistant/color']],
  ['no policy is about migrate', policy.fenced, 'Job', 'migrate', ({ spec }) => (spec.template.metadata.labels = { app: 'x' })],
  ['what no policy names may speak', policy.fenced, 'NetworkPolicy', 'deny', ({ spec }) => (spec.podSelector.matchLabels = { app: 'x' })],
  ['the policy worker leaves open with whom, or at which port', policy.fenced, 'NetworkPolicy', 'worker', ({ spec }) => (spec.ingress[0]!.from = [])],
  ['worker is reached at 9999, where it does not listen', policy.fenced, 'NetworkPolicy', 'worker', ({ spec }) => (spec.ingress[0]!.ports[0]!.port = 9999)],
  ['worker does not reach redis', policy.reaching, 'NetworkPolicy', 'redis', ({ spec }) => (spec.podSelector.matchLabels = { app: 'api' })],
  ['api-blue does not reach what gives it its role', policy.reaching, 'NetworkPolicy', 'aws-endpoints', ({ spec }) => (spec.podSelector.matchLabels = { app: 'x' })],
  ['worker mounts no secret redis', volumesThere, 'ExternalSecret', 'redis', ({ spec }) => (spec.target.name = 'valkey')],
  ['migrate: DATABASE_URL_FILE names /run/secrets/database/DATABASE_URL, which is not there', secretFilesThere, 'ExternalSecret', 'database', ({ spec }) => (spec.data[0]!.secretKey = 'url')],
  ['migrate: DATABASE_URL stands in the environment', noSecretInTheOpen, 'Job', 'migrate', ({ spec }) => spec.template.spec.containers[0].env.push({ name: 'DATABASE_URL', value: 'x' })],
]; // prettier-ignore

describe('The rules tell', () => {
  for (const [fault, rule, kind, name, change] of spoilt)
    withKubectl(`“${fault}”.`, () => {
      expect(rule(spoil(kind, name, change))).toContain(fault);
    });

  const ofApi = (fields: object): KubernetesObject[] =>
    spoil('Deployment', 'api-blue', ({ spec }) => Object.assign(spec, fields));

  withKubectl('what is against a schema.', async () => {
    const fault = expect.stringMatching(/Deployment api-blue.*replicas/);
    expect(await schemaFaults(ofApi({ replicas: 'two' }))).toEqual([fault]);
  });

  withKubectl('which field there is not.', () => {
    const fault = expect.stringMatching(/Deployment api-blue.*"replica"' does not exist/);
    expect(unknownFields(ofApi({ replica: 2 }))).toEqual([fault]);
  });
});
