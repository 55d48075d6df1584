/**
 * Makes the secrets of k8s/overlays/development, at random, each in a file of the folder `secrets/` that git ignores;
 * those that are there stay. `accounts.json` is for `cli.ts provision`: the client of the bot with its public key.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JWK } from 'jose';
import { root } from './pinned-node.ts';
import { botClients } from './start/bot-clients.ts';
import { makeKey, publicKey } from './start/secrets.ts';

const BOT = 'visit-scribe';

export async function makeDevelopmentSecrets(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const keep = (name: string, made: string): string => {
    const file = join(folder, name);
    if (!existsSync(file)) writeFileSync(file, made, { mode: 0o600 });
    return readFileSync(file, 'utf8');
  };
  const random = (): string => randomBytes(32).toString('hex');
  const password = keep('POSTGRES_PASSWORD', random());
  keep('DATABASE_URL', `postgres://dr_assistant:${password}@postgres:5432/dr_assistant`);
  keep('COOKIE_SECRET', random());
  keep('REDIS_URL', 'redis://redis:6379');
  keep('BOT_SUBSCRIPTION_SECRET', random());
  const key = JSON.parse(keep(`${BOT}-key.json`, JSON.stringify(await makeKey()))) as JWK;
  const clients = botClients
    .filter(({ clientId }) => clientId === BOT)
    .map(({ scopes, ...client }) => ({
      ...client,
      jwks: { keys: [publicKey(key)] },
      scope: scopes.join(' '),
    }));
  keep('accounts.json', JSON.stringify({ users: [], clients }));
}

if (import.meta.main) {
  const folder = process.argv[2] ?? join(root, 'k8s/overlays/development/secrets');
  await makeDevelopmentSecrets(folder);
  console.log(`The secrets of development are in ${folder}.`);
}
