/** The rules of the Dockerfile and of docker-compose.yml: ours keep them, and broken ones are told. `npm run containers` goes on from there. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { command, allInstructions, parseStages, properties } from '../containers/dockerfile.ts';
import { readIgnored } from '../containers/ignored.ts';
import { composeFaults, imageFaults, type Compose } from '../containers/policy.ts';
import { root } from '../pinned-node.ts';
import { API_NODE_ARGS, apiRuntime } from '../server-runtime.ts';

const read = (file: string): string => readFileSync(join(root, file), 'utf8');
const targets = ['migrate', 'api', 'worker', 'bots'];
const dockerfile = read('Dockerfile');
const composeText = read('docker-compose.yml');
const { devDependencies } = JSON.parse(read('package.json')) as { devDependencies: { node: string } };
const isIgnored = readIgnored(read('.dockerignore'));

const faultsOf = (text: string): string[] =>
  imageFaults({ dockerfile: text, targets, root, isIgnored, nodeVersion: devDependencies.node });

const composeFaultsOf = (text: string): string[] =>
  composeFaults(parse(text, { merge: true }) as Compose, targets);

describe('The Dockerfile', () => {
  test('keeps the rules.', () => {
    expect(faultsOf(dockerfile)).toEqual([]);
  });

  test.each([
    ['FROM node:24.21.0-bookworm-slim', 'FROM node:latest', 'base: node:latest is no exact version'],
    ['FROM node:24.21.0-bookworm-slim', 'FROM node:22.1.0-slim', 'base: node:22.1.0-slim is not the Node'],
    ['USER 1000:1000', 'USER root', 'api: runs as root, which is no number above 0'],
    ['USER 1000:1000', 'USER node', 'bots: runs as node, which is no number above 0'],
    ['HEALTHCHECK NONE', '', 'migrate: has no HEALTHCHECK'],
    ['COPY ai-bots ai-bots', 'COPY bots ai-bots', 'bots: bots is not in the repository'],
    [
      'COPY fhir-server/src',
      'COPY fhir-server/test',
      'server-code: .dockerignore leaves fhir-server/test out',
    ],
    ['COPY --from=apps', 'COPY --from=bots', 'api: there is no stage bots before it'],
    ['COPY tsconfig.base.json ./', 'COPI tsconfig.base.json ./', 'Unknown instruction: COPI'],
    ['CMD ["node", "scripts/migrate.ts"]', 'CMD node scripts/migrate.ts', 'migrate: has no CMD as an array'],
  ])('that has not %j but %j is refused.', (ours, other, fault) => {
    expect(dockerfile).toContain(ours);
    expect(faultsOf(dockerfile.replaceAll(ours, other))).toContainEqual(expect.stringContaining(fault));
  });

  test('starts the api with the arguments of `npm start`.', () => {
    const { NODE_OPTIONS = '' } = apiRuntime('');
    const [ofOptions = ''] = NODE_OPTIONS.split(' ');
    const started = command(allInstructions(parseStages(dockerfile), 'api'), 'CMD');
    expect(started).toEqual(['node', ofOptions, ...API_NODE_ARGS, 'fhir-server/src/api.ts']);
  });

  test('sets nothing that fhir-server/docs/configuration.md does not know.', () => {
    const page = read('fhir-server/docs/configuration.md');
    const stages = parseStages(dockerfile);
    const names = targets.flatMap((target) =>
      Object.keys(properties(allInstructions(stages, target), 'ENV')),
    );
    expect(names.filter((name) => name !== 'NODE_ENV' && !page.includes(`\`${name}\``))).toEqual([]);
  });
});

describe('.dockerignore', () => {
  test.each([
    '.git/config',
    'node_modules/pg/index.js',
    'smart-apps/ui/node_modules/x',
    '.env',
    'secrets/key.json',
    'fhir-server/test/tidy.test.ts',
  ])('leaves %s out.', (path) => {
    expect(isIgnored(path)).toBe(true);
  });

  test.each(['package-lock.json', '.npmrc', 'fhir-server/src/api.ts', 'ai-bots/model/clinical.json'])(
    'lets %s in.',
    (path) => {
      expect(isIgnored(path)).toBe(false);
    },
  );
});

describe('docker-compose.yml', () => {
  test('keeps the rules.', () => {
    expect(composeFaultsOf(composeText)).toEqual([]);
  });

  test.each([
    ['read_only: true', 'read_only: false', 'service api: its file system can be written'],
    ['cap_drop: [ALL]', 'cap_drop: []', 'service bots: has capabilities'],
    ['no-new-privileges:true', 'no-new-privileges:false', 'service worker: may gain privileges'],
    [
      'image: postgres:18.4',
      'image: postgres:latest',
      'service postgres: postgres:latest is no exact version',
    ],
    ['target: bots', 'target: bot', 'docker-compose.yml builds no bots'],
    [
      'restart: unless-stopped',
      'restarts: always',
      'docker-compose.yml/services/api must NOT have additional properties',
    ],
    ['condition: service_healthy', 'condition: healthy', 'must be equal to one of the allowed values'],
  ])('that has not %j but %j is refused.', (ours, other, fault) => {
    expect(composeText).toContain(ours);
    expect(composeFaultsOf(composeText.replaceAll(ours, other))).toContainEqual(
      expect.stringContaining(fault),
    );
  });

  test('sets nothing that fhir-server/docs/configuration.md does not know.', () => {
    const page = read('fhir-server/docs/configuration.md');
    const { services } = parse(composeText, { merge: true }) as Compose;
    const names = targets.flatMap((target) => Object.keys(services[target]?.environment ?? {}));
    expect(names.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
  });
});
