/** The official examples of R4, as npm `hl7.fhir.r4.examples` has them. */
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

export const exampleFolder = dirname(
  createRequire(import.meta.url).resolve('hl7.fhir.r4.examples/package.json'),
);

/** Names of the files without `.json`. */
export const exampleNames = (): string[] =>
  readdirSync(exampleFolder)
    .filter((name) => /^[A-Za-z].*\.json$/.test(name) && name !== 'package.json')
    .map((name) => name.slice(0, -'.json'.length));

export const readExample = (name: string): { resourceType: string } & Record<string, unknown> =>
  JSON.parse(readFileSync(join(exampleFolder, `${name}.json`), 'utf8')) as { resourceType: string };
