/** The command line of a measurement: unknown options and malformed numbers end it with the list of its options. */
import { parseArgs, type ParseArgsConfig } from 'node:util';

const EXIT_USAGE = 2;

/** Options as `parseArgs` gives them; `--help` prints `usage` and ends the process. */
export function readOptions<T extends NonNullable<ParseArgsConfig['options']>>(usage: string, options: T) {
  try {
    const { values } = parseArgs({ options: { ...options, help: { type: 'boolean', short: 'h' } } });
    if (!('help' in values)) return values;
  } catch (error) {
    refuse(usage, (error as Error).message);
  }
  console.log(usage);
  process.exit(0);
}

/** A number above 0, or the end of the process. */
export function positive(usage: string, name: string, text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  return refuse(usage, `--${name} must be a number above 0, not "${text}".`);
}

function refuse(usage: string, message: string): never {
  console.error(`${message}\n\n${usage}`);
  process.exit(EXIT_USAGE);
}
