/** What calls cost, and what happens when the budget of the day is used up. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { startRedis } from '../../../fhir-server/test/support/redis.ts';
import { program, testWith } from '../../../fhir-server/test/support/requirement.ts';
import { until } from '../../../fhir-server/test/support/until.ts';
import { dayIn, isTimeZone } from '../../orchestrator/budget/day.ts';
import { createLedger, type Budgets, type Ledger } from '../../orchestrator/budget/ledger.ts';
import { costOf, loadPrices, type PriceTable } from '../../orchestrator/budget/prices.ts';
import { createSpending } from '../../orchestrator/budget/spending.ts';
import { ProviderFault } from '../../orchestrator/provider.ts';
import { connectRedis } from '../../orchestrator/shared-store.ts';
import type { StageRun } from '../../orchestrator/stage-run.ts';
import { createStage } from '../../orchestrator/stage.ts';
import { call, candidate, quickLimits } from '../support/bad-provider.ts';

const prices: PriceTable = {
  currency: 'USD',
  prices: [
    { provider: 'a', model: 'big', inputPer1k: 1, outputPer1k: 2 },
    { provider: 'a', inputPer1k: 0.1 },
    { provider: 'b', perCharacter: 0.01 },
    { provider: 'c', perAudioMinute: 0.6 },
  ],
};
const ledgerOf = (budgets: Partial<Budgets>): Ledger =>
  createLedger(prices, { perProvider: {}, timeZone: 'UTC', ...budgets }, createSpending(undefined));

describe('A cost', () => {
  test.each([
    [{ name: 'a', model: 'big' }, { inputTokens: 2_000, outputTokens: 500 }, 3],
    [{ name: 'a', model: 'small' }, { inputTokens: 2_000, outputTokens: 500 }, 0.2],
    [{ name: 'b' }, { characters: 300 }, 3],
    [{ name: 'c' }, { audioSeconds: 90 }, 0.9],
    [{ name: 'here' }, { inputTokens: 9_000 }, 0],
  ])('of %o for %o is %d', (provider, usage, cost) => {
    expect(costOf(prices, provider, usage)).toBeCloseTo(cost, 9);
  });
});

describe('A budget', () => {
  const usage = { inputTokens: 1_000 };
  const paid = (key: string) => candidate(key, { run: () => Promise.resolve({ output: key, usage }) });

  test('that is used up passes the provider over, and what costs nothing goes on.', async () => {
    const ledger = ledgerOf({ total: 0.25 });
    const stage = createStage('hear', [paid('a'), paid('free')], { limits: quickLimits, ledger });
    const names = [];
    for (let i = 0; i < 4; i += 1) names.push((await stage.run('x', call)).provider.name);
    expect(names).toEqual(['a', 'a', 'a', 'free']);
    expect((await stage.run('x', call)).passedOver).toEqual([
      { provider: 'a', reason: 'the budget of the day is used up', kind: 'budget' },
    ]);
    expect(await ledger.left()).toEqual([{ account: 'total', amount: expect.closeTo(-0.05, 6) as unknown }]);
  });

  test('is told with each question: what was charged to whom, also by an attempt that failed.', async () => {
    const broken = candidate('a', {
      run: () => Promise.reject(new ProviderFault('rejected', 'no', { usage })),
    });
    const stage = createStage('hear', [broken, paid('free')], { limits: quickLimits, ledger: ledgerOf({}) });
    const runs: StageRun[] = [];
    await stage.run('x', { ...call, onRun: (run) => void runs.push(run) });
    expect(runs[0]?.asked.map(({ provider, cost }) => [provider, cost])).toEqual([
      ['a', { amount: 0.1, currency: 'USD' }],
      ['free', undefined],
    ]);
  });

  test('of one provider does not count for another.', async () => {
    const ledger = ledgerOf({ perProvider: { a: 0.05 } });
    ledger.record({ name: 'b' }, { characters: 1_000 });
    expect(await ledger.exhausted({ name: 'a' })).toBeUndefined();
    ledger.record({ name: 'a' }, usage);
    expect(await ledger.exhausted({ name: 'a' })).toBe('its budget of the day is used up');
    expect(await ledger.exhausted({ name: 'b' })).toBeUndefined();
  });

  test('is charged for attempts that failed and for answers that came too late.', async () => {
    const ledger = ledgerOf({ total: 100 });
    const failing = candidate('a', {
      run: () => Promise.reject(new ProviderFault('unusable', 'cut off', { usage: { inputTokens: 10_000 } })),
    });
    const late = candidate('b', {
      run: () =>
        new Promise((resolve) =>
          setTimeout(() => resolve({ output: 'late', usage: { characters: 500 } }), 80),
        ),
    });
    const limits = { ...quickLimits, timeoutMs: 30 };
    await createStage('hear', [failing, late, candidate('free')], { limits, ledger }).run('x', call);
    await until(async () => Math.abs((await ledger.left())[0]!.amount - 93) < 1e-6);
  });
});

describe('The day', () => {
  test('begins at midnight of the time zone.', () => {
    const now = new Date('2026-03-01T03:00:00Z');
    expect(dayIn('UTC', now)).toBe('2026-03-01');
    expect(dayIn('America/New_York', now)).toBe('2026-02-28');
    expect([isTimeZone('Europe/Berlin'), isTimeZone('Nowhere')]).toEqual([true, false]);
  });

  test('that is new has its whole budget.', async () => {
    const spending = createSpending(undefined);
    spending.add('2026-03-01', 'total', 5);
    expect(await spending.spent('2026-03-01', 'total')).toBe(5);
    expect(await spending.spent('2026-03-02', 'total')).toBe(0);
  });
});

describe('A file of prices', () => {
  const folder = mkdtempSync(join(tmpdir(), 'prices-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const load = (content: string): PriceTable => {
    const file = join(folder, 'prices.json');
    writeFileSync(file, content);
    return loadPrices(file);
  };

  test('is taken as it is when it is right, and refused with the place when it is not.', () => {
    expect(load(JSON.stringify(prices))).toEqual(prices);
    expect(() => load('{"currency":"dollars","prices":[{"provider":"a","inputPer1k":-1}]}')).toThrow(
      /currency.*pattern.*inputPer1k.*>= 0/,
    );
    expect(() => load('{"currency":"ABC","prices":[]}')).toThrow('no currency of ISO 4217');
    expect(() => load('{"currency":"USD","prices":[{"provider":"a","perToken":1}]}')).toThrow(
      /additional properties/,
    );
  });
});

const server = program('redis-server');
testWith(server)(
  'Processes spend one budget together through Redis; while it is away each counts, and catches up when it is back.',
  async () => {
    const redis = await startRedis(server.path!);
    const log = { info: () => undefined, warn: () => undefined };
    const stores = [connectRedis(redis.url, log), connectRedis(redis.url, log)] as const;
    try {
      const [one, two] = [createSpending(stores[0]), createSpending(stores[1])];
      const spent = () => Promise.all([one, two].map((s) => s.spent('2026-03-01', 'total')));
      const isReady = async (): Promise<boolean> =>
        (await Promise.all(stores.map((s) => s.number('x')))).every((n) => n !== undefined);
      await until(isReady);
      one.add('2026-03-01', 'total', 0.1);
      two.add('2026-03-01', 'total', 0.2);
      await until(async () => (await spent()).every((n) => Math.abs(n - 0.3) < 1e-6));
      await redis.kill();
      one.add('2026-03-01', 'total', 0.5);
      expect(await one.spent('2026-03-01', 'total')).toBeCloseTo(0.8, 6);
      expect(await two.spent('2026-03-01', 'total')).toBeCloseTo(0.3, 6);
      await redis.start();
      await until(isReady);
      // The new Redis knows of nothing: what was known stays known, and what waited is added.
      await one.spent('2026-03-01', 'total');
      await until(async () => (await stores[1].number('spent:2026-03-01:total')) === 500_000);
      expect(await two.spent('2026-03-01', 'total')).toBeGreaterThanOrEqual(0.5);
    } finally {
      for (const store of stores) store.close();
      await redis.stop();
    }
  },
  60_000,
);
