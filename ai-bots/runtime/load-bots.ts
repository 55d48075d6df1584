/** Finds bots: `ai-bots/bot/<name>/handler.ts`, and whatever BOT_PATHS names. */
import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Bot, OpenBot } from '../sdk/index.ts';
import { ConfigError, type Config } from './config.ts';

const HOME = resolve(import.meta.dirname, '../bot');

/** Each bot with its own settings read. Throws ConfigError with all faults at once. */
export async function loadBots(
  config: Pick<Config, 'bots' | 'botPaths'>,
  env: NodeJS.ProcessEnv,
): Promise<OpenBot[]> {
  const faults: string[] = [];
  const opened: OpenBot[] = [];
  const places = [
    ...config.bots.map((name) => ({ name, file: join(HOME, name, 'handler.ts') })),
    ...config.botPaths.map((path) => ({ name: undefined, file: handlerFile(path) })),
  ];
  for (const { name, file } of places) {
    try {
      const bot = await importBot(file);
      if (name !== undefined && bot.name !== name) throw new Error(`${file} calls itself ${bot.name}`);
      if (opened.some((other) => other.name === bot.name)) throw new Error(`${bot.name} is there twice`);
      opened.push(bot.open(env));
    } catch (error) {
      faults.push(error instanceof Error ? error.message : String(error));
    }
  }
  if (faults.length > 0) throw new ConfigError(faults.join('\n'));
  return opened;
}

function handlerFile(path: string): string {
  const absolute = resolve(path);
  const isFolder = existsSync(absolute) && statSync(absolute).isDirectory();
  return isFolder ? join(absolute, 'handler.ts') : absolute;
}

async function importBot(file: string): Promise<Bot> {
  if (!existsSync(file)) throw new Error(`there is no bot at ${file}`);
  const module = (await import(pathToFileURL(file).href)) as { default?: Partial<Bot> };
  if (typeof module.default?.open !== 'function')
    throw new Error(`${file} has no default export made by defineBot`);
  return module.default as Bot;
}
