/** Trains the classifier of section headers on MTS-Dialog: the dialogues, and with less weight the sections written of them. */
import { headerFeatures } from '../clinical/draft/header.ts';
import { hashed, quantise, trainSoftmax, type Labelled, type LinearModel } from '../clinical/model/index.ts';
import { clean, parseTranscript } from '../clinical/transcript/index.ts';
import type { Visit } from './corpora.ts';

const BITS = 15;
/** Chosen on MTS-Dialog validation and by cross-validation of the training set. */
const SETTINGS = { bits: BITS, epochs: 10, rate: 0.2, l2: 1e-4 };
const WRITTEN_WEIGHT = 0.5;
/** Rare headers count more: the square root of how rare they are would be 0.5, nothing 0. */
const BALANCE = 0.4;

const words = (text: string): Labelled['features'] => hashed(headerFeatures([{ role: 'note', text }]), BITS);

/** @param visits whole visits, whose notes hold sections under titles in capitals */
export function trainHeaders(pieces: readonly Visit[], visits: readonly Visit[]): Map<string, LinearModel> {
  const counts = Map.groupBy(pieces, ({ header }) => header);
  const weight = (header: string): number => (60 / (counts.get(header)?.length ?? 60)) ** BALANCE;
  const examples = pieces.flatMap(({ dialogue, note, header }): Labelled[] => {
    if (header === undefined) return [];
    const said = parseTranscript(dialogue, 'text/plain').segments.map((segment) => ({
      role: segment.role ?? 'unknown',
      text: clean(segment.text),
    }));
    return [
      { features: hashed(headerFeatures(said), BITS), label: header, weight: weight(header) },
      { features: words(note), label: header, weight: WRITTEN_WEIGHT * weight(header) },
    ];
  });
  const sections = visits
    .flatMap(({ note }) => sectionsOf(note))
    .filter(({ header }) => counts.has(header))
    .map(({ header, text }) => ({
      features: words(text),
      label: header,
      weight: WRITTEN_WEIGHT * weight(header),
    }));
  const models = trainSoftmax([...examples, ...sections], SETTINGS);
  return new Map([...models].map(([header, model]) => [header, quantise(model)]));
}

/** Titles of ACI-BENCH notes, as MTS-Dialog names the sections. */
const TITLES: readonly (readonly [RegExp, string])[] = [
  [/^(?:PHYSICAL )?EXAM/, 'EXAM'],
  [/^(?:ASSESSMENT|IMPRESSION)$/, 'ASSESSMENT'],
  [/^(?:PLAN|INSTRUCTIONS)/, 'PLAN'],
  [/^CHIEF/, 'CC'],
  [/^(?:SOCIAL|FAMILY)/, 'FAM/SOCHX'],
  [/MEDICATIONS/, 'MEDICATIONS'],
  [/^ALLERG/, 'ALLERGY'],
  [/^(?:MEDICAL H|PAST)/, 'PASTMEDICALHX'],
  [/^SURGICAL/, 'PASTSURGICAL'],
  [/^REVIEW/, 'ROS'],
  [/^(?:HISTORY OF PRES|HPI)/, 'GENHX'],
];

function sectionsOf(note: string): { header: string; text: string }[] {
  const sections: { header: string; text: string }[] = [];
  for (const line of note
    .split('\n')
    .map((l) => l.trim())
    .filter((l) => l !== '')) {
    const isTitle = line === line.toUpperCase() && /[A-Z]{3}/.test(line);
    const last = sections.at(-1);
    if (isTitle) sections.push({ header: TITLES.find(([words]) => words.test(line))?.[1] ?? '', text: '' });
    else if (last !== undefined) last.text = `${last.text} ${line}`.trim();
  }
  return sections.filter(({ text }) => text !== '');
}
