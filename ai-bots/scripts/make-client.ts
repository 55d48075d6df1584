/** `node ai-bots/scripts/make-client.ts <handler.ts> <folder of keys>`: makes a bot's key and prints its client's registration. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from 'jose';
import type { Bot } from '../sdk/index.ts';

/** A key that is there already stays. */
async function keyIn(file: string): Promise<JWK> {
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as JWK;
  const { privateKey } = await generateKeyPair('ES384', { extractable: true });
  const jwk = await exportJWK(privateKey);
  const key = { ...jwk, kid: await calculateJwkThumbprint(jwk), alg: 'ES384', use: 'sig' };
  writeFileSync(file, `${JSON.stringify(key, null, 2)}\n`, { mode: 0o600 });
  return key;
}

const [handler, folder] = process.argv.slice(2);
if (handler === undefined || folder === undefined) {
  console.error('node ai-bots/scripts/make-client.ts <handler.ts> <folder of keys>');
  process.exit(1);
}
const { default: bot } = (await import(pathToFileURL(resolve(handler)).href)) as { default: Bot };
const { d: _private, ...publicKey } = await keyIn(join(folder, `${bot.name}-key.json`));
const client = {
  clientId: bot.name,
  name: bot.description,
  scope: bot.scopes.join(' '),
  jwks: { keys: [publicKey] },
};
console.log(JSON.stringify(client, null, 2));
