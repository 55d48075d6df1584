/** What `npm start` was asked for, on the command line and in the environment. */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { readSecretFiles, SECRET_SETTINGS } from '../../fhir-server/src/platform/secret-files.ts';
import { root } from '../pinned-node.ts';

export interface StartOptions {
  readonly reset: boolean;
  readonly dataDir: string;
  readonly host: string;
  readonly port: number;
  readonly baseUrl: string;
  /** Undefined: take 8104 or any free port. */
  readonly botsPort: number | undefined;
  /** Undefined: take 8132 or any free port. */
  readonly databasePort: number | undefined;
  /** An existing PostgreSQL instead of the embedded one. */
  readonly databaseUrl: string | undefined;
  /** Demo accounts and demo data. */
  readonly demo: boolean;
}

/** A fault of the user's, shown as one message without a stack trace. */
export class StartError extends Error {}

export const usage = `npm start                 start everything; Ctrl-C stops it
npm start -- --reset      delete all data in .data first

Settings are environment variables: PORT (8103), HOST (127.0.0.1), BASE_URL, BOT_PORT (8104), DATABASE_PORT (8132),
DATABASE_URL (an existing PostgreSQL 15 or newer), DATA_DIR (.data), LOG_LEVEL (info), DEMO (true).
All of them: fhir-server/docs/configuration.md`;

function portOf(name: string): number | undefined {
  const text = process.env[name];
  if (text === undefined || text === '') return undefined;
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port <= 65_535) return port;
  throw new StartError(`${name} must be a port number from 1 to 65535, not "${text}".`);
}

/** The processes get what the files hold, each only what it needs. Throws StartError for a file that cannot be read. */
function takeSecretFiles(): void {
  const faults: string[] = [];
  const env = readSecretFiles(process.env, faults);
  if (faults.length > 0) throw new StartError(faults.join('\n'));
  for (const name of SECRET_SETTINGS) delete process.env[`${name}_FILE`];
  Object.assign(process.env, env);
}

/** Throws StartError for an unknown argument or a malformed port. */
export function readOptions(args: readonly string[]): StartOptions | 'help' {
  let values: { reset?: boolean; help?: boolean };
  try {
    const options = { reset: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } as const;
    values = parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw new StartError(`${(error as Error).message}\n\n${usage}`);
  }
  if (values.help === true) return 'help';
  takeSecretFiles();
  const port = portOf('PORT') ?? 8103;
  const host = process.env['HOST'] ?? '127.0.0.1';
  const databaseUrl = process.env['DATABASE_URL'];
  return {
    reset: values.reset === true,
    dataDir: resolve(root, process.env['DATA_DIR'] ?? '.data'),
    host,
    port,
    baseUrl: (process.env['BASE_URL'] ?? `http://localhost:${port}`).replace(/\/+$/, ''),
    botsPort: portOf('BOT_PORT'),
    databasePort: portOf('DATABASE_PORT'),
    databaseUrl: databaseUrl === '' ? undefined : databaseUrl,
    demo:
      process.env['DEMO'] === undefined
        ? ['127.0.0.1', 'localhost', '::1'].includes(host)
        : process.env['DEMO'] === 'true',
  };
}
