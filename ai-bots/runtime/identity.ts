/** Who a bot is to the authorization server: its client and its private key. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JWK } from 'jose';
import { ConfigError, type Config } from './config.ts';

export interface Identity {
  readonly clientId: string;
  /** ES384 or RS384; its public half is registered with the client. */
  readonly privateKey: JWK;
}

/** Throws ConfigError when there is no usable key. A process with one bot may name client and key file itself. */
export function loadIdentity(config: Config, bot: string): Identity {
  const { keyDir, clientId, privateKeyFile } = config;
  const isOnly = config.bots.length + config.botPaths.length === 1;
  if (isOnly && privateKeyFile !== undefined)
    return { clientId: clientId ?? bot, privateKey: readKey(privateKeyFile, 'BOT_PRIVATE_KEY_FILE') };
  if (keyDir === undefined)
    throw new ConfigError(`BOT_KEY_DIR is not set, and with it the key of ${bot} is missing`);
  const file = join(keyDir, `${bot}-key.json`);
  return { clientId: isOnly ? (clientId ?? bot) : bot, privateKey: readKey(file, `the key of ${bot}`) };
}

function readKey(file: string, what: string): JWK {
  let key: JWK;
  try {
    key = JSON.parse(readFileSync(file, 'utf8')) as JWK;
  } catch {
    throw new ConfigError(`${what} (${file}) cannot be read as JSON`);
  }
  if (key.kty === undefined || key.d === undefined)
    throw new ConfigError(`${what} (${file}) holds no private JWK`);
  return key;
}
