/** Work that was left unfinished is taken up, work under way shows life, and what can no longer be begun is ended. */
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Encounter, Task } from '@medplum/fhirtypes';
import { createHost, type Host } from '../../runtime/host.ts';
import { createLogger } from '../../runtime/logger.ts';
import { defineBot, taskAtWork, taskSystem, type FhirApi } from '../../sdk/index.ts';
import { createMemoryFhir, type MemoryFhir } from '../../sdk/testing/memory-fhir.ts';

const BOT = 'slow';
const encounter: Encounter = {
  resourceType: 'Encounter',
  id: 'e',
  status: 'planned',
  class: { code: 'AMB' },
};

let fhir: MemoryFhir;
let runs: number;
beforeEach(() => {
  fhir = createMemoryFhir(() => new Date());
  runs = 0;
});

/** Works for so long behind its first step. */
const slowBot = (workMs: number) =>
  defineBot({
    name: BOT,
    description: 'Work slowly',
    triggers: [{ criteria: 'Encounter?status=planned' }],
    scopes: ['system/Encounter.rs', 'system/Task.crus', 'system/Subscription.crus'],
    reads: ['Encounter'],
    writes: ['Task'],
    async handle(_event, { step }) {
      runs += 1;
      await step('Working');
      await sleep(workMs);
      await step('Nearly there');
    },
  }).open({});

function newProcess(workMs: number, resumeEveryMs: number, change: Partial<FhirApi> = {}): Host {
  const bot = slowBot(workMs);
  return createHost(bot, {
    api: { ...fhir.api(bot.scopes), ...change },
    logger: createLogger('silent'),
    answerAfterMs: 10,
    resumeEveryMs,
    signal: new AbortController().signal,
  });
}

const task = (): Task | undefined => fhir.all().find((r): r is Task => r.resourceType === 'Task');

const leftBehind = (id: string): Task => {
  const work = { bot: BOT, about: `Encounter/${id}`, words: 'Work', focus: `Encounter/${id}` };
  return taskAtWork(undefined, { ...work, version: `Encounter/${id}/_history/1` }, 'Working', '2026-01-01');
};

describe('Work that takes longer than a Task may stand still', () => {
  test('is not taken over by another process, and ends.', async () => {
    const [first, second] = [newProcess(900, 300), newProcess(900, 300)];
    await first.handle(fhir.put(encounter));
    for (let i = 0; i < 5; i += 1) {
      await sleep(120);
      await second.resume(300);
    }
    await Promise.all([first.drain(), second.drain()]);
    expect(runs).toBe(1);
    expect(task()).toMatchObject({ status: 'completed' });
  });

  test('shows no more life when it is over.', async () => {
    const host = newProcess(150, 150);
    await host.handle(fhir.put(encounter));
    await host.drain();
    const { versionId } = task()?.meta ?? {};
    await sleep(200);
    expect(Number(versionId)).toBeGreaterThan(3);
    expect(task()?.meta?.versionId).toBe(versionId);
  });
});

describe('A Task that stands still', () => {
  test('is taken up.', async () => {
    fhir.put(encounter);
    fhir.put(leftBehind('e'));
    await newProcess(0, 60_000).resume(-1_000);
    expect(runs).toBe(1);
    expect(task()).toMatchObject({ status: 'completed' });
  });

  test('for a resource that is gone is ended with a reason.', async () => {
    fhir.put(leftBehind('gone'));
    await newProcess(0, 60_000).resume(-1_000);
    expect(task()).toMatchObject({
      status: 'failed',
      statusReason: { text: 'What the work was begun for is no longer there, or may not be read.' },
      identifier: [{ system: taskSystem(BOT) }],
    });
  });

  test('is left as it is while the server is in trouble.', async () => {
    fhir.put(leftBehind('e'));
    const trouble = { vread: () => Promise.reject(new TypeError('fetch failed', { cause: 'network' })) };
    await newProcess(0, 60_000, trouble).resume(-1_000);
    expect(task()).toMatchObject({ status: 'in-progress', meta: { versionId: '1' } });
  });

  test('comes before those that have waited less.', async () => {
    const asked: unknown[] = [];
    const search: FhirApi['search'] = (type, params) => {
      asked.push(params['_sort']);
      return fhir.api(slowBot(0).scopes).search(type, params);
    };
    await newProcess(0, 60_000, { search }).resume(0);
    expect(asked).toEqual(['_lastUpdated']);
  });
});
