/** What is mutated: the official examples of R4, and what a running server says of itself. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { CapabilityStatement, Resource } from '@medplum/fhirtypes';
import { root } from '../pinned-node.ts';

/** Larger examples take their time to be mutated and sent, and hold nothing else. */
const BYTES_MAX = 60_000;

export type Example = Resource & { readonly id: string };

export interface Corpus {
  readonly examples: readonly Example[];
  readonly types: readonly string[];
  /** `Type` → codes of its search parameters. */
  readonly parameters: ReadonlyMap<string, readonly string[]>;
  /** With the dollar sign. */
  readonly operations: readonly string[];
}

export function readCorpus(metadata: CapabilityStatement): Corpus {
  const fromServer = createRequire(join(root, 'fhir-server', 'package.json'));
  const folder = dirname(fromServer.resolve('hl7.fhir.r4.examples/package.json'));
  const examples = readdirSync(folder)
    .filter((name) => /^[A-Z].*\.json$/.test(name))
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).size < BYTES_MAX)
    .map((path) => JSON.parse(readFileSync(path, 'utf8')) as Example);
  const { resource: resources = [], operation: operations = [], searchParam: common = [] } = metadata.rest?.[0] ?? {}; // prettier-ignore
  const namesOf = (list: readonly { readonly name?: string }[]): string[] => list.map(({ name = '' }) => name); // prettier-ignore
  return {
    examples,
    types: resources.map(({ type = '' }) => type),
    parameters: new Map(
      resources.map(({ type = '', searchParam = [] }) => [type, [...namesOf(searchParam), ...namesOf(common), '_id']]), // prettier-ignore
    ),
    operations: [
      ...new Set([...namesOf(operations), ...resources.flatMap((r) => namesOf(r.operation ?? []))]),
    ].map((name) => `$${name.replace(/^\$/, '')}`),
  };
}
