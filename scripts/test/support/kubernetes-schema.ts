/** Kubernetes' own schemas and types, from npm `kubernetes-models`, against manifests. */
import { join } from 'node:path';
import ts from 'typescript';
import { root } from '../../pinned-node.ts';
import type { KubernetesObject } from './kubernetes.ts';

/** Where the model of each kind that we use is. A kind without a model is a fault. */
const models: Readonly<Record<string, string>> = {
  'v1 Namespace': 'kubernetes-models/v1',
  'v1 ServiceAccount': 'kubernetes-models/v1',
  'v1 ConfigMap': 'kubernetes-models/v1',
  'v1 Secret': 'kubernetes-models/v1',
  'v1 Service': 'kubernetes-models/v1',
  'v1 PersistentVolumeClaim': 'kubernetes-models/v1',
  'apps/v1 Deployment': 'kubernetes-models/apps/v1',
  'apps/v1 StatefulSet': 'kubernetes-models/apps/v1',
  'batch/v1 Job': 'kubernetes-models/batch/v1',
  'policy/v1 PodDisruptionBudget': 'kubernetes-models/policy/v1',
  'autoscaling/v2 HorizontalPodAutoscaler': 'kubernetes-models/autoscaling/v2',
  'networking.k8s.io/v1 Ingress': 'kubernetes-models/networking.k8s.io/v1',
  'networking.k8s.io/v1 NetworkPolicy': 'kubernetes-models/networking.k8s.io/v1',
  'external-secrets.io/v1 ExternalSecret': '@kubernetes-models/external-secrets/external-secrets.io/v1',
};

type Model = new (object: KubernetesObject) => { validate(): void };

const nameOf = ({ kind, metadata }: KubernetesObject): string => `${kind} ${metadata.name}`;

const moduleOf = ({ apiVersion, kind }: KubernetesObject): string | undefined =>
  models[`${apiVersion} ${kind}`];

/** Kustomize breaks long base64 into lines, which Kubernetes takes, and the schema's format does not. */
const withoutBreaks = (object: KubernetesObject): KubernetesObject =>
  object.kind === 'Secret'
    ? {
        ...object,
        data: Object.fromEntries(
          Object.entries(object.data ?? {}).map(([k, v]) => [k, v.replace(/\s/g, '')]),
        ),
      }
    : object;

export async function schemaFaults(objects: readonly KubernetesObject[]): Promise<string[]> {
  const faults: string[] = [];
  for (const object of objects) {
    const found = moduleOf(object);
    if (found === undefined) {
      faults.push(`${nameOf(object)}: there is no schema for ${object.apiVersion}`);
      continue;
    }
    const { [object.kind]: Kind } = (await import(found)) as Record<string, Model>;
    if (Kind === undefined) throw new Error(`${found} has no ${object.kind}.`);
    try {
      new Kind(withoutBreaks(object)).validate();
    } catch (error) {
      faults.push(`${nameOf(object)}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return faults;
}

/** The schemas let unknown fields pass, as misspelt ones are; the types do not, for what is written out where its type is known. */
export function unknownFields(objects: readonly KubernetesObject[]): string[] {
  const known = objects.filter((object) => moduleOf(object) !== undefined);
  const lines = known.map((object, index) => {
    const type = `import(${JSON.stringify(moduleOf(object))}).I${object.kind}`;
    return `export const object${index}: ${type} = ${JSON.stringify(object)};`;
  });
  const file = join(root, 'scripts', 'manifests.ts');
  const options: ts.CompilerOptions = {
    noEmit: true,
    strict: true,
    skipLibCheck: true,
    types: [],
    target: ts.ScriptTarget.ES2024,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
  };
  const host = ts.createCompilerHost(options);
  const readSource = host.getSourceFile.bind(host);
  host.getSourceFile = (name, ...rest) =>
    name === file
      ? ts.createSourceFile(file, lines.join('\n'), ts.ScriptTarget.ES2024)
      : readSource(name, ...rest);
  const program = ts.createProgram([file], options, host);
  return program.getSemanticDiagnostics(program.getSourceFile(file)).map(({ messageText, start = 0 }) => {
    const line = lines.join('\n').slice(0, start).split('\n').length - 1;
    const object = known[line];
    return `${object === undefined ? '' : nameOf(object)}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
  });
}
