/** What an operator may set, and what is refused at the start. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { pipelineSettings } from '../../pipeline/settings.ts';
import { testPipeline } from '../support/pipeline.ts';

const folder = mkdtempSync(join(tmpdir(), 'pipeline-settings-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = (name: string, content: string): string => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};
const prices = file('prices.json', '{"currency":"EUR","prices":[{"provider":"a","inputPer1k":1}]}');

test('Without settings only what runs here is asked, and keys change nothing of it.', () => {
  const { order, redactFor } = pipelineSettings({ AZURE_OPENAI_API_KEY: 'x', AWS_REGION: 'eu-west-1' });
  expect(order).toEqual({
    transcribe: ['whisper', 'pocketsphinx'],
    draft: ['embedded'],
    extract: ['embedded'],
    code: ['embedded'],
    summarise: ['embedded'],
  });
  expect([...redactFor]).toEqual(['third-party']);
});

test('A name that is not known stops the start, with those that are.', () => {
  expect(() => testPipeline({ AI_DRAFT_PROVIDERS: 'azure,embedded' })).toThrow(
    'AI_DRAFT_PROVIDERS names azure, which is not known or not configured; there are: embedded',
  );
  expect(() => testPipeline({ AI_CODE_PROVIDERS: 'toString' })).toThrow(/names toString/);
});

test('Everything that is wrong is told at once.', () => {
  const env = {
    AI_REDACT: 'some',
    AI_RETRIES: 'many',
    AI_CACHE_SECRET: 'short',
    AI_PRICES_FILE: join(folder, 'none.json'),
    AI_BUDGET_PER_DAY: 'much',
    AI_PROVIDER_BUDGETS_PER_DAY: 'b=5',
    AI_BUDGET_TIME_ZONE: 'Nowhere',
  };
  const message = (() => {
    try {
      pipelineSettings(env);
      return '';
    } catch (error) {
      return (error as Error).message;
    }
  })();
  for (const name of Object.keys(env)) expect(message).toContain(name);
});

test('Budgets, prices and secrets from files are read.', () => {
  const settings = pipelineSettings({
    AI_PRICES_FILE: prices,
    AI_BUDGET_PER_DAY: '50',
    AI_PROVIDER_BUDGETS_PER_DAY: 'a = 20.5',
    AI_BUDGET_TIME_ZONE: 'Europe/Berlin',
    AI_CACHE_SECRET_FILE: file('secret', `${'s'.repeat(40)}\n`),
    REDIS_URL_FILE: file('redis', 'redis://127.0.0.1:1\n'),
  });
  expect(settings.budgets).toEqual({ total: 50, perProvider: { a: 20.5 }, timeZone: 'Europe/Berlin' });
  expect(settings.cache.secret).toBe('s'.repeat(40));
  expect(settings.redisUrl).toBe('redis://127.0.0.1:1');
  expect(settings.prices.currency).toBe('EUR');
});

test('A budget over something without a price is refused: it would never be used up.', () => {
  expect(() => pipelineSettings({ AI_BUDGET_PER_DAY: '5' })).toThrow(/AI_PRICES_FILE/);
  expect(() => pipelineSettings({ AI_PRICES_FILE: prices, AI_PROVIDER_BUDGETS_PER_DAY: 'b=5' })).toThrow(
    /names b, which has no price/,
  );
});
