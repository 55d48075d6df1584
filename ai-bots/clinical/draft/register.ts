/** Spoken words as notes write them, and how a sentence names the patient; says nothing new. */
import { withDigits } from './numbers.ts';
import type { Pronouns } from './person.ts';

const WRITTEN: readonly (readonly [RegExp, string])[] = [
  [/^(?:(?:yeah|yep|alright|okay|well|so|and|but)\b[\s,]*)+(?=\w)/i, ''],
  [/\b(it|that|there|he|she|here|what)'s (?=(?:been|gotten|become|had)\b)/gi, '$1 has '],
  [/\b(it|that|there|he|she|here|what)'s\b/gi, '$1 is'],
  [/\b(they|these|those)'re\b/gi, '$1 are'],
  [/\b(?:just|really|actually|literally|basically|definitely|kinda) (?=\w)/gi, ''],
  [/\bhigh blood pressure\b/gi, 'hypertension'],
  [/\bthrowing up\b/gi, 'vomiting'],
  [/\bthrew up\b/gi, 'vomited'],
  [/\bpeeing\b/gi, 'urinating'],
  [/\bpee\b/gi, 'urinate'],
  [/\b(?:belly|tummy)\b/gi, 'abdomen'],
  [/\bmeds\b/gi, 'medications'],
  [/\bmedicines?\b/gi, 'medication'],
  [/\bcat scan\b/gi, 'CT scan'],
  [/\b(?:mom|mum)\b/gi, 'mother'],
  [/\bdad\b/gi, 'father'],
  [/\bkids\b/gi, 'children'],
  [/(?<!\bblood )\bsugars\b/gi, 'blood sugars'],
  [/\ba (?:little )?bit(?! of\b)\b/gi, 'slightly'],
  [/\b(?:a )?(?:little )?bit of (?:an? )?/gi, 'slight '],
  [/\b(?:give us a call|call us)\b/gi, 'call'],
  [/\byour\b/gi, "patient's"],
  [/\byou have\b/gi, 'patient has'],
  [/\bthe patient(?=\b)/gi, 'patient'],
  [/(?<![-\w])patient\b(?! to\b)/gi, 'the patient'],
];

/** The drafted sentence in the manner of notes: digits, written words, "the patient". */
export function written(text: string, who: Pronouns): string {
  let out = text;
  for (const [spoken, plain] of WRITTEN) out = out.replace(spoken, plain);
  out = withDigits(out).replace(/^denies\b/i, who.plural ? 'The patient denies' : `${who.subject} denies`);
  return `${out.charAt(0).toUpperCase()}${out.slice(1)}`;
}
