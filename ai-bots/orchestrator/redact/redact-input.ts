/** Redacts whatever a stage sends to a provider, and restores what comes back. */
import type { Finder } from './finder.ts';
import { createRedaction } from './redaction.ts';

/** Links between input and output and codes; they are checked for identifiers, but changing them would break the links. */
const KEPT = new Set([
  'id',
  'source',
  'reference',
  'role',
  'category',
  'type',
  'system',
  'code',
  'gender',
  'date',
]);
/** What a note does not need of a patient. */
const DROPPED = new Set(['birthDate', 'name']);

export interface Redacted<Input> {
  readonly input: Input;
  readonly restore: <T>(output: T) => T;
}

/** Undefined when an identifier would remain, because it is part of what links input and output. */
export function redactInput<Input>(input: Input, known: readonly Finder[]): Redacted<Input> | undefined {
  const { redact, restore, leaks } = createRedaction(known);
  const redacted = redactValue(withoutDropped(input), redact);
  if (textsOf(redacted, false).some(({ text, isLink }) => leaks(text, isLink))) return undefined;
  return { input: redacted as Input, restore: (output) => restoreValue(output, restore) };
}

function withoutDropped(input: unknown): unknown {
  const patient = (input as { patient?: object } | null)?.patient;
  if (patient === undefined) return input;
  const kept = Object.entries(patient).filter(([key]) => !DROPPED.has(key));
  return { ...(input as object), patient: Object.fromEntries(kept) };
}

function redactValue(value: unknown, redact: (text: string) => string): unknown {
  if (typeof value === 'string') return redact(value);
  if (Array.isArray(value)) return value.map((item) => redactValue(item, redact));
  if (!isPlain(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, KEPT.has(key) ? item : redactValue(item, redact)]),
  );
}

function restoreValue<T>(value: T, restore: (text: string) => string): T {
  if (typeof value === 'string') return restore(value) as T;
  if (Array.isArray(value)) return value.map((item: unknown) => restoreValue(item, restore)) as T;
  if (!isPlain(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, restoreValue(item, restore)]),
  ) as T;
}

const isPlain = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Buffer.isBuffer(value);

function textsOf(value: unknown, isLink: boolean): { text: string; isLink: boolean }[] {
  if (typeof value === 'string') return [{ text: value, isLink }];
  if (Array.isArray(value)) return value.flatMap((item) => textsOf(item, isLink));
  if (!isPlain(value)) return [];
  return Object.entries(value).flatMap(([key, item]) => textsOf(item, KEPT.has(key)));
}
