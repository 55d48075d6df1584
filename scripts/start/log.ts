/** One readable log of all processes: `12:03:01 api     info  listening port=8103`. */
import { styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];

const sources: Record<string, Style> = {
  start: 'cyan',
  postgres: 'blue',
  api: 'green',
  worker: 'magenta',
  bots: 'yellow',
  build: 'gray',
};
const levels: Record<number, readonly [name: string, style: Style]> = {
  10: ['trace', 'gray'],
  20: ['debug', 'gray'],
  30: ['info', 'reset'],
  40: ['warn', 'yellow'],
  50: ['error', 'red'],
  60: ['fatal', 'red'],
};

function paint(style: Style, text: string): string {
  return process.stdout.isTTY ? styleText(style, text) : text;
}

function fieldText(name: string, value: unknown): string {
  if (name === 'err' && typeof value === 'object' && value !== null) {
    const { message, stack } = value as { message?: string; stack?: string };
    return `\n${stack ?? message ?? ''}`;
  }
  return `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`;
}

/** A line of pino's JSON as text; anything else stays as it is. */
export function readableLine(line: string): { time: Date; level: number; text: string } {
  try {
    const {
      level,
      time,
      name: _name,
      pid: _pid,
      hostname: _host,
      msg,
      ...fields
    } = JSON.parse(line) as {
      [field: string]: unknown;
      level: number;
      time: string | number;
      msg?: string;
    };
    if (typeof level !== 'number') throw new TypeError('not a log line');
    const details = Object.entries(fields).map(([name, value]) => fieldText(name, value));
    return { time: new Date(time), level, text: [msg ?? '', ...details].join(' ').trim() };
  } catch {
    return { time: new Date(), level: 30, text: line };
  }
}

/** Prints a child's line, or one of our own, behind the time and the name of its source. */
export function logLine(source: string, line: string): void {
  const { time, level, text } = readableLine(line);
  const clock = Number.isNaN(time.getTime()) ? '--:--:--' : time.toTimeString().slice(0, 8);
  const [levelName, style] = levels[level] ?? ['info', 'reset'];
  const prefix = `${paint('gray', clock)} ${paint(sources[source] ?? 'reset', source.padEnd(8))}`;
  console.log(`${prefix} ${paint(style, `${levelName.padEnd(5)} ${text}`)}`);
}
