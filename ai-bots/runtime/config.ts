/** The environment of the bots, read once, checked and typed. Each name is documented in docs/configuration.md of the server. */
import { readFileSync } from 'node:fs';
import type { JWK } from 'jose';

export interface Config {
  /** FHIR base URL without a trailing slash. */
  readonly fhirBase: string;
  readonly clientId: string;
  /** Private key (ES384 or RS384) whose public half is registered with the client. */
  readonly privateKey: JWK;
  readonly host: string;
  readonly port: number;
  /** Under which the FHIR server reaches the bots, without a trailing slash. */
  readonly publicUrl: string;
  /** Signs the notifications. */
  readonly subscriptionSecret: string;
  readonly bodySizeMaxBytes: number;
  readonly contentSizeMaxBytes: number;
  readonly whisperModel?: string;
  readonly whisperLanguage: string;
  /** A delivery is answered at the latest after this time; longer jobs go on, recorded in their Task. */
  readonly answerAfterMs: number;
  /** How often unfinished jobs are looked for, and how long a Task must have stood still to count as one. */
  readonly resumeEveryMs: number;
  readonly logLevel: string;
}

/** Raised at start-up with every fault in the environment at once. */
export class ConfigError extends Error {}

/** Throws ConfigError when a setting is missing or malformed. */
export function loadConfig(env: NodeJS.ProcessEnv): Config {
  const faults: string[] = [];
  const text = (name: string, fallback?: string): string => {
    const value = env[name] ?? fallback ?? '';
    if (value === '') faults.push(`${name} is not set`);
    return value;
  };
  const whole = (name: string, fallback: number, min: number, max: number): number => {
    const value = env[name] === undefined ? fallback : Number(env[name]);
    const fits = Number.isInteger(value) && value >= min && value <= max;
    if (!fits) faults.push(`${name} must be a whole number from ${min} to ${max}`);
    return value;
  };
  const url = (name: string, fallback: string): string => {
    const value = text(name, fallback).replace(/\/+$/, '');
    if (!/^https?:/.test(value) || !URL.canParse(value)) faults.push(`${name} is not an http or https URL`);
    return value;
  };
  const port = whole('BOT_PORT', 8104, 1, 65_535);
  const whisperModel = env['WHISPER_MODEL'] ?? '';
  const keyFile = text('BOT_PRIVATE_KEY_FILE');
  const privateKey = keyFile === '' ? {} : readKey(keyFile, faults);
  const secretFile = env['BOT_SUBSCRIPTION_SECRET_FILE'] ?? '';
  const secret = secretFile === '' ? text('BOT_SUBSCRIPTION_SECRET') : readSecret(secretFile, env, faults);
  if (secret !== '' && secret.length < 32)
    faults.push('BOT_SUBSCRIPTION_SECRET must have at least 32 characters');
  const config = {
    fhirBase: url('FHIR_BASE_URL', 'http://localhost:8103/fhir/R4'),
    clientId: text('BOT_CLIENT_ID', 'visit-scribe'),
    privateKey,
    host: text('BOT_HOST', '127.0.0.1'),
    port,
    publicUrl: url('BOT_PUBLIC_URL', `http://127.0.0.1:${port}`),
    subscriptionSecret: secret,
    bodySizeMaxBytes: whole('BOT_BODY_SIZE_MAX_BYTES', 64 * 1024 * 1024, 1_024, 2 ** 30),
    contentSizeMaxBytes: whole('BOT_CONTENT_SIZE_MAX_BYTES', 512 * 1024 * 1024, 1_024, 2 ** 31),
    ...(whisperModel === '' ? {} : { whisperModel }),
    whisperLanguage: text('WHISPER_LANGUAGE', 'en'),
    answerAfterMs: whole('BOT_ANSWER_AFTER_MS', 45_000, 10, 600_000),
    resumeEveryMs: whole('BOT_RESUME_EVERY_MS', 120_000, 100, 3_600_000),
    logLevel: text('LOG_LEVEL', 'info'),
  };
  if (faults.length > 0) throw new ConfigError(faults.join('\n'));
  return config;
}

function readSecret(file: string, env: NodeJS.ProcessEnv, faults: string[]): string {
  if ((env['BOT_SUBSCRIPTION_SECRET'] ?? '') !== '')
    faults.push('BOT_SUBSCRIPTION_SECRET and BOT_SUBSCRIPTION_SECRET_FILE are both set');
  try {
    return readFileSync(file, 'utf8').replace(/[\r\n]+$/, '');
  } catch {
    faults.push('BOT_SUBSCRIPTION_SECRET_FILE cannot be read');
    return '';
  }
}

function readKey(file: string, faults: string[]): JWK {
  try {
    const key = JSON.parse(readFileSync(file, 'utf8')) as JWK;
    if (key.kty === undefined || key.d === undefined)
      faults.push('BOT_PRIVATE_KEY_FILE holds no private JWK');
    return key;
  } catch {
    faults.push('BOT_PRIVATE_KEY_FILE cannot be read as JSON');
    return {};
  }
}
