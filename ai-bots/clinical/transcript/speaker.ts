/** Who spoke, from the labels that people and programs write before a turn. */
import type { Role, Segment } from '../types.ts';

const CLINICIAN =
  /^(dr|doctor|doc|d|physician|clinician|provider|nurse|md|np|pa|gp|therapist|surgeon|pharmacist)\b/i;
const PATIENT = /^(patient|pat|pt|p|client)\b/i;
const OTHER =
  /^(guest|family|mother|mom|mum|father|dad|wife|husband|spouse|son|daughter|parent|caregiver|carer|sister|brother|interpreter|other\b)/i;

/** `Doctor:`, `DR:`, `Dr. Smith -` and `Maria:`; at most three words, so that a sentence with a colon is no label. */
const COLON_LABEL = /^\s*((?:[A-Z][\w.'-]*|[dD]r\.?|[a-z]+)(?:[ _][A-Z0-9][\w.'-]*){0,2})\s*:\s*(.*)$/s;
const BRACKET_LABEL = /^\s*\[([^\]]{1,40})\]\s*:?\s*(.*)$/s;

export interface Labelled {
  readonly speaker?: string;
  readonly text: string;
}

/** The label that opens a line, if one does. */
export function splitLabel(line: string): Labelled {
  const bracket = BRACKET_LABEL.exec(line);
  if (bracket !== null && roleOf(bracket[1] ?? '') !== undefined)
    return { speaker: (bracket[1] ?? '').trim(), text: bracket[2] ?? '' };
  const colon = COLON_LABEL.exec(line);
  const label = colon?.[1] ?? '';
  // An unknown word in lower case before a colon is speech ("plan: rest"), not a speaker.
  if (colon === null || (roleOf(label) === undefined && !/^[A-Z]/.test(label))) return { text: line };
  return { speaker: label, text: colon[2] ?? '' };
}

export function roleOf(label: string): Role | undefined {
  const words = label.trim().replaceAll('_', ' ');
  if (CLINICIAN.test(words)) return 'clinician';
  if (PATIENT.test(words)) return 'patient';
  return OTHER.test(words) ? 'other' : undefined;
}

/**
 * Gives every labelled segment a role where the labels tell: by the label's word; of two speakers the one left over
 * is the patient or the clinician; of two unknown ones the one who asks more is the clinician.
 */
export function assignRoles(segments: readonly Segment[]): Segment[] {
  const roles = new Map<string, Role>();
  const speakers = [...new Set(segments.flatMap((s) => s.speaker ?? []))];
  for (const speaker of speakers) {
    const role = roleOf(speaker);
    if (role !== undefined) roles.set(speaker, role);
  }
  const unknown = speakers.filter((speaker) => !roles.has(speaker));
  const [first, second] = unknown;
  const known = new Set(roles.values());
  if (first !== undefined && second === undefined && known.size > 0)
    roles.set(first, !known.has('clinician') ? 'clinician' : known.has('patient') ? 'other' : 'patient');
  if (first !== undefined && second !== undefined && unknown.length === 2 && known.size === 0) {
    const [a, b] = [questions(segments, first), questions(segments, second)];
    if (a !== b) {
      roles.set(first, a > b ? 'clinician' : 'patient');
      roles.set(second, a > b ? 'patient' : 'clinician');
    }
  }
  return segments.map((segment) => {
    const role = segment.speaker === undefined ? undefined : roles.get(segment.speaker);
    return role === undefined ? segment : { ...segment, role };
  });
}

const questions = (segments: readonly Segment[], speaker: string): number =>
  segments.filter((s) => s.speaker === speaker && s.text.includes('?')).length;
