/** The environment of the bots, read once, checked and typed. Each name is documented in docs/configuration.md of the server. */
import { readFileSync } from 'node:fs';
import { readSettings, type SettingsReader } from '../sdk/index.ts';

export interface Config {
  /** FHIR base URL without a trailing slash. */
  readonly fhirBase: string;
  /** Names of the bots of this repository that run. */
  readonly bots: readonly string[];
  /** Folders (or files) of bots from elsewhere, which run too. */
  readonly botPaths: readonly string[];
  /** Where each bot's private key is, as `<name>-key.json`. */
  readonly keyDir?: string;
  /** For a process with one bot: its client, and the file of its private key. */
  readonly clientId?: string;
  readonly privateKeyFile?: string;
  readonly host: string;
  readonly port: number;
  /** Under which the FHIR server reaches the bots, without a trailing slash. */
  readonly publicUrl: string;
  /** The secrets that sign the notifications to each bot are derived from it. */
  readonly subscriptionSecret: string;
  readonly bodySizeMaxBytes: number;
  /** A delivery is answered at the latest after this time; longer work goes on, recorded in its Task. */
  readonly answerAfterMs: number;
  /** How often unfinished work is looked for, and how long a Task must have stood still to count as such. */
  readonly resumeEveryMs: number;
  /** Work of a timetable that has shown no life for so long is taken over by another process. */
  readonly leaseMs: number;
  /** How long the Task of a moment that is done is kept, where the bot may delete it. */
  readonly tickKeepDays: number;
  /** How long work that is under way may take when the process is asked to stop. */
  readonly drainMs: number;
  readonly logLevel: string;
}

/** Raised at start-up for what the operator has to mend. */
export class ConfigError extends Error {}

/** Throws SettingsError when settings are missing, malformed or contradict each other. */
export function loadConfig(env: NodeJS.ProcessEnv): Config {
  const read = readSettings(env);
  const { text, whole, url, list, optional, fault } = read;
  const port = whole('BOT_PORT', 8104, 1, 65_535);
  const config: Config = {
    fhirBase: url('FHIR_BASE_URL', 'http://localhost:8103/fhir/R4'),
    bots: list('BOTS', 'visit-scribe'),
    botPaths: list('BOT_PATHS', ''),
    ...optional('BOT_KEY_DIR', 'keyDir'),
    ...optional('BOT_CLIENT_ID', 'clientId'),
    ...optional('BOT_PRIVATE_KEY_FILE', 'privateKeyFile'),
    host: text('BOT_HOST', '127.0.0.1'),
    port,
    publicUrl: url('BOT_PUBLIC_URL', `http://127.0.0.1:${port}`),
    subscriptionSecret: readSecret(env, read),
    bodySizeMaxBytes: whole('BOT_BODY_SIZE_MAX_BYTES', 64 * 1024 * 1024, 1_024, 2 ** 30),
    answerAfterMs: whole('BOT_ANSWER_AFTER_MS', 45_000, 10, 600_000),
    resumeEveryMs: whole('BOT_RESUME_EVERY_MS', 120_000, 100, 3_600_000),
    leaseMs: whole('BOT_LEASE_MS', 60_000, 300, 3_600_000),
    tickKeepDays: whole('BOT_TICK_KEEP_DAYS', 90, 1, 36_500),
    drainMs: whole('BOT_DRAIN_MS', 20_000, 0, 3_600_000),
    logLevel: text('LOG_LEVEL', 'info'),
  };
  const count = config.bots.length + config.botPaths.length;
  if (count === 0) fault('BOTS and BOT_PATHS name no bot');
  if (count > 1 && config.clientId !== undefined)
    fault('BOT_CLIENT_ID is for a process with one bot; several have their names as client ids');
  if (config.keyDir === undefined && (count > 1 || config.privateKeyFile === undefined))
    fault(count > 1 ? 'BOT_KEY_DIR is not set' : 'neither BOT_KEY_DIR nor BOT_PRIVATE_KEY_FILE is set');
  read.check();
  return config;
}

function readSecret(env: NodeJS.ProcessEnv, { text, fault }: SettingsReader): string {
  const file = env['BOT_SUBSCRIPTION_SECRET_FILE'] ?? '';
  if (file !== '' && (env['BOT_SUBSCRIPTION_SECRET'] ?? '') !== '')
    fault('BOT_SUBSCRIPTION_SECRET and BOT_SUBSCRIPTION_SECRET_FILE are both set');
  let secret = '';
  try {
    secret =
      file === '' ? text('BOT_SUBSCRIPTION_SECRET') : readFileSync(file, 'utf8').replace(/[\r\n]+$/, '');
  } catch {
    fault('BOT_SUBSCRIPTION_SECRET_FILE cannot be read');
  }
  if (secret !== '' && secret.length < 32) fault('BOT_SUBSCRIPTION_SECRET must have at least 32 characters');
  return secret;
}
