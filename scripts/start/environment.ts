/** The settings that each process gets; what the user set in the environment passes through. */
import { join } from 'node:path';
import { pinnedEnvironment } from '../pinned-node.ts';
import type { StartOptions } from './options.ts';
import { botKeys, writePrivate, type Secrets } from './secrets.ts';

/** For api, worker and cli. */
export function serverEnvironment(
  options: StartOptions,
  secrets: Secrets,
  databaseUrl: string,
): NodeJS.ProcessEnv {
  return {
    ...pinnedEnvironment(),
    DATABASE_URL: databaseUrl,
    HOST: options.host,
    PORT: String(options.port),
    BASE_URL: options.baseUrl,
    DATA_DIR: options.dataDir,
    DEMO: String(options.demo),
    COOKIE_SECRET: process.env['COOKIE_SECRET'] ?? secrets.cookieSecret,
  };
}

/** For bots, which get no secret but their own keys: in files, so that they stand in no process list. */
export function botsEnvironment(options: StartOptions, secrets: Secrets, port: number): NodeJS.ProcessEnv {
  const keys = botKeys(secrets);
  for (const { bot, privateKey } of keys)
    writePrivate(join(options.dataDir, `${bot.clientId}-key.json`), privateKey);
  const {
    DATABASE_URL: _url,
    DATABASE_REPLICA_URL: _replica,
    COOKIE_SECRET: _secret,
    ...environment
  } = pinnedEnvironment();
  return {
    BOTS: keys.map(({ bot }) => bot.clientId).join(','),
    ...environment,
    BOT_PORT: String(port),
    FHIR_BASE_URL: `${options.baseUrl}/fhir/R4`,
    BOT_KEY_DIR: options.dataDir,
    BOT_SUBSCRIPTION_SECRET: secrets.visitScribe.subscriptionSecret,
    DATA_DIR: options.dataDir,
  };
}
