/** The command line of the server, as its operator runs it beside an api. */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { childEnvironment } from './child-environment.ts';

const CLI = resolve(import.meta.dirname, '../../src/cli.ts');

export interface Ran {
  readonly code: number | null;
  /** On both streams. */
  readonly told: string;
}

export interface CommandLine {
  readonly start: (
    args: readonly string[],
    env?: Readonly<Record<string, string>>,
  ) => ChildProcessWithoutNullStreams;
  /** Until it ends. */
  readonly run: (args: readonly string[], env?: Readonly<Record<string, string>>) => Promise<Ran>;
}

export function commandLine(settings: Readonly<Record<string, string>>): CommandLine {
  const start: CommandLine['start'] = (args, env = {}) =>
    spawn(process.execPath, [CLI, ...args], {
      env: {
        ...childEnvironment,
        COOKIE_SECRET: 'a secret that is long enough for tests',
        LOG_LEVEL: 'fatal',
        ...settings,
        ...env,
      },
      stdio: 'pipe',
    });
  return {
    start,
    async run(args, env) {
      const child = start(args, env);
      let told = '';
      for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => (told += String(part)));
      const [code] = (await once(child, 'close')) as [number | null];
      return { code, told };
    },
  };
}
