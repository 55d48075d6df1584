/** Timetables on a real server: one run per moment across processes, missed moments once, crashed work taken over. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Task } from '@medplum/fhirtypes';
import { pino } from 'pino';
import { startTestServer, type TestServer } from '../../../fhir-server/test/support/server.ts';
import { keepTimetable, type Timetable } from '../../runtime/cron/keep-timetable.ts';
import { mayPrune, pruneTicks } from '../../runtime/cron/prune.ts';
import { latestTick, nextTick } from '../../runtime/cron/timetable.ts';
import { takeTurn, tickSystem } from '../../runtime/cron/turn.ts';
import { createFhirApi } from '../../runtime/fhir-api.ts';
import { PermanentFault, tickEvent, type FhirApi, type StageRun, type TickEvent } from '../../sdk/index.ts';
import { stageRunsOf } from '../support/stage-runs.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});

afterAll(() => server.close());

/** As another process would have it. */
const newApi = (): FhirApi =>
  createFhirApi(server.fhirBase, {
    token: () => server.token('system/Task.cruds'),
    forget: () => undefined,
  });

const silent = pino({ level: 'silent' });

function timetable(name: string, change: Partial<Timetable> = {}): Timetable {
  return {
    bot: { name, description: 'Count' },
    triggers: [{ cron: '* * * * * *' }],
    api: newApi(),
    logger: silent,
    leaseMs: 900,
    now: () => new Date(),
    cut: new AbortController().signal,
    run: () => Promise.resolve(),
    ...change,
  };
}

async function tasksOf(bot: string): Promise<Task[]> {
  const found = await newApi().findAll(
    'Task',
    { identifier: `${tickSystem(bot)}|`, _sort: 'authored-on' },
    100,
  );
  return found.filter((resource) => resource.resourceType === 'Task');
}

/** Keeps the timetables until the condition holds. */
async function keepUntil(timetables: readonly Timetable[], isOver: () => boolean): Promise<void> {
  const stop = new AbortController();
  const kept = Promise.all(timetables.map((one) => keepTimetable(one, stop.signal)));
  for (let waitedMs = 0; waitedMs < 20_000 && !isOver(); waitedMs += 20) await sleep(20);
  stop.abort();
  await kept;
  expect(isOver()).toBe(true);
}

test('Three processes run each moment once between them.', async () => {
  const runs: string[] = [];
  const run = async (event: TickEvent): Promise<void> => {
    runs.push(event.at.toISOString());
    await sleep(5);
  };
  await keepUntil(
    [1, 2, 3].map(() => timetable('once', { run })),
    () => runs.length >= 4,
  );
  expect(new Set(runs).size).toBe(runs.length);
  const tasks = await tasksOf('once');
  expect(tasks.map((task) => task.authoredOn?.replace('.000', ''))).toEqual(
    runs.toSorted().map((at) => at.replace('.000', '')),
  );
  expect(new Set(tasks.map((task) => task.status))).toEqual(new Set(['completed']));
});

test('The Task of a moment says what the stages of its run did, with times and costs that the server takes.', async () => {
  const ran: StageRun = {
    stage: 'summarise',
    asked: [
      { provider: 'cloud', outcome: 'left-out' },
      {
        provider: 'model',
        outcome: 'answered',
        durationMs: 1_200,
        cost: { amount: 0.0125, currency: 'USD' },
      },
    ],
  };
  let isRun = false;
  const run: Timetable['run'] = (_event, _signal, { onRun }) => {
    // More than a Task should hold: the last ones stay.
    for (let i = 0; i < 120; i += 1) onRun({ ...ran, stage: i === 0 ? 'first' : 'summarise' });
    isRun = true;
    return Promise.resolve();
  };
  await keepUntil([timetable('staged', { triggers: [{ cron: '0 8 * * *' }], run })], () => isRun);
  const [task] = await tasksOf('staged');
  const runs = stageRunsOf(task);
  expect([runs.length, runs.some(({ stage }) => stage === 'first')]).toEqual([100, false]);
  expect(runs.at(-1)?.asked).toEqual([
    { provider: 'cloud', outcome: 'left-out' },
    { provider: 'model', outcome: 'answered', ms: 1_200, cost: '0.0125 USD' },
  ]);
});

test('What was missed while no process ran is caught up once: the latest moment, not each.', async () => {
  const trigger = { cron: '0 8 * * *' };
  const runs: string[] = [];
  const run = (event: TickEvent): Promise<void> => {
    runs.push(event.at.toISOString());
    return Promise.resolve();
  };
  const at = (now: string) => ({ triggers: [trigger], now: () => new Date(now), run });
  await keepUntil([timetable('missed', at('2026-03-02T09:00:00Z'))], () => runs.length === 1);
  await keepUntil([timetable('missed', at('2026-03-09T07:59:59Z'))], () => runs.length === 2);
  await keepUntil([timetable('missed', at('2026-03-09T07:59:59Z')), timetable('missed', at('2026-03-09T08:00:00Z'))], () => runs.length === 3); // prettier-ignore
  expect(runs).toEqual(['2026-03-02T08:00:00.000Z', '2026-03-08T08:00:00.000Z', '2026-03-09T08:00:00.000Z']);
});

test('A bot that never ran before does not run for a moment long past.', async () => {
  const runs: string[] = [];
  const yearly = { triggers: [{ cron: '0 8 1 1 *' }], now: () => new Date('2026-07-01T00:00:00Z') };
  const stop = new AbortController();
  const run = (event: TickEvent): Promise<void> => {
    runs.push(event.key);
    return Promise.resolve();
  };
  const kept = keepTimetable(timetable('new', { ...yearly, run }), stop.signal);
  await sleep(500);
  stop.abort();
  await kept;
  expect(runs).toEqual([]);
});

describe('Work that a crash left in progress', () => {
  test('is taken over by one of the other processes, with the moment that it was about.', async () => {
    const at = new Date('2026-01-05T08:00:00.000Z');
    // A process took the turn and was killed.
    await takeTurn(newApi(), { name: 'crashed', description: 'Count' }, tickEvent(at, '0 8 * * 1'));
    const runs: string[] = [];
    const run = (event: TickEvent): Promise<void> => {
      if (event.cron === '0 8 * * 1') runs.push(event.at.toISOString());
      return Promise.resolve();
    };
    const others = [1, 2].map(() => timetable('crashed', { run, triggers: [{ cron: '0 0 1 1 *' }] }));
    await keepUntil(others, () => runs.length > 0);
    expect(runs).toEqual([at.toISOString()]);
    const [task] = await tasksOf('crashed');
    expect(task?.status).toBe('completed');
  });

  test('is not taken from a process that is slow but alive.', async () => {
    const runs: string[] = [];
    let isOver = false;
    const run = async (event: TickEvent): Promise<void> => {
      runs.push(event.key);
      await sleep(3_000);
      isOver = true;
    };
    const now = (): Date => new Date('2026-05-05T10:00:30Z');
    const slow = { run, now, triggers: [{ cron: '0 * * * *' }] };
    await keepUntil([timetable('slow', slow), timetable('slow', slow)], () => isOver);
    expect(runs).toHaveLength(1);
  });

  test('is begun again after a fault that may pass, and given up after one that stays.', async () => {
    let tries = 0;
    const run = (): Promise<void> => {
      tries += 1;
      if (tries === 1) return Promise.reject(new TypeError('fetch failed', { cause: new Error('reset') }));
      return Promise.reject(new PermanentFault('The clinic has no time zone.'));
    };
    const now = (): Date => new Date('2026-05-05T10:00:30Z');
    const once = { run, now, triggers: [{ cron: '0 * * * *' }] };
    await keepUntil([timetable('faulty', once)], () => tries === 2);
    const [task] = await tasksOf('faulty');
    expect(task).toMatchObject({ status: 'failed', statusReason: { text: 'The clinic has no time zone.' } });
  });
});

describe('Moments that are long past', () => {
  /** Of a moment that has come to its end. */
  const record = async (
    bot: string,
    at: string,
    end: 'completed' | 'failed',
    cron = '0 * * * *',
  ): Promise<void> => {
    const turn = await takeTurn(newApi(), { name: bot, description: 'Count' }, tickEvent(new Date(at), cron));
    await turn?.end(end, undefined, []);
  };
  const momentsOf = async (bot: string): Promise<(string | undefined)[]> =>
    (await tasksOf(bot)).map((task) => task.authoredOn);

  test('are deleted when they were completed, except the latest of each timetable.', async () => {
    const old = Array.from({ length: 120 }, (_, i) => new Date(Date.UTC(2026, 0, 1, i)).toISOString());
    for (const at of old) await record('tidy', at, 'completed');
    await record('tidy', '2026-01-06T00:30:00.000Z', 'failed');
    await record('tidy', '2025-03-01T00:00:00.000Z', 'completed', '0 0 1 3 *');
    await record('tidy', '2026-03-01T00:00:00.000Z', 'completed', '0 0 1 3 *');
    await record('tidy', '2026-06-01T00:00:00.000Z', 'completed');
    let isOver = false;
    const info = (): void => void (isOver = true);
    const logger = { ...silent, info, warn: silent.warn } as unknown as Timetable['logger'];
    const now = (): Date => new Date('2026-06-01T00:10:00Z');
    const day = 24 * 3_600_000;
    // The second has come on 1 March for the last time, and is not to be missed again.
    const triggers = [{ cron: '0 * * * *' }, { cron: '0 0 1 3 *' }];
    const prune = { keepMs: 30 * day, everyMs: 100 };
    await keepUntil([timetable('tidy', { triggers, now, logger, prune })], () => isOver);
    const kept = ['2026-01-06T00:30:00.000Z', '2026-03-01T00:00:00.000Z', '2026-06-01T00:00:00.000Z'];
    expect(await momentsOf('tidy')).toEqual(kept.map((at) => expect.stringContaining(at.slice(0, 19))));
  });

  test('of others stay.', async () => {
    await record('other', '2026-01-01T00:00:00Z', 'completed');
    const nobody = timetable('nobody', { triggers: [{ cron: '0 * * * *' }] });
    expect(await pruneTicks(nobody, new Date('2026-05-01T00:00:00Z'), nobody.cut)).toBe(0);
    expect(await momentsOf('other')).toHaveLength(1);
    expect([['system/Task.crus'], ['system/Task.cruds']].map(mayPrune)).toEqual([false, true]);
  });
});

test('A moment counts from its first millisecond, in the time zone of the timetable and across daylight saving.', () => {
  const trigger = { cron: '30 8 * * *', timeZone: 'America/New_York' };
  const exact = new Date('2026-03-07T13:30:00.000Z');
  expect(latestTick(trigger, exact)).toEqual(exact);
  expect(latestTick(trigger, new Date(exact.getTime() - 1))).toEqual(new Date('2026-03-06T13:30:00.000Z'));
  // Clocks went forward on 8 March 2026.
  expect(nextTick(trigger, exact)).toEqual(new Date('2026-03-08T12:30:00.000Z'));
});
