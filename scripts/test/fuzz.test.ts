/** The fuzzer: what it calls a fault, and that it finds none. */
import { describe, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { judge } from '../fuzz/judge.ts';
import { pinnedNode, root } from '../pinned-node.ts';

const SEED = '20260101';
/** Long in CI only: there it has the machine for itself. */
const MINUTES = process.env['CI'] === undefined ? 0.2 : 2;

const outcome = (issue: object): string => JSON.stringify({ resourceType: 'OperationOutcome', issue: [issue] }); // prettier-ignore

describe('A fault', () => {
  const request = { method: 'PUT', path: 'Patient/1', headers: {} };
  const answer = { status: 400, type: 'application/fhir+json', ms: 1 };

  test.each([
    ['a 500', { ...answer, status: 500, text: outcome({ severity: 'fatal', code: 'exception', diagnostics: 'x' }) }, 'answered 500'],
    ['a refusal without an outcome', { ...answer, text: 'Bad Request' }, '400 without an outcome'],
    ['an outcome in XML that is none', { ...answer, type: 'application/fhir+xml', text: '<html/>' }, '400 without an outcome'],
    ['an issue without words', { ...answer, text: outcome({ severity: 'error', code: 'invalid' }) }, '400 with an issue that says nothing'],
    ['an answer that took too long', { ...answer, status: 200, ms: 20_000, text: '{}' }, 'took 20000 ms'],
  ])('is %s.', (_, given, fault) => {
    expect(judge(request, given)).toBe(fault);
  }); // prettier-ignore

  test('is not a refusal that says why.', () => {
    const text = outcome({ severity: 'error', code: 'invalid', diagnostics: 'x' });
    expect(judge(request, { ...answer, text })).toBeUndefined();
  });
});

describe('Requests that are nearly right', () => {
  test(
    'are stored or refused with their outcome, and leave the server as it was.',
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'dr-assistant-fuzz-test-'));
      const out = join(folder, 'faults.json');
      const args = ['--minutes', String(MINUTES), '--seed', SEED, '--connections', '4', '--out', out];
      const child = spawn(pinnedNode(), [join(root, 'scripts/fuzz.ts'), ...args], { stdio: 'pipe' });
      let told = '';
      for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => (told += String(part)));
      const [code] = (await once(child, 'close')) as [number];
      const faults = code === 0 ? '' : readFaults(out);
      await rm(folder, { recursive: true, force: true });
      expect(`${code}\n${told}\n${faults}`).toMatch(/^0\n/);
      expect(told).toMatch(/\d+ requests, 0 faults/);
    },
    MINUTES * 60_000 + 120_000,
  );
});

function readFaults(path: string): string {
  try {
    return readFileSync(path, 'utf8').slice(0, 10_000);
  } catch {
    return '';
  }
}
