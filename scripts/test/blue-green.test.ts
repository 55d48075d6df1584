/** k8s/blue-green.sh with a stand-in for kubectl, which builds overlays with the real one and keeps what a cluster would. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, expect } from '@jest/globals';
import { testWith } from '../../fhir-server/test/support/requirement.ts';
import { pinnedNode, root } from '../pinned-node.ts';
import type { Cluster } from './fixture/stand-in-kubectl.ts';
import { kubectl } from './support/kubernetes.ts';

const real = kubectl();
const withKubectl = testWith(real);
const registry = 'registry.clinic.example/dr-assistant/api';

let folder: string;
let file: string;

const cluster = (): Cluster => JSON.parse(readFileSync(file, 'utf8')) as Cluster;
const keep = (state: Cluster): void => writeFileSync(file, JSON.stringify(state));

/** Green serves the version of the overlay, and blue is an older one without copies. */
const greenServes = (): Cluster => ({
  serving: 'green',
  images: { 'api-blue': `${registry}:0.0.9`, 'api-green': `${registry}:0.1.0` },
  replicas: { 'api-blue': 0, 'api-green': 4 },
  broken: [],
  calls: [],
});

const nothing = (): Cluster => ({ images: {}, replicas: {}, broken: [], calls: [] });

/** What it says, when it ends with the code. */
function run(command: string, code = 0): string {
  const script = join(folder, 'k8s/blue-green.sh');
  const env = { PATH: `${join(folder, 'bin')}${delimiter}${process.env['PATH'] ?? ''}` };
  const ended = spawnSync('bash', [script, ...command.split(' ')], { env, encoding: 'utf8' });
  const said = ended.stdout + ended.stderr;
  expect([ended.status, said]).toEqual([code, said]);
  return said;
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dr-assistant-blue-green-'));
  file = join(folder, 'cluster.json');
  cpSync(join(root, 'k8s'), join(folder, 'k8s'), {
    recursive: true,
    filter: (path) => !path.endsWith('/secrets'),
  });
  mkdirSync(join(folder, 'bin'));
  const standIn = join(root, 'scripts/test/fixture/stand-in-kubectl.ts');
  const lines = ['#!/bin/sh', `exec "${pinnedNode()}" "${standIn}" "${file}" "${real.path ?? ''}" "$@"`, ''];
  writeFileSync(join(folder, 'bin/kubectl'), lines.join('\n'), { mode: 0o755 });
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

withKubectl('The first time blue starts after the migration, and serves; green stops.', () => {
  keep(nothing());
  run('prepare production');
  expect(cluster()).toMatchObject({ serving: 'blue', replicas: { 'api-blue': 2, 'api-green': 0 } });
  expect(cluster().calls).toEqual([
    'apply !app.kubernetes.io/component',
    'delete job migrate',
    'apply app.kubernetes.io/component=migrate',
    'apply app.kubernetes.io/component in (api, worker, bots), !dr-assistant/switch',
    'scale api-blue 2',
    'scale api-green 0',
    'apply dr-assistant/switch',
  ]);
});

withKubectl(
  'A new version starts beside the one that serves, with as many copies, and serves only when told to.',
  () => {
    keep(greenServes());
    expect(run('prepare production')).toContain(`blue runs ${registry}:0.1.0`);
    expect(cluster()).toMatchObject({ serving: 'green', replicas: { 'api-blue': 4, 'api-green': 4 } });
    expect(cluster().calls).not.toContain('apply dr-assistant/switch');
    run('switch production');
    expect(cluster()).toMatchObject({ serving: 'blue', replicas: { 'api-green': 4 } });
    run('switch production');
    expect(cluster().serving).toBe('green');
    run('switch production');
    run('retire production');
    expect(cluster()).toMatchObject({ serving: 'blue', replicas: { 'api-blue': 4, 'api-green': 0 } });
    expect(run('status production')).toBe(
      `blue: ${registry}:0.1.0 × 4, serves\ngreen: ${registry}:0.1.0 × 0\n`,
    );
  },
);

withKubectl('An overlay that would change what serves is refused, and nothing is changed.', () => {
  const state = greenServes();
  keep({ ...state, images: { ...state.images, 'api-green': `${registry}:0.0.8` } });
  expect(run('prepare production', 1)).toContain('give the new version to blue');
  expect(cluster().calls).toEqual([]);
});

withKubectl('Without a migration that completes no process is touched.', () => {
  keep({ ...greenServes(), migrationFails: true });
  expect(run('prepare production', 1)).toContain('the migration has not completed');
  expect(cluster().calls.at(-1)).toBe('apply app.kubernetes.io/component=migrate');
});

withKubectl('What has no copies, or is not ready, does not get to serve.', () => {
  keep(greenServes());
  expect(run('switch production', 1)).toContain('blue has no copies');
  keep({ ...greenServes(), replicas: { 'api-blue': 4, 'api-green': 4 }, broken: ['api-blue'] });
  expect(run('switch production', 1)).toContain('blue is not ready, and green serves on');
  expect(cluster()).toMatchObject({ serving: 'green', calls: [] });
});

withKubectl('It says how it is used.', () => {
  keep(nothing());
  expect(run('deploy production', 2)).toContain('Usage:');
  expect(run('status development', 2)).toContain('Usage:');
});
