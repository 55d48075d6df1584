/** Answers that were given before: what makes two questions the same, what is kept where, and life without Redis. */
import { afterAll, describe, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { startRedis, type TestRedis } from '../../../fhir-server/test/support/redis.ts';
import { program, testWith } from '../../../fhir-server/test/support/requirement.ts';
import { until } from '../../../fhir-server/test/support/until.ts';
import { createCache } from '../../orchestrator/cache/index.ts';
import { seal, unseal } from '../../orchestrator/cache/seal.ts';
import type { AnswerCache } from '../../orchestrator/cache/index.ts';
import { ProviderFault } from '../../orchestrator/provider.ts';
import { connectRedis, type SharedStore } from '../../orchestrator/shared-store.ts';
import { createStage } from '../../orchestrator/stage.ts';
import { call, candidate, failing, quickLimits } from '../support/bad-provider.ts';

const settings = { bytesMax: 1_000_000, ttlMs: 60_000 };
const secret = 'a secret of more than thirty-two characters';
const log = { info: () => undefined, warn: () => undefined };
const created = (more: Partial<Parameters<typeof createCache>[0]> = {}, store?: SharedStore): AnswerCache =>
  createCache({ ...settings, ...more }, store)!;

describe('A key', () => {
  const cache = created();
  const base = { name: 'a', version: '1', model: 'm', parameters: 'p' };
  const key = (
    part: object,
    stage = 'draft',
    input: unknown = { text: 'x', data: Buffer.from('y') },
  ): string => cache.key(stage, { ...base, ...part }, input);

  test('is the same for the same question, whatever the order of its parts.', () => {
    expect(key({}, 'draft', { data: Buffer.from('y'), text: 'x', none: undefined })).toBe(key({}));
  });

  test('differs by stage, provider, version, model, parameters and every part of the content.', () => {
    const keys = [
      key({}),
      key({}, 'extract'),
      ...['name', 'version', 'model', 'parameters'].map((part) => key({ [part]: 'other' })),
      key({}, 'draft', { text: 'x', data: Buffer.from('z') }),
      key({}, 'draft', { text: 'xy', data: Buffer.from('') }),
      key({}, 'draft', { text: ['x', 'y'] }),
      key({}, 'draft', { text: ['xy'] }),
      key({}, 'draft', [['x'], ['y']]),
      key({}, 'draft', [['x', 'y'], []]),
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });

  test('tells nobody who lacks the secret what was asked.', () => {
    expect(created({ secret }).key('draft', base, 'x')).not.toBe(
      created({ secret: `${secret}!` }).key('draft', base, 'x'),
    );
    expect(created({ secret }).key('draft', base, 'x')).toBe(created({ secret }).key('draft', base, 'x'));
  });
});

describe('In memory', () => {
  test('the same question is answered once, and failures are not kept.', async () => {
    const provider = failing(() => new ProviderFault('rejected', 'no'));
    const stage = createStage('hear', [candidate('a', provider)], { limits: quickLimits, cache: created() });
    await expect(stage.run('x', call)).rejects.toThrow();
    const answers = [await stage.run('x', call), await stage.run('x', call), await stage.run('y', call)];
    expect(answers.map((a) => [a.output, a.isCached])).toEqual([
      ['answer 2', false],
      ['answer 2', true],
      ['answer 3', false],
    ]);
  });

  test('what is quicker than a cache is not kept.', async () => {
    const provider = { ...failing(), isQuick: true };
    const stage = createStage('hear', [candidate('a', provider)], { limits: quickLimits, cache: created() });
    expect([await stage.run('x', call), await stage.run('x', call)].map((a) => a.isCached)).toEqual([
      false,
      false,
    ]);
  });

  test('no more bytes are kept than allowed, and none with 0.', async () => {
    const cache = created({ bytesMax: 2_000 });
    for (let i = 0; i < 100; i += 1) cache.set(`k${i}`, 'x'.repeat(300));
    const kept = await Promise.all(Array.from({ length: 100 }, (_, i) => cache.get(`k${i}`)));
    expect(kept.filter((value) => value !== undefined)).toHaveLength(6);
    expect(createCache({ ...settings, bytesMax: 0 }, undefined)).toBeUndefined();
  });
});

test('Only who has the key opens what was sealed, under its name, unchanged.', () => {
  const key = Buffer.alloc(32, 1);
  const sealed = seal(key, 'name', Buffer.from('secret words'));
  expect(sealed.toString('latin1')).not.toContain('secret');
  expect(unseal(key, 'name', sealed)?.toString()).toBe('secret words');
  expect(unseal(Buffer.alloc(32, 2), 'name', sealed)).toBeUndefined();
  expect(unseal(key, 'other', sealed)).toBeUndefined();
  for (let i = 0; i < sealed.length; i += 1) {
    const changed = Buffer.from(sealed);
    changed[i] = changed[i]! ^ 1;
    expect(unseal(key, 'name', changed)).toBeUndefined();
  }
});

describe('With Redis', () => {
  const server = program('redis-server');
  let redis: TestRedis | undefined;
  afterAll(() => redis?.stop());

  testWith(server)(
    'processes share answers that only they can read; when it goes, they go on without.',
    async () => {
      redis = await startRedis(server.path!);
      const stores = [connectRedis(redis.url, log), connectRedis(redis.url, log)] as const;
      const plain = new Redis(redis.url);
      // Until the test ends it dies more than once.
      plain.on('error', () => undefined);
      try {
        const provider = failing();
        const [one, two] = stores.map((store) =>
          createStage('hear', [candidate('a', provider)], {
            limits: quickLimits,
            cache: created({ secret }, store),
          }),
        );
        await until(async () => (await stores[0].number('x')) !== undefined);
        await until(async () => (await stores[1].number('x')) !== undefined);
        expect((await one!.run('Jane Doe coughs', call)).output).toBe('answer 1');
        await until(async () => (await plain.keys('dr-assistant:ai:answer:*')).length === 1);
        const [key] = await plain.keys('*');
        const raw = `${key}${(await plain.getBuffer(key!))!.toString('latin1')}`;
        expect(raw).not.toMatch(/answer 1|Jane/);
        expect(await plain.pttl(key!)).toBeGreaterThan(0);
        expect(await two!.run('Jane Doe coughs', call)).toMatchObject({ output: 'answer 1', isCached: true });
        await redis.kill();
        expect(await one!.run('other', call)).toMatchObject({ output: 'answer 2', isCached: false });
        expect(await one!.run('other', call)).toMatchObject({ isCached: true });
        await redis.start();
        const three = createStage('hear', [candidate('a', provider)], {
          limits: quickLimits,
          cache: created({ secret }, stores[1]),
        });
        await until(async () => (await stores[1].number('x')) !== undefined);
        expect(await three.run('third', call)).toMatchObject({ output: 'answer 3', isCached: false });
        await until(
          async () =>
            (await stores[0].get(
              `answer:${created({ secret }).key('hear', { name: 'a', version: '1' }, 'third')}`,
            )) !== undefined,
        );
      } finally {
        for (const store of stores) store.close();
        plain.disconnect();
      }
    },
    60_000,
  );
});
