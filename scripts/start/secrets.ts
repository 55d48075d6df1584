/** Secrets of this installation, made at the first start and kept in the data folder (mode 0600). */
import { randomBytes, randomInt } from 'node:crypto';
import { chmodSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from 'jose';
import { botClients, type BotClient } from './bot-clients.ts';

export interface Secrets {
  readonly cookieSecret: string;
  /** Demo user name to password. */
  readonly passwords: Readonly<Record<DemoUserName, string>>;
  readonly demoBackend: { readonly secret: string; readonly privateKey: JWK };
  /** The secret signs notifications to all bots. */
  readonly visitScribe: { readonly subscriptionSecret: string; readonly privateKey: JWK };
  /** Private keys of the other bots, by name. */
  readonly bots: Readonly<Record<string, JWK>>;
}

export const demoUserNames = ['admin', 'doctor', 'nurse', 'receptionist', 'patient'] as const;
export type DemoUserName = (typeof demoUserNames)[number];

/** Writes a file that only we can read, whole or not at all. */
export function writePrivate(file: string, content: unknown): void {
  const unfinished = `${file}.${process.pid}`;
  writeFileSync(unfinished, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  chmodSync(unfinished, 0o600);
  renameSync(unfinished, file);
}

/** The public half, for registering a client. */
export function publicKey(key: JWK): JWK {
  const { d: _private, ...rest } = key;
  return rest;
}

/** For a client that proves itself by a key. */
export async function makeKey(): Promise<JWK> {
  const { privateKey } = await generateKeyPair('ES384', { extractable: true });
  const jwk = await exportJWK(privateKey);
  return { ...jwk, kid: await calculateJwkThumbprint(jwk), alg: 'ES384', use: 'sig' };
}

/** Two groups of letters that cannot be misread: easy to type, some 46 bits. */
function makePassword(): string {
  const letters = 'abcdefghjkmnpqrstuvwxyz23456789';
  const group = (): string => Array.from({ length: 5 }, () => letters[randomInt(letters.length)]).join('');
  return `${group()}-${group()}`;
}

/** The secrets of the folder, with what an older version has not made yet. */
export async function loadSecrets(dataDir: string): Promise<Secrets> {
  const file = join(dataDir, 'secrets.json');
  const known = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Partial<Secrets>) : {};
  const missing = botClients
    .map((bot) => bot.clientId)
    .filter((name) => name !== 'visit-scribe' && keyOf(known, name) === undefined);
  const made = await Promise.all(missing.map(async (name) => [name, await makeKey()] as const));
  const secrets: Secrets = {
    ...((known.cookieSecret === undefined ? await makeSecrets() : known) as Omit<Secrets, 'bots'>),
    bots: { ...known.bots, ...Object.fromEntries(made) },
  };
  if (missing.length > 0 || known.cookieSecret === undefined) writePrivate(file, secrets);
  return secrets;
}

const keyOf = (secrets: Partial<Secrets>, bot: string): JWK | undefined =>
  secrets.bots?.[bot] ?? (bot === 'visit-scribe' ? secrets.visitScribe?.privateKey : undefined);

/** Each bot of the demo with its private key. */
export const botKeys = (secrets: Secrets): { readonly bot: BotClient; readonly privateKey: JWK }[] =>
  botClients.flatMap((bot) => {
    const privateKey = keyOf(secrets, bot.clientId);
    return privateKey === undefined ? [] : [{ bot, privateKey }];
  });

async function makeSecrets(): Promise<Omit<Secrets, 'bots'>> {
  return {
    cookieSecret: randomBytes(32).toString('hex'),
    passwords: Object.fromEntries(demoUserNames.map((name) => [name, makePassword()])) as Record<
      DemoUserName,
      string
    >,
    demoBackend: { secret: randomBytes(24).toString('base64url'), privateKey: await makeKey() },
    visitScribe: { subscriptionSecret: randomBytes(32).toString('hex'), privateKey: await makeKey() },
  };
}
