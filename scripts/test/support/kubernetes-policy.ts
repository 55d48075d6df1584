/** What must hold of manifests, as sentences about what does not. */
import {
  selects,
  workloads,
  type Container,
  type KubernetesObject,
  type Selector,
  type Workload,
} from './kubernetes.ts';

export type Rule = (objects: readonly KubernetesObject[]) => string[];

const ours = ['api', 'worker', 'bots'];

const isOurs = ({ kind, labels }: Workload): boolean =>
  kind === 'Deployment' && ours.includes(labels['app.kubernetes.io/component'] ?? '');

const ofKind = (objects: readonly KubernetesObject[], kind: string): KubernetesObject[] =>
  objects.filter((object) => object.kind === kind);

const unless = (holds: boolean, fault: string): string[] => (holds ? [] : [fault]);

/** https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted, and a file system that cannot be written. */
export const confined: Rule = (objects) =>
  workloads(objects).flatMap(({ name, pod }) => {
    const { securityContext: context = {}, containers } = pod;
    return [
      ...unless(context.runAsNonRoot === true && (context.runAsUser ?? 0) > 0, `${name} may run as root`),
      ...unless(context.seccompProfile?.type === 'RuntimeDefault', `${name} may use any system call`),
      ...unless(pod.automountServiceAccountToken === false, `${name} gets a token`),
      ...containers.flatMap(({ securityContext: own = {} }) => [
        ...unless(
          own.allowPrivilegeEscalation === false && own.privileged !== true,
          `${name} may gain privileges`,
        ),
        ...unless(own.readOnlyRootFilesystem === true, `${name} can write to its file system`),
        ...unless(
          own.capabilities?.drop?.includes('ALL') === true && own.capabilities.add === undefined,
          `${name} has capabilities`,
        ),
      ]),
    ];
  });

export const accounts: Rule = (objects) => [
  ...ofKind(objects, 'ServiceAccount').flatMap(({ metadata, automountServiceAccountToken }) =>
    unless(automountServiceAccountToken === false, `the account ${metadata.name} has a token`),
  ),
  ...workloads(objects)
    .filter((each) => isOurs(each) || each.kind === 'Job')
    .flatMap(({ name, pod: { serviceAccountName = 'default' } }) =>
      unless(
        ofKind(objects, 'ServiceAccount').some(({ metadata }) => metadata.name === serviceAccountName),
        `${name} has no account of its own`,
      ),
    ),
];

export const exactImages: Rule = (objects) =>
  workloads(objects).flatMap(({ name, pod }) =>
    pod.containers.flatMap(({ image }) =>
      unless(/:(?!latest$)[\w.-]+$|@sha256:/.test(image), `${name} runs ${image}, of no version`),
    ),
  );

export const limited: Rule = (objects) =>
  workloads(objects).flatMap(({ name, pod }) =>
    pod.containers.flatMap(({ resources: { requests = {}, limits = {} } = {} }) =>
      ['cpu', 'memory'].flatMap((what) => [
        ...unless(requests[what] !== undefined, `${name} requests no ${what}`),
        ...unless(limits[what] !== undefined, `${name} has no limit of ${what}`),
      ]),
    ),
  );

function probeFaults(name: string, container: Container): string[] {
  return (['startupProbe', 'readinessProbe', 'livenessProbe'] as const).flatMap((kind) => {
    const probe = container[kind];
    if (probe === undefined) return [`${name} has no ${kind}`];
    if (probe.httpGet === undefined) return [];
    const { path, port } = probe.httpGet;
    return [
      ...unless(
        path === (kind === 'readinessProbe' ? '/readyz' : '/livez'),
        `${name}: ${kind} asks at ${path}`,
      ),
      ...unless(
        container.ports?.some((each) => each.name === port) === true,
        `${name}: ${kind} asks at no port of it`,
      ),
    ];
  });
}

export const probed: Rule = (objects) =>
  workloads(objects)
    .filter(({ kind }) => kind !== 'Job')
    .flatMap(({ name, pod }) => pod.containers.flatMap((container) => probeFaults(name, container)));

/** Selectors of the workloads themselves, of their spread, and of their disruption. */
export const selected: Rule = (objects) => [
  ...workloads(objects).flatMap(({ name, labels, selector, pod }) => [
    ...unless(selector === undefined || selects(selector, labels), `${name} does not select its own pods`),
    ...(pod.topologySpreadConstraints ?? []).flatMap(({ labelSelector }) =>
      unless(selects(labelSelector, labels), `${name} spreads other pods than its own`),
    ),
  ]),
  ...workloads(objects)
    .filter(isOurs)
    .flatMap(({ name, labels, pod }) => {
      const budgets = ofKind(objects, 'PodDisruptionBudget').filter(({ spec }) =>
        selects(spec?.['selector'] as Selector, labels),
      );
      const scalers = ofKind(objects, 'HorizontalPodAutoscaler').filter(
        ({ spec }) => (spec?.['scaleTargetRef'] as { name: string }).name === name,
      );
      return [
        ...unless(budgets.length === 1, `${name} has ${budgets.length} disruption budgets`),
        ...unless(scalers.length === 1, `${name} has ${scalers.length} autoscalers`),
        ...unless((pod.topologySpreadConstraints ?? []).length > 0, `${name} is not spread`),
      ];
    }),
];

/** Two autoscalers, or two Deployments, that select the same pods fight over them. */
export const apart: Rule = (objects) =>
  workloads(objects).flatMap(({ name, selector }) => {
    const others = workloads(objects).filter((other) => other.name !== name);
    return others
      .filter(({ labels }) => selector !== undefined && selects(selector, labels))
      .map((other) => `${name} takes the pods of ${other.name} for its own`);
  });

export const served: Rule = (objects) =>
  ofKind(objects, 'Service').flatMap(({ metadata: { name }, spec = {} }) => {
    const matchLabels = spec['selector'] as Readonly<Record<string, string>>;
    const pods = workloads(objects).filter(({ labels }) => selects({ matchLabels }, labels));
    const ports = pods.flatMap(({ pod }) => pod.containers.flatMap((container) => container.ports ?? []));
    return [
      ...unless(pods.length === 1, `the service ${name} leads to ${pods.length} workloads`),
      ...(spec['ports'] as readonly { targetPort: string }[]).flatMap(({ targetPort }) =>
        unless(
          ports.some((port) => port.name === targetPort),
          `the service ${name} leads to no port ${targetPort}`,
        ),
      ),
    ];
  });

interface Policy {
  readonly podSelector: Selector;
  readonly policyTypes: readonly string[];
  readonly ingress?: readonly {
    readonly from?: readonly object[];
    readonly ports?: readonly { readonly port: number }[];
  }[];
  readonly egress?: readonly {
    readonly to?: readonly object[];
    readonly ports?: readonly { readonly port: number }[];
  }[];
}

/** Nothing unless it is said; for each workload something is said, and of its own ports only. */
export const fenced: Rule = (objects) => {
  const policies = ofKind(objects, 'NetworkPolicy').map(({ metadata, spec }) => ({
    name: metadata.name,
    ...(spec as unknown as Policy),
  }));
  const denies = policies.some(
    ({ podSelector, policyTypes, ingress, egress }) =>
      Object.keys(podSelector).length === 0 &&
      ingress === undefined &&
      egress === undefined &&
      policyTypes.length === 2,
  );
  const open = policies.flatMap(({ name, ingress = [], egress = [] }) =>
    [
      ...ingress.filter((rule) => (rule.from ?? []).length === 0 || (rule.ports ?? []).length === 0),
      ...egress.filter((rule) => (rule.to ?? []).length === 0 || (rule.ports ?? []).length === 0),
    ].map(() => `the policy ${name} leaves open with whom, or at which port`),
  );
  return [
    ...unless(denies, 'what no policy names may speak'),
    ...open,
    ...workloads(objects).flatMap((workload) => {
      const { name, labels, pod } = workload;
      const mine = policies.filter(({ podSelector }) => selects(podSelector, labels));
      const listens = pod.containers.flatMap(({ ports = [] }) => ports.map((port) => port.containerPort));
      const named = mine.filter(
        ({ podSelector }) => 'matchLabels' in podSelector || 'matchExpressions' in podSelector,
      );
      const asked = mine.flatMap(({ ingress = [] }) => ingress.flatMap(({ ports = [] }) => ports));
      return [
        ...unless(
          named.some((policy) => policy.name !== 'names'),
          `no policy is about ${name}`,
        ),
        ...asked.flatMap(({ port }) =>
          unless(listens.includes(port), `${name} is reached at ${port}, where it does not listen`),
        ),
      ];
    }),
  ];
};

/** Ports of what the secrets lead to, by their names; STS is asked by whoever has a role of AWS. */
const PORTS: Readonly<Record<string, number>> = { database: 5432, redis: 6379 };

/** Whoever is given the address of a service may speak with it, inside a network whose other addresses are closed. */
export const reaching: Rule = (objects) => {
  const policies = ofKind(objects, 'NetworkPolicy').map(({ spec }) => spec as unknown as Policy);
  const roles = ofKind(objects, 'ServiceAccount').flatMap(({ metadata }) =>
    metadata.annotations?.['eks.amazonaws.com/role-arn'] === undefined ? [] : [metadata.name],
  );
  return workloads(objects).flatMap(({ name, labels, pod: { volumes = [], serviceAccountName = '' } }) => {
    const rules = policies
      .filter(({ podSelector }) => selects(podSelector, labels))
      .flatMap(({ egress = [] }) => egress);
    const isLetTo = (port: number): boolean =>
      rules.some(
        ({ to = [], ports = [] }) => !to.some(isOfTheWorld) && ports.some((each) => each.port === port),
      );
    const services = Object.entries(PORTS).filter(([service]) =>
      volumes.some(({ secret }) => secret?.secretName === service),
    );
    return [
      ...services.flatMap(([service, port]) => unless(isLetTo(port), `${name} does not reach ${service}`)),
      ...unless(
        !roles.includes(serviceAccountName) || isLetTo(443),
        `${name} does not reach what gives it its role`,
      ),
    ];
  });
};

/** Its private addresses are left out. */
const isOfTheWorld = (peer: object): boolean =>
  'ipBlock' in peer && (peer.ipBlock as { readonly cidr: string }).cidr === '0.0.0.0/0';
