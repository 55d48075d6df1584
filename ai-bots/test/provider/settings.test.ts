/** Which environment gives which providers, and which is refused at start-up. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { createProviders, loadProviderSettings } from '../../provider/index.ts';

const azure = {
  AZURE_OPENAI_ENDPOINT: 'https://clinic.openai.azure.com/',
  AZURE_OPENAI_API_KEY: 'very-secret',
  AZURE_OPENAI_CHAT_DEPLOYMENT: 'gpt-4o',
};
const compatible = { OPENAI_BASE_URL: 'http://gpu.clinic.internal:8000/v1/', OPENAI_CHAT_MODEL: 'llama' };
const transcribe = { AWS_REGION: 'us-east-1', AI_TRANSCRIBE_MEDICAL_BUCKET: 'clinic-recordings' };

function load(env: NodeJS.ProcessEnv): { faults: string[]; names: Record<string, string[]> } {
  const faults: string[] = [];
  const settings = loadProviderSettings(env, faults);
  const providers = createProviders({ ...settings }, () => undefined);
  const names = Object.entries(providers).map(([stage, map]) => [
    stage,
    [...(map as ReadonlyMap<string, unknown>).keys()],
  ]);
  return { faults, names: Object.fromEntries(names) as Record<string, string[]> };
}

const here = {
  transcribe: ['whisper', 'pocketsphinx'],
  draft: ['embedded'],
  extract: ['embedded'],
  code: ['embedded'],
  summarise: ['embedded'],
};

test('Without any setting there are the providers of this machine, and nobody else learns of anything.', () => {
  expect(load({})).toEqual({ faults: [], names: here });
});

test('Each configured service takes part in the stages that it can do.', () => {
  const all = {
    ...azure,
    ...compatible,
    ...transcribe,
    AZURE_OPENAI_AUDIO_DEPLOYMENT: 'whisper',
    AI_COMPREHEND_MEDICAL: 'on',
    AI_HEALTHSCRIBE_ROLE_ARN: 'arn:aws:iam::111122223333:role/scribe',
  };
  expect(load(all)).toEqual({
    faults: [],
    names: {
      transcribe: [...here.transcribe, 'azure-openai', 'transcribe-medical', 'health-scribe'],
      draft: ['embedded', 'azure-openai', 'openai'],
      extract: ['embedded', 'azure-openai', 'openai', 'comprehend-medical'],
      code: ['embedded', 'comprehend-medical'],
      summarise: ['embedded', 'azure-openai', 'openai'],
    },
  });
});

test('An own endpoint belongs to the clinic unless it is said to be of somebody else.', () => {
  const partyOf = (env: NodeJS.ProcessEnv) =>
    createProviders(loadProviderSettings(env, []), () => undefined).draft.get('openai')?.party;
  expect(partyOf(compatible)).toBe('clinic');
  expect(
    partyOf({ ...compatible, OPENAI_BASE_URL: 'https://api.example/v1', OPENAI_PARTY: 'third-party' }),
  ).toBe('third-party');
});

test.each([
  ['http://localhost:8000/v1', true],
  ['http://[::1]:8000/v1', true],
  ['http://gpu:8000/v1', true],
  ['http://gpu.local/v1', true],
  ['http://10.1.2.3/v1', true],
  ['http://172.31.0.1/v1', true],
  ['http://192.168.0.9/v1', true],
  ['http://172.32.0.1/v1', false],
  ['http://11.0.0.1/v1', false],
  ['https://10.example.org/v1', false],
  ['https://gpu.internal.example.org/v1', false],
])("The endpoint %s is taken for the clinic's without a word about it: %s.", (url, isTaken) => {
  const env = { ...compatible, OPENAI_BASE_URL: url };
  expect(load(env).faults).toEqual(
    isTaken ? [] : ['OPENAI_PARTY is not set: say whose OPENAI_BASE_URL is, clinic or third-party'],
  );
  expect(load({ ...env, OPENAI_PARTY: 'clinic' }).faults).toEqual([]);
});

test('A key may stand in a file.', () => {
  const folder = mkdtempSync(join(tmpdir(), 'settings-'));
  const file = join(folder, 'key');
  writeFileSync(file, 'from-file\n');
  const env = { ...azure, AZURE_OPENAI_API_KEY: '', AZURE_OPENAI_API_KEY_FILE: file };
  const settings = loadProviderSettings(env, []);
  expect(settings.azure?.endpoint.credential).toEqual({ apiKey: 'from-file' });
  rmSync(folder, { recursive: true });
  const faults: string[] = [];
  loadProviderSettings(env, faults);
  expect(faults).toEqual(['AZURE_OPENAI_API_KEY_FILE cannot be read']);
});

describe('A fault is told in words without its value', () => {
  test.each<[string, NodeJS.ProcessEnv, RegExp]>([
    ['no endpoint', { AZURE_OPENAI_API_KEY: 'very-secret' }, /AZURE_OPENAI_ENDPOINT is not set/],
    [
      'no credential',
      { ...azure, AZURE_OPENAI_API_KEY: undefined },
      /needs AZURE_OPENAI_API_KEY or AZURE_OPENAI_TOKEN_FILE/,
    ],
    ['two credentials', { ...azure, AZURE_OPENAI_TOKEN_FILE: '/t' }, /and not both/],
    ['no deployment', { ...azure, AZURE_OPENAI_CHAT_DEPLOYMENT: '' }, /needs AZURE_OPENAI_CHAT_DEPLOYMENT/],
    ['a temperature', { ...azure, AZURE_OPENAI_TEMPERATURE: 'hot' }, /AZURE_OPENAI_TEMPERATURE must be/],
    ['no TLS', { ...azure, AZURE_OPENAI_ENDPOINT: 'http://clinic.example' }, /must be an https URL/],
    ['no URL', { ...azure, AZURE_OPENAI_ENDPOINT: 'clinic' }, /is not an http or https URL/],
    [
      'a key in the URL',
      { ...azure, AZURE_OPENAI_ENDPOINT: 'https://very-secret@clinic.example' },
      /neither a user nor a query/,
    ],
    ['no base URL', { OPENAI_CHAT_MODEL: 'llama' }, /OPENAI_BASE_URL is not set/],
    ['no model', { OPENAI_BASE_URL: 'http://gpu' }, /needs OPENAI_CHAT_MODEL/],
    ['a third party without TLS', { ...compatible, OPENAI_PARTY: 'third-party' }, /must be an https URL/],
    [
      "somebody else's service as the clinic's",
      { ...compatible, OPENAI_BASE_URL: 'https://api.openai.com/v1' },
      /OPENAI_PARTY must be third-party/,
    ],
    ['a party', { ...compatible, OPENAI_PARTY: 'me' }, /OPENAI_PARTY must be one of: clinic, third-party/],
    ['no region', { AI_COMPREHEND_MEDICAL: 'on' }, /AWS_REGION is not set/],
    ['a score', { AI_COMPREHEND_MEDICAL_SCORE_MIN: '0.2' }, /SCORE_MIN must be a number from 0.5 to 1/],
    ['a bucket', { ...transcribe, AI_TRANSCRIBE_MEDICAL_BUCKET: 'No Bucket' }, /is not the name of a bucket/],
    [
      'no bucket',
      { AI_HEALTHSCRIBE_ROLE_ARN: 'arn:aws:iam::111122223333:role/x' },
      /AI_TRANSCRIBE_MEDICAL_BUCKET is not set/,
    ],
    ['a key', { ...transcribe, AI_TRANSCRIBE_MEDICAL_KMS_KEY_ARN: 'alias/x' }, /is not an ARN of kms/],
    [
      'a specialty',
      { ...transcribe, AI_TRANSCRIBE_MEDICAL_SPECIALTY: 'MAGIC' },
      /must be one of: PRIMARYCARE/,
    ],
    ['a language', { WHISPER_LANGUAGE: 'English please' }, /WHISPER_LANGUAGE/],
  ])('%s.', (_what, env, words) => {
    const faults: string[] = [];
    loadProviderSettings(env, faults);
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatch(words);
    expect(faults.join()).not.toContain('very-secret');
  });
});
