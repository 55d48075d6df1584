/** The manifests of an overlay, as kubectl builds them, and what is looked at in them. */
import { execFileSync } from 'node:child_process';
import { parseAllDocuments } from 'yaml';
import { program, type Requirement } from '../../../fhir-server/test/support/requirement.ts';

export type Labels = Readonly<Record<string, string>>;

export interface Selector {
  readonly matchLabels?: Labels;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values?: readonly string[];
  }[];
}

export interface Probe {
  readonly httpGet?: { readonly path: string; readonly port: string | number };
  readonly exec?: object;
  readonly tcpSocket?: object;
}

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
  readonly envFrom?: readonly { readonly configMapRef: { readonly name: string } }[];
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[];
  readonly startupProbe?: Probe;
  readonly readinessProbe?: Probe;
  readonly livenessProbe?: Probe;
  readonly resources?: { readonly requests?: Labels; readonly limits?: Labels };
  readonly securityContext?: {
    readonly allowPrivilegeEscalation?: boolean;
    readonly readOnlyRootFilesystem?: boolean;
    readonly privileged?: boolean;
    readonly capabilities?: { readonly drop?: readonly string[]; readonly add?: readonly string[] };
  };
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[];
}

export interface PodSpec {
  readonly terminationGracePeriodSeconds?: number;
  readonly serviceAccountName?: string;
  readonly automountServiceAccountToken?: boolean;
  readonly securityContext?: {
    readonly runAsNonRoot?: boolean;
    readonly runAsUser?: number;
    readonly seccompProfile?: { readonly type: string };
  };
  readonly topologySpreadConstraints?: readonly { readonly labelSelector: Selector }[];
  readonly containers: readonly Container[];
  readonly volumes?: readonly {
    readonly name: string;
    readonly secret?: { readonly secretName: string };
    readonly persistentVolumeClaim?: { readonly claimName: string };
  }[];
}

export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Labels;
    readonly annotations?: Labels;
  };
  readonly data?: Labels;
  readonly automountServiceAccountToken?: boolean;
  // Of any kind: those who look know which.
  readonly spec?: Readonly<Record<string, unknown>>;
}

/** Debian 12 has one of 2021 and npm none that is kept, so that its absence is declared: CI skips these tests without it. */
export function kubectl(): Requirement {
  const { path } = program('kubectl');
  const hint = 'kubectl with Kustomize 5 or newer on the PATH';
  return { path: path !== undefined && isRecent(path) ? path : undefined, hint, waived: true };
}

function isRecent(path: string): boolean {
  try {
    const answer = execFileSync(path, ['version', '--client', '--output', 'json'], {
      encoding: 'utf8',
      stdio: 'pipe',
    });
    const { kustomizeVersion = 'v0' } = JSON.parse(answer) as { kustomizeVersion?: string };
    return Number(/^v(\d+)/.exec(kustomizeVersion)?.[1]) >= 5;
  } catch {
    return false;
  }
}

/** Throws what kubectl says when the folder cannot be built. */
export function buildOverlay(folder: string): KubernetesObject[] {
  const text = execFileSync('kubectl', ['kustomize', folder], { encoding: 'utf8', stdio: 'pipe' });
  return parseAllDocuments(text).map((document) => document.toJS() as KubernetesObject);
}

export interface Workload {
  readonly kind: string;
  readonly name: string;
  readonly labels: Labels;
  readonly selector: Selector | undefined;
  readonly pod: PodSpec;
}

export function workloads(objects: readonly KubernetesObject[]): Workload[] {
  return objects
    .filter(({ kind }) => ['Deployment', 'StatefulSet', 'Job'].includes(kind))
    .map(({ kind, metadata, spec }) => {
      const { selector, template } = spec as unknown as {
        selector?: Selector;
        template: { metadata: { labels: Labels }; spec: PodSpec };
      };
      return { kind, name: metadata.name, labels: template.metadata.labels, selector, pod: template.spec };
    });
}

/** An empty selector selects everything. https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors */
export function selects({ matchLabels = {}, matchExpressions = [] }: Selector, labels: Labels): boolean {
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator, values = [] }) => {
      if (operator !== 'In') throw new Error(`an operator that is not looked at here: ${operator}`);
      return values.includes(labels[key] ?? '');
    })
  );
}
