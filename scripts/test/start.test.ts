/** `npm start` as a whole: first start, a second supervisor, one clean stop, kill -9. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Appointment, Slot } from '@medplum/fhirtypes';
import { existingClusterFolder } from '../embedded-postgres.ts';
import { pinnedNode, root } from '../pinned-node.ts';
import { pickPort } from '../postgres/port.ts';
import { runningPostmaster } from '../postgres/previous-run.ts';
import { seed } from '../seed.ts';
import { connect } from '../seed/backend-client.ts';
import { addDays, localDay } from '../seed/day.ts';
import { expectedOn, slotOf } from '../seed/day-list.ts';
import type { DemoFile } from '../start/demo.ts';
import { readOptions, type StartOptions } from '../start/options.ts';
import { resetData } from '../start/reset.ts';

let parent: string;
let dataDir: string;
let port: number;
let supervisor: ChildProcess;
let output = '';

/** With no settings but these, whatever the developer's shell has. */
function startSupervisor(): ChildProcess {
  const env = { PATH: process.env['PATH'], HOME: process.env['HOME'], PORT: String(port), DATA_DIR: dataDir };
  return spawn(pinnedNode(), ['scripts/start.ts'], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
}

async function until(condition: () => boolean | Promise<boolean>, timeoutMs: number): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`not in ${timeoutMs} ms:\n${output.slice(-4_000)}`);
    await sleep(100);
  }
}

const isReady = async (): Promise<boolean> =>
  (await fetch(`http://localhost:${port}/readyz`).catch(() => undefined))?.ok === true;

const readDemo = (): DemoFile => JSON.parse(readFileSync(join(dataDir, 'demo.json'), 'utf8')) as DemoFile;

/** Starts the supervisor of the tests and resolves at its closing table. */
async function startAndWait(timeoutMs: number): Promise<void> {
  output = '';
  supervisor = startSupervisor();
  supervisor.stdout?.setEncoding('utf8').on('data', (text: string) => (output += text));
  supervisor.stderr?.setEncoding('utf8').on('data', (text: string) => (output += text));
  await until(() => {
    if (supervisor.exitCode !== null) throw new Error(`the supervisor ended:\n${output.slice(-4_000)}`);
    return output.includes('Ctrl-C stops everything');
  }, timeoutMs);
}

beforeAll(async () => {
  parent = mkdtempSync(join(tmpdir(), 'dr-assistant-start-'));
  dataDir = join(parent, 'data');
  port = await pickPort();
  // The first start may have to build the apps.
  await startAndWait(240_000);
}, 250_000);

afterAll(async () => {
  if (supervisor.exitCode === null && supervisor.signalCode === null) {
    supervisor.kill('SIGTERM');
    await once(supervisor, 'exit');
  }
  await resetData({ ...(readOptions([]) as StartOptions), dataDir, databaseUrl: undefined });
  rmSync(parent, { recursive: true, force: true });
}, 60_000);

test('The start ends with the addresses and the demo logins.', () => {
  expect(output).toContain(`http://localhost:${port}/apps/ehr/`);
  expect(output).toContain(`http://localhost:${port}/apps/portal/`);
  expect(output).toContain('Practitioner/demo-doctor');
});

test('The file with the demo accounts can be read by its owner only.', () => {
  expect(statSync(join(dataDir, 'demo.json')).mode & 0o777).toBe(0o600);
  expect(readDemo().users.map(({ username }) => username)).toContain('doctor');
});

test('The demo client finds the demo patient and today’s appointments over the FHIR API.', async () => {
  const { fhirBase, tokenEndpoint, backend } = readDemo();
  const call = await connect({ fhirBase, tokenEndpoint, ...backend, scope: 'system/*.cruds' });
  const patient = (await (await call('GET', 'Patient/demo-patient')).json()) as {
    name?: { family?: string }[];
  };
  expect(patient.name?.[0]?.family).toBe('Alvarez');
  const found = (await (await call('GET', 'Appointment?patient=demo-patient')).json()) as {
    entry?: unknown[];
  };
  expect(found.entry?.length).toBeGreaterThan(0);
});

test('The day’s appointments are in Slots, the next day goes on, and a time that somebody has booked stays his.', async () => {
  const { fhirBase, tokenEndpoint, backend } = readDemo();
  const call = await connect({ fhirBase, tokenEndpoint, ...backend, scope: 'system/*.cruds' });
  const read = async <T>(path: string): Promise<T> => (await (await call('GET', path)).json()) as T;
  const [today, next, after] = [localDay(), addDays(localDay(), 1), addDays(localDay(), 2)];
  for (const { patient } of expectedOn(today)) {
    const { status, slot } = await read<Appointment>(`Appointment/${patient}-${today}`);
    const stored = await read<Slot>(slot?.[0]?.reference ?? '');
    expect([patient, stored.status]).toEqual([patient, status === 'cancelled' ? 'free' : 'busy']);
  }
  const [booked, other] = expectedOn(after);
  const slot = slotOf(booked!, after);
  // Also of a day on which the clinic is closed.
  await call('PUT', `Slot/${slot.id}`, slot);
  const made = await call('POST', 'Appointment', {
    resourceType: 'Appointment',
    status: 'booked',
    slot: [{ reference: `Slot/${slot.id}` }],
    start: slot.start,
    end: slot.end,
    participant: [{ actor: { reference: 'Patient/demo-patient-weber' }, status: 'accepted' }],
  });
  expect(made.status).toBe(201);
  expect(await seed(readDemo(), next)).toBeGreaterThan(20);
  expect(await seed(readDemo(), next)).toBe(0);
  expect((await call('GET', `Appointment/${booked!.patient}-${after}`)).status).toBe(404);
  expect(await read<Appointment>(`Appointment/${other!.patient}-${after}`)).toMatchObject({
    status: 'booked',
  });
  expect(await read<Appointment>(`Appointment/demo-patient-${next}`)).toMatchObject({
    slot: [{ reference: expect.stringMatching(/^Slot\//) }],
  });
});

test('A second start on the same data says where the first one runs, and ends.', async () => {
  const second = startSupervisor();
  let words = '';
  second.stderr?.setEncoding('utf8').on('data', (text: string) => (words += text));
  const [code] = (await once(second, 'exit')) as [number];
  expect(code).toBe(1);
  expect(words).toContain(`already runs on this data folder: http://localhost:${port}`);
});

test('Ctrl-C stops every process and the database, and ends with 0.', async () => {
  const cluster = existingClusterFolder(dataDir) ?? '';
  supervisor.kill('SIGINT');
  const [code] = (await once(supervisor, 'exit')) as [number];
  expect(code).toBe(0);
  expect(await isReady()).toBe(false);
  expect(runningPostmaster(cluster)).toBeUndefined();
  expect(existsSync(join(dataDir, 'supervisor.json'))).toBe(false);
}, 60_000);

test('After kill -9 of the supervisor the next start works on the same data.', async () => {
  await startAndWait(90_000);
  supervisor.kill('SIGKILL');
  await once(supervisor, 'exit');
  await startAndWait(90_000);
  const { fhirBase, tokenEndpoint, backend } = readDemo();
  const call = await connect({ fhirBase, tokenEndpoint, ...backend, scope: 'system/*.cruds' });
  expect((await call('GET', 'Patient/demo-patient')).status).toBe(200);
}, 180_000);
