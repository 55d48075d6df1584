/** Bots are found by folder and by path, and what is wrong with them is told all at once. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { loadConfig } from '../../runtime/config.ts';
import { loadIdentity } from '../../runtime/identity.ts';
import { loadBots } from '../../runtime/load-bots.ts';
import { wantedSubscriptions } from '../../runtime/run-bot.ts';
import greeter from '../fixture/greeter/handler.ts';
import { createHarness } from '../../sdk/test-harness.ts';

const fixture = join(import.meta.dirname, '../fixture/greeter');

test('Bots of this repository are found by name, others by the path of their folder or file.', async () => {
  const bots = await loadBots({ bots: ['chart-summary'], botPaths: [fixture] }, { LOG_LEVEL: 'silent' });
  expect(bots.map((bot) => bot.name)).toEqual(['chart-summary', 'greeter']);
  const [byFile] = await loadBots({ bots: [], botPaths: [join(fixture, 'handler.ts')] }, {});
  expect(wantedSubscriptions(byFile!)).toEqual([
    {
      id: 'greeter-encounter',
      criteria: 'Encounter?status=arrived',
      reason: 'Tell the team that a patient has arrived',
    },
  ]);
});

test('Unknown bots, bots that are there twice and wrong settings are told together.', async () => {
  const wrong = loadBots(
    { bots: ['nobody', 'appointment-reminder'], botPaths: [fixture, fixture] },
    { REMINDER_TIME_ZONE: 'Mars/Olympus' },
  );
  await expect(wrong).rejects.toThrow(/nobody[^]*REMINDER_TIME_ZONE[^]*greeter is there twice/);
});

const secret = { BOT_SUBSCRIPTION_SECRET: 's'.repeat(32) };

test('Each bot has the key of its name; a process with one bot may name client and key itself.', () => {
  const dir = mkdtempSync(join(tmpdir(), 'bot-keys-'));
  try {
    const key = { kty: 'EC', crv: 'P-384', x: 'x', y: 'y', d: 'private' };
    writeFileSync(join(dir, 'chart-summary-key.json'), JSON.stringify(key));
    const several = loadConfig({ ...secret, BOTS: 'visit-scribe,chart-summary', BOT_KEY_DIR: dir });
    expect(loadIdentity(several, 'chart-summary')).toEqual({ clientId: 'chart-summary', privateKey: key });
    expect(() => loadIdentity(several, 'visit-scribe')).toThrow(/the key of visit-scribe .* cannot be read/);
    const file = join(dir, 'chart-summary-key.json');
    const one = loadConfig({ ...secret, BOT_PRIVATE_KEY_FILE: file, BOT_CLIENT_ID: 'scribe-of-the-clinic' });
    expect(loadIdentity(one, 'visit-scribe')).toEqual({ clientId: 'scribe-of-the-clinic', privateKey: key });
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
  expect(existsSync(dir)).toBe(false);
});

test.each([
  ['one client for several bots', { BOTS: 'a,b', BOT_KEY_DIR: '/keys', BOT_CLIENT_ID: 'x' }, /BOT_CLIENT_ID/],
  ['one key for several bots', { BOTS: 'a,b', BOT_PRIVATE_KEY_FILE: '/key.json' }, /BOT_KEY_DIR is not set/],
  ['no key at all', {}, /neither BOT_KEY_DIR nor BOT_PRIVATE_KEY_FILE/],
  ['no bot', { BOTS: '', BOT_KEY_DIR: '/keys' }, /name no bot/],
])('%s stops the start.', (_case, env, words) => {
  expect(() => loadConfig({ ...secret, ...env })).toThrow(words);
});

test('The example of the documentation says once that a patient has arrived.', async () => {
  const harness = createHarness(greeter, {
    resources: [{ resourceType: 'Patient', id: 'p', name: [{ text: 'Maria Alvarez' }] }],
  });
  const { written } = await harness.deliver({
    resourceType: 'Encounter',
    id: 'e',
    status: 'arrived',
    class: { code: 'AMB' },
    subject: { reference: 'Patient/p' },
    participant: [{ individual: { reference: 'Practitioner/d' } }],
  });
  expect(written).toMatchObject([{ payload: [{ contentString: 'Maria Alvarez has arrived.' }] }]);
});
