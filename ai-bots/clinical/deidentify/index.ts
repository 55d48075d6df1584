/**
 * Takes what identifies people out of a text for training: the identifiers of Safe Harbor that texts hold, and ages above 89.
 * https://www.hhs.gov/hipaa/for-professionals/special-topics/de-identification/index.html#safeharborguidance
 */

/** What is known of the people of the visit; each value is found whatever its capitals and joints. */
export interface Known {
  /** Whole names or parts of them. */
  readonly names?: readonly string[];
  /** FHIR dates. */
  readonly dates?: readonly string[];
  /** Phone numbers, addresses, record numbers, e-mail addresses. */
  readonly ids?: readonly string[];
  /** Finders of known identifiers in other forms, such as numbers said digit by digit. */
  readonly finders?: readonly { readonly kind: string; readonly pattern: RegExp }[];
}

const MONTH =
  '(?:january|february|march|april|may|june|july|august|september|october|november|december|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)';
const DAY =
  '(?:\\d{1,2}(?:st|nd|rd|th)?|first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|\\w+teenth|twentieth|twenty[- ]\\w+|thirtieth|thirty[- ]first)';
const YEAR =
  '(?:(?:19|20)\\d\\d|twenty (?:oh )?\\w+(?: \\w+)?|two thousand(?: and)? \\w+|nineteen \\w+(?: \\w+)?)';
const DIGIT = '(?:zero|oh|one|two|three|four|five|six|seven|eight|nine)';
const STREET =
  '(?:street|st|avenue|ave|road|rd|drive|dr|lane|ln|boulevard|blvd|court|ct|way|place|highway|terrace|circle)';

/** In order: longer forms come first, so that a part does not hide the whole. */
const RULES: readonly (readonly [pattern: RegExp, placeholder: string])[] = [
  [/\b(?:https?:\/\/|www\.)[^\s<>"']+/gi, '[URL]'],
  [/[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g, '[EMAIL]'],
  [/\b[\w.-]+ at [\w-]+ dot (?:com|org|net|edu|gov)\b/gi, '[EMAIL]'],
  [/\b\d{3}[- ]\d{2}[- ]\d{4}\b/g, '[ID]'],
  [/(?:\+\d{1,3}[ .-]?)?(?:\(\d{3}\) ?|\b\d{3}[ .-])\d{3}[ .-]?\d{4}\b|\b\d{3}[.-]\d{4}\b/g, '[PHONE]'],
  [new RegExp(`\\b${DIGIT}(?:[ ,.-]+${DIGIT}){6,}\\b`, 'gi'), '[PHONE]'],
  [
    /\b((?:mrn|record|account|member|policy|insurance|license|passport|social security)(?: (?:number|id))?(?: is)?[ :#]+)(?=[a-z-]*\d)[a-z\d][a-z\d-]{3,}/gi,
    '$1[ID]',
  ],
  [/\b\d{7,}\b/g, '[ID]'],
  [new RegExp(`\\b\\d{1,5} (?:[\\w.'-]+ ){1,3}${STREET}\\b\\.?`, 'gi'), '[ADDRESS]'],
  [/\b[A-Z]{2} \d{5}(?:-\d{4})?\b/g, '[ADDRESS]'],
  [/\b\d{4}-\d{2}-\d{2}(?:T[\d:.+Z-]+)?\b|\b\d{1,2}[/.-]\d{1,2}[/.-](?:\d{4}|\d{2})\b/g, '[DATE]'],
  [new RegExp(`\\b${MONTH}\\.? (?:the )?${DAY}(?:,? ?(?:of )?${YEAR})?(?!\\w)`, 'gi'), '[DATE]'],
  [new RegExp(`\\b(?:the )?${DAY} of ${MONTH}(?:,? ${YEAR})?\\b`, 'gi'), '[DATE]'],
  [new RegExp(`\\b\\d{1,2}(?:st|nd|rd|th)? ${MONTH}(?: ${YEAR})?\\b`, 'gi'), '[DATE]'],
  [new RegExp(`\\b${MONTH},? (?:of )?(?:19|20)\\d\\d\\b`, 'gi'), '[DATE]'],
  [
    /\b((?:mr|mrs|ms|dr|prof)\.? |(?:miss|mister|doctor|professor|nurse) )(?!\[)([A-Z][\p{L}'’-]+)/gu,
    '$1[NAME]',
  ],
  [/\b((?:Mr|Mrs|Ms|Dr|Prof)\.? |(?:Miss|Mister|Doctor|Professor|Nurse) )([A-Z][\p{L}'’-]+)/gu, '$1[NAME]'],
  [
    /\b([Mm]y (?:first |last |full )?name(?:'s| is) |[Ii]'m called |[Tt]his is [Dd]octor )([\p{L}'’-]+(?: [A-Z][\p{L}'’-]+){0,2})/gu,
    '$1[NAME]',
  ],
];

const NINETIES =
  '(?:9\\d|1[0-2]\\d|ninety(?:[- ](?:one|two|three|four|five|six|seven|eight|nine))?|(?:a|one) hundred(?: (?:and )?\\w+)?)';
/** Who is older than 89 is "90 or older". */
const OLD: readonly (readonly [RegExp, string])[] = [
  [new RegExp(`\\b${NINETIES}([- ])years?([- ])old\\b`, 'gi'), '90-or-more$1year$2old'],
  [
    new RegExp(
      `\\b(age (?:of )?|aged |(?:i'm|i am|he's|he is|she's|she is|turned) )${NINETIES}(?= ?(?:[.,;?!]|years|$|and|now|so))`,
      'gi',
    ),
    '$190 or more',
  ],
];

const escape = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');

/** Every part of two letters and more, except words that mean something by themselves in small letters. */
function nameRules(names: readonly string[]): [RegExp, string][] {
  const whole = names.map((name) => name.trim()).filter((name) => name !== '');
  const parts = whole.flatMap((name) => name.split(/[\s,.'’-]+/)).filter((part) => part.length >= 2);
  const all = [...new Set([...whole, ...parts])].sort((a, b) => b.length - a.length);
  return all.map((name) => [
    new RegExp(
      `(?<![\\p{L}\\p{N}])${escape(name).replace(/[\s-]+/g, '[\\s-]+')}(?:'s)?(?![\\p{L}\\p{N}])`,
      'giu',
    ),
    '[NAME]',
  ]);
}

const idRules = (ids: readonly string[]): [RegExp, string][] =>
  ids
    .filter((id) => id.replace(/[^\p{L}\p{N}]/gu, '').length >= 4)
    .sort((a, b) => b.length - a.length)
    .map((id) => {
      const parts = id.split(/[\s().,/-]+/).filter((part) => part !== '');
      return [
        new RegExp(
          `(?<![\\p{L}\\p{N}])\\(?${parts.map(escape).join('[\\s().,/-]*')}(?![\\p{L}\\p{N}])`,
          'giu',
        ),
        '[ID]',
      ];
    });

/** Known identifiers first, then what looks like one: a rule may take too much out, and that is meant. */
export function deidentify(text: string, known: Known = {}): string {
  let out = text;
  for (const { kind, pattern } of known.finders ?? [])
    out = out.replace(pattern, (found: string, group: unknown) =>
      typeof group === 'string' ? found.replace(group, `[${kind}]`) : `[${kind}]`,
    );
  for (const [pattern, placeholder] of [
    ...idRules([...(known.ids ?? []), ...(known.dates ?? [])]),
    ...nameRules(known.names ?? []),
    ...RULES,
    ...OLD,
  ])
    out = out.replace(pattern, placeholder);
  return out;
}
