/** The workflows of GitHub: what actionlint says of them, and what each must keep to. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { root } from '../pinned-node.ts';
import { releaseNotes } from '../release-notes.ts';

interface Step {
  readonly id?: string;
  readonly name?: string;
  readonly if?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

interface Job {
  readonly needs?: string | readonly string[];
  readonly uses?: string;
  readonly environment?: string;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly 'timeout-minutes'?: number;
  readonly strategy?: { readonly matrix: { readonly target?: readonly string[] } };
  readonly steps?: readonly Step[];
}

interface Workflow {
  readonly permissions?: unknown;
  readonly jobs: Readonly<Record<string, Job>>;
}

const folder = join(root, '.github/workflows');
const names = readdirSync(folder);
const text = (name: string): string => readFileSync(join(folder, name), 'utf8');
const workflow = (name: string): Workflow => parse(text(name)) as Workflow;
const stepsOf = (name: string): readonly Step[] =>
  Object.values(workflow(name).jobs).flatMap(({ steps = [] }) => steps);
const IMAGES = ['migrate', 'api', 'worker', 'bots'];

describe('Each workflow', () => {
  test('has no fault that actionlint finds, which does find one in a workflow that is wrong.', () => {
    const files = names.map((name) => join(folder, name));
    const script = join(root, 'scripts/test/support/lint-workflows.ts');
    const { stdout, stderr } = spawnSync(process.execPath, [script, ...files], { encoding: 'utf8' });
    expect(stderr).toBe('');
    const [faults, ofWrong] = JSON.parse(stdout) as [{ kind: string; message: string }[], unknown[]];
    // It is older than this version of Ubuntu and than variables of environments.
    const known = faults.filter(({ kind, message }) => kind !== 'runner-label' && !message.startsWith('undefined variable "vars"')); // prettier-ignore
    expect(known).toEqual([]);
    expect(ofWrong).not.toEqual([]);
  });

  test.each(names)('%s may read the repository and, but for named jobs, no more; every action is of one commit.', (name) => {
    const { permissions, jobs } = workflow(name);
    expect(permissions).toEqual({ contents: 'read' });
    for (const [id, job] of Object.entries(jobs)) {
      if (job.uses === undefined) expect([id, job['timeout-minutes']]).toEqual([id, expect.any(Number)]);
      const writes = Object.entries(job.permissions ?? {}).filter(([, right]) => right === 'write');
      if (!['release.yml', 'deploy.yml', 'deploy-to.yml'].includes(name)) expect([id, writes]).toEqual([id, []]);
    }
    const used = [...text(name).matchAll(/uses: (\S+)(.*)/g)].filter(([, action]) => !action!.startsWith('./'));
    for (const [, action, comment] of used) {
      expect(action).toMatch(/@[0-9a-f]{40}$/);
      expect(comment).toMatch(/^ # v?\d+\.\d+\.\d+$/);
    }
    for (const { uses, with: given } of stepsOf(name))
      if (uses?.startsWith('actions/checkout@')) expect(given).toMatchObject({ 'persist-credentials': false });
  }); // prettier-ignore

  test('runs only what there is: scripts of the repository and of package.json, targets of the Dockerfile.', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> }; // prettier-ignore
    const runs = names.flatMap(stepsOf).map(({ run = '' }) => run);
    const programs = runs.flatMap((run) => [...run.matchAll(/(?:^|\s)((?:\.ci|k8s|scripts)\/[\w./-]+)/g)].map(([, path]) => path!)); // prettier-ignore
    expect(programs).toEqual(expect.arrayContaining(['.ci/run', 'k8s/blue-green.sh', 'k8s/check-served.sh']));
    for (const path of programs) expect([path, readFileSync(join(root, path.replace(/\/$/, '/staging/kustomization.yaml')), 'utf8') !== '']).toEqual([path, true]); // prettier-ignore
    for (const [, script] of runs.join('\n').matchAll(/npm run ([\w-]+)/g)) expect(Object.keys(scripts)).toContain(script); // prettier-ignore
    const dockerfile = readFileSync(join(root, 'Dockerfile'), 'utf8');
    for (const target of IMAGES) expect(dockerfile).toMatch(new RegExp(`^FROM \\S+ AS ${target}$`, 'm'));
    expect(workflow('scan.yml').jobs['image']?.strategy?.matrix.target).toEqual(IMAGES);
    expect(workflow('release.yml').jobs['images']?.strategy?.matrix.target).toEqual(IMAGES);
  });
});

describe('A release', () => {
  test('comes after the checks and scans; its images are signed by their digests.', () => {
    const { jobs } = workflow('release.yml');
    expect(jobs['images']?.needs).toEqual(['notes', 'ci', 'scan']);
    expect(jobs['publish']?.needs).toContain('images');
    const steps = jobs['images']?.steps ?? [];
    const built = steps.findIndex(({ id }) => id === 'build');
    const signed = steps.findIndex(({ run = '' }) => run.startsWith('cosign sign --yes "$IMAGE@$DIGEST"'));
    expect(steps[built]?.with).toMatchObject({ push: true, sbom: true, provenance: 'mode=max' });
    expect(signed).toBeGreaterThan(built);
  });

  test('has the part of the changelog, and is refused for a tag that the packages or the changelog do not have.', () => {
    const home = mkdtempSync(join(tmpdir(), 'dr-assistant-release-'));
    try {
      const write = (path: string, content: object | string): void =>
        writeFileSync(join(home, path), typeof content === 'string' ? content : JSON.stringify(content));
      mkdirSync(join(home, 'part'));
      write('package.json', { version: '1.2.3', workspaces: ['part'] });
      write('part/package.json', { version: '1.2.3' });
      write('CHANGELOG.md', '# Changelog\n\n## [Unreleased]\n\n- later\n\n## [1.2.3] - 2026-01-31\n\n- now\n\n## [1.2.2] - 2026-01-01\n\n- before\n'); // prettier-ignore
      expect(releaseNotes(home, 'v1.2.3')).toBe('- now\n');
      expect(() => releaseNotes(home, '1.2.3')).toThrow('1.2.3 is not a tag of a release');
      expect(() => releaseNotes(home, 'v1.2.2')).toThrow('package.json has version 1.2.3, not 1.2.2');
      write('part/package.json', { version: '1.2.2' });
      expect(() => releaseNotes(home, 'v1.2.3')).toThrow('part/package.json has version 1.2.2, not 1.2.3');
      write('part/package.json', { version: '1.2.3' });
      write('CHANGELOG.md', '# Changelog\n\n## [Unreleased]\n\n- now\n');
      expect(() => releaseNotes(home, 'v1.2.3')).toThrow('CHANGELOG.md has no part');
    } finally {
      rmSync(home, { recursive: true });
    }
  });
});

describe('A deployment', () => {
  test('verifies every image before it touches the cluster, switches only what answers, and goes back from what does not.', () => {
    const steps = stepsOf('deploy-to.yml');
    const at = (part: string): number => steps.findIndex(({ run = '', uses = '' }) => run.includes(part) || uses.includes(part)); // prettier-ignore
    const order = ['cosign verify', 'configure-aws-credentials', 'blue-green.sh prepare', 'check-idle.sh', 'blue-green.sh switch', 'check-served.sh'].map(at); // prettier-ignore
    expect(order).toEqual(order.toSorted((a, b) => a - b));
    expect(order).not.toContain(-1);
    expect(steps.at(-1)).toMatchObject({ if: "failure() && steps.switch.outcome == 'success'", run: 'k8s/blue-green.sh switch "$ENVIRONMENT"' }); // prettier-ignore
  });

  test('to production follows one to staging, and each asks for the approval of its environment.', () => {
    expect(workflow('deploy.yml').jobs['production']).toMatchObject({ needs: 'staging' });
    expect(workflow('deploy-to.yml').jobs['deploy']?.environment).toBe('${{ inputs.environment }}');
  });
});

describe('k8s/check-served.sh', () => {
  const answers = new Map<string, string>();
  const server = createServer(({ url = '' }, response) => {
    const answer = answers.get(url);
    response.writeHead(answer === undefined ? 404 : 200).end(answer);
  });
  let origin: string;
  const home = mkdtempSync(join(tmpdir(), 'dr-assistant-check-'));

  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    // The same without the pauses between attempts.
    cpSync(join(root, 'k8s/check-served.sh'), join(home, 'check.sh'));
    const script = readFileSync(join(home, 'check.sh'), 'utf8');
    writeFileSync(join(home, 'check.sh'), script.replace('--retry 5 ', '--retry 0 '));
  });
  afterAll(() => {
    server.close();
    rmSync(home, { recursive: true });
  });

  async function check(): Promise<{ status: number | null; text: string }> {
    const { spawn } = await import('node:child_process');
    const child = spawn('bash', [join(home, 'check.sh'), origin], { stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += String(chunk)));
    const status = await new Promise<number | null>((resolve) => child.on('close', resolve));
    return { status, text: said };
  }

  test('fails while a part of the server does not answer as it should, and says which.', async () => {
    expect(await check()).toMatchObject({ status: expect.any(Number) });
    answers.set('/readyz', 'ok').set('/fhir/R4/metadata', '<html>');
    expect(await check()).toMatchObject({ status: 1, text: expect.stringContaining('is no CapabilityStatement') }); // prettier-ignore
    answers.set('/fhir/R4/metadata', '{"resourceType":"CapabilityStatement"}');
    answers.set('/fhir/R4/.well-known/smart-configuration', '{}');
    expect(await check()).toMatchObject({ status: 1, text: expect.stringContaining('no configuration of SMART') }); // prettier-ignore
    answers.set('/fhir/R4/.well-known/smart-configuration', '{"token_endpoint":"x"}');
    expect(await check()).toEqual({ status: 0, text: `check-served: ${origin} answers\n` });
  });
});
