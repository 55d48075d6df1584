/** `npm test`: runs Jest in ESM mode on the pinned Node and ends with the line `N passed, N failed`. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { pinnedEnvironment, pinnedNode, root } from './pinned-node.ts';

interface FileResult {
  readonly name: string;
  readonly startTime: number;
  readonly endTime: number;
}

interface JestResults {
  readonly testResults: readonly FileResult[];
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  /** Files that could not be loaded; each counts as one failure. */
  readonly numRuntimeErrorTestSuites: number;
}

function closingLine(results: JestResults): string {
  const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
  const skipped = results.numPendingTests + results.numTodoTests;
  return `${results.numPassedTests} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

const SLOWEST = 25;

/** Of a run of many files, which took longest: what to look at when a run has become too long. */
function slowest({ testResults }: JestResults): string {
  const timed = testResults.map(({ name, startTime, endTime }) => ({
    name: relative(root, name),
    seconds: Math.round((endTime - startTime) / 1_000),
  }));
  const lines = timed.toSorted((a, b) => b.seconds - a.seconds).slice(0, SLOWEST);
  return lines.map(({ name, seconds }) => `${String(seconds).padStart(5)} s  ${name}`).join('\n');
}

async function runJest(outputFile: string): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  const jest = join(root, 'node_modules', 'jest', 'bin', 'jest.js');
  const flags = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
  const jestArgs = ['--json', `--outputFile=${outputFile}`, ...process.argv.slice(2)];
  const child = spawn(pinnedNode(), [...flags, jest, ...jestArgs], {
    cwd: root,
    stdio: 'inherit',
    env: pinnedEnvironment(),
  });
  // The terminal sends Ctrl-C to Jest too; we wait for it to end.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  child.once('error', () => resolve(1));
  child.once('exit', (code) => resolve(code ?? 130));
  return await promise;
}

const folder = mkdtempSync(join(tmpdir(), 'dr-assistant-results-'));
const outputFile = join(folder, 'results.json');
try {
  process.exitCode = await runJest(outputFile);
  const results = JSON.parse(readFileSync(outputFile, 'utf8')) as JestResults;
  if (results.testResults.length > SLOWEST) console.log(slowest(results));
  console.log(closingLine(results));
} catch {
  console.error('Jest ended without results.');
  process.exitCode ||= 1;
  console.log('0 passed, 1 failed');
} finally {
  rmSync(folder, { recursive: true, force: true });
}
