/** A scope in words, for the page on which the user approves it. */
import type { Scope } from './scope.ts';

const VERBS: Readonly<Record<string, string>> = {
  c: 'create',
  r: 'read',
  u: 'change',
  d: 'delete',
  s: 'search',
};
const READ_FIRST = 'rscud';

/** `reader` says whether the user's own record or that of the patient he treats is meant by a patient scope. */
export function describeScope(scope: Scope, reader: 'patient' | 'clinician' = 'patient'): string {
  const verbs = [...READ_FIRST].filter((letter) => scope.letters.includes(letter)).map((l) => VERBS[l] ?? l);
  const sentence = `${list(verbs)} ${object(scope, reader)}${limits(scope)}`;
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}

function object({ level, resourceType }: Scope, reader: 'patient' | 'clinician'): string {
  const things = resourceType === '*' ? 'health records' : plural(words(resourceType));
  switch (level) {
    case 'patient': {
      const whose = reader === 'patient' ? 'your' : "the selected patient's";
      if (resourceType === 'Patient') return `${whose} personal details`;
      return resourceType === '*' ? `all ${whose} ${things}` : `${whose} ${things}`;
    }
    case 'user':
      return `all ${things} that you have access to`;
    case 'system':
      return `all ${things} on this server`;
  }
}

const limits = ({ params }: Scope): string =>
  params.length === 0
    ? ''
    : `, only where ${list(params.map(([name, value]) => `${words(name)} is ${codes(value)}`))}`;

/** Tokens without their systems. */
const codes = (value: string): string =>
  list(
    value.split(',').map((v) => v.slice(v.lastIndexOf('|') + 1) || v),
    'or',
  );

/** `MedicationRequest` → `medication request`. */
const words = (name: string): string =>
  name
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .replace(/[-_:]/g, ' ')
    .trim()
    .toLowerCase();

function plural(noun: string): string {
  if (noun === 'media') return noun;
  if (noun.endsWith('y')) return `${noun.slice(0, -1)}ies`;
  return /(s|x|ch)$/.test(noun) ? `${noun}es` : `${noun}s`;
}

const list = (parts: readonly string[], last = 'and'): string =>
  parts.length < 2 ? (parts[0] ?? '') : `${parts.slice(0, -1).join(', ')} ${last} ${parts.at(-1) ?? ''}`;
