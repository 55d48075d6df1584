/** The accounts and clients of the demo mode. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { Bot } from '../../ai-bots/sdk/index.ts';
import { provisionDocument } from '../start/demo.ts';
import { readOptions, type StartOptions } from '../start/options.ts';
import { botKeys, loadSecrets, publicKey, writePrivate, type Secrets } from '../start/secrets.ts';

const key = { kty: 'EC', crv: 'P-384', x: 'public-x', y: 'public-y', d: 'private-part', alg: 'ES384' };
const secrets: Secrets = {
  cookieSecret: 'c'.repeat(32),
  passwords: { admin: 'a', doctor: 'd', nurse: 'n', receptionist: 'r', patient: 'p' },
  demoBackend: { secret: 's', privateKey: key },
  visitScribe: { subscriptionSecret: 's'.repeat(32), privateKey: key },
  bots: { 'appointment-reminder': key, 'chart-summary': key, timetable: key, waitlist: key },
};

const options = readOptions([]) as StartOptions;

const folder = join(import.meta.dirname, '../../ai-bots/bot');

test.each(readdirSync(folder))('The bot %s is granted exactly the scopes that it declares.', async (name) => {
  const { default: bot } = (await import(`../../ai-bots/bot/${name}/handler.ts`)) as { default: Bot };
  const { clients } = provisionDocument(options, secrets) as {
    clients: { clientId: string; scope: string }[];
  };
  const granted = clients.find(({ clientId }) => clientId === name)?.scope.split(' ');
  expect(granted?.toSorted()).toEqual(bot.scopes.toSorted());
});

test('The authorization server gets public keys only.', () => {
  expect(publicKey(key)).not.toHaveProperty('d');
  expect(JSON.stringify(provisionDocument(options, secrets))).not.toContain('private-part');
});

test('A data folder of an older version keeps its keys and gets those of bots that came since.', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'secrets-'));
  try {
    const { bots: _bots, ...older } = secrets;
    writePrivate(join(dataDir, 'secrets.json'), older);
    const loaded = await loadSecrets(dataDir);
    expect(loaded).toMatchObject(older);
    const keys = botKeys(loaded);
    expect(keys.map(({ bot }) => bot.clientId).toSorted()).toEqual(readdirSync(folder).toSorted());
    expect(keys.find(({ bot }) => bot.clientId === 'visit-scribe')?.privateKey).toEqual(key);
    expect(await loadSecrets(dataDir)).toEqual(loaded);
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
});
