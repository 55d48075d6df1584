/** The lexicon's size and its codes, against ICD-10-CM and RxNorm as they were published. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { CONCEPTS, mentionsIn, type Concept } from '../../clinical/extract/lexicon.ts';
import { stem, tokensOf } from '../../clinical/extract/tokens.ts';
import { sharedFolder, testWith } from '../support/shared-data.ts';

const formsOf = (c: Concept): string[] => [c.name, ...c.synonyms];
const isCapital = (form: string): boolean => /^[A-Z][A-Z0-9]+$/.test(form);

describe('The lexicon', () => {
  test('has at least 1,500 concepts with more than twice as many forms, and unique ids.', () => {
    expect(CONCEPTS.length).toBeGreaterThanOrEqual(1_500);
    expect(CONCEPTS.flatMap(formsOf).length).toBeGreaterThan(2 * CONCEPTS.length);
    expect(new Set(CONCEPTS.map(({ id }) => id)).size).toBe(CONCEPTS.length);
  });

  test('has no form that belongs to two concepts, plural or not.', () => {
    const owners = new Map<string, Concept>();
    const shared = CONCEPTS.flatMap((concept) =>
      formsOf(concept).flatMap((form) => {
        const words = tokensOf(form).map(({ word }) => word);
        const isApart = concept.kind === 'substance' || isCapital(form);
        const key = `${isApart ? `${concept.kind} ${isCapital(form)}` : ''}|${words.join(' ')}`;
        const owner = owners.get(key) ?? concept;
        owners.set(key, owner);
        return owner === concept ? [] : [`${form}: ${owner.id}, ${concept.id}`];
      }),
    );
    expect(shared).toEqual([]);
  });

  test('finds each of its forms as the concept that it belongs to.', () => {
    const lost = CONCEPTS.filter(({ kind }) => kind !== 'substance').flatMap((concept) =>
      formsOf(concept)
        .map((form) => form.replace('NUMBER', '20'))
        .filter((form) => mentionsIn(`so ${form} now`)[0]?.concept !== concept),
    );
    expect(lost).toEqual([]);
  });
});

/** Valid in the year of the file, divided or replaced since: such a code is not given. */
const REPLACED =
  /^(?:G20|G35|I47\.1|I71\.|B37\.3|E87\.2|D68\.0|F43\.8|I20\.8|I31\.3|E88\.81|G93\.3|R10\.2|M51\.3|F50\.[28]|M65\.9|K60\.3|Q23\.1)/;

testWith('terminology/icd10cm.tsv.gz')(
  'Each ICD-10-CM code is valid, billable and plausible for its words [needs the shared data terminology].',
  () => {
    const rows = gunzipSync(readFileSync(join(sharedFolder, 'terminology/icd10cm.tsv.gz')))
      .toString()
      .split('\n')
      .map((line) => line.split('\t'));
    const titles = new Map(rows.filter((r) => r[2] === '1').map((r) => [r[1] ?? '', r[4] ?? '']));
    const coded = CONCEPTS.flatMap((concept) =>
      [concept.code, concept.allergyCode].flatMap((code) => (code === undefined ? [] : [{ concept, code }])),
    );
    expect(coded.length).toBeGreaterThan(700);
    const unknown = coded.filter(({ code }) => !titles.has(code.replace('.', '')) || REPLACED.test(code));
    expect(unknown.map(({ concept, code }) => `${concept.id} ${code}`)).toEqual([]);
    const odd = coded
      .filter(({ concept, code }) => code !== concept.allergyCode && !REVIEWED.has(concept.id))
      .filter(({ concept, code }) => !sharesWord(concept, titles.get(code.replace('.', '')) ?? ''));
    expect(odd.map(({ concept, code }) => `${concept.id} ${code}`)).toEqual([]);
    for (const { concept, code } of coded.filter(({ concept, code }) => code === concept.allergyCode))
      expect([concept.id, /allergy/i.test(titles.get(code.replace('.', '')) ?? '')]).toEqual([
        concept.id,
        true,
      ]);
  },
);

testWith('terminology/rxnorm_in_bn.tsv')(
  'Each RxNorm code is the ingredient of that name [needs the shared data terminology].',
  () => {
    const lines = readFileSync(join(sharedFolder, 'terminology/rxnorm_in_bn.tsv'), 'utf8').split('\n');
    const names = new Map(
      lines.map((line) => line.split('\t')).map(([code, type, name]) => [code, `${type} ${name}`]),
    );
    const coded = CONCEPTS.filter(({ rxnorm }) => rxnorm !== undefined);
    expect(coded.length).toBeGreaterThan(400);
    const wrong = coded.filter(
      (c) => names.get(c.rxnorm ?? '')?.toLowerCase() !== `in ${c.name.toLowerCase()}`,
    );
    expect(wrong.map(({ id }) => id)).toEqual([]);
  },
);

const COMMON = new Set(
  'of the and or in on to with without by my your disease disorder syndrome unspecified other not elsewhere classified site status condition problem acute chronic type a'
    .split(' ')
    .map(stem),
);
const significant = (text: string): Set<string> =>
  new Set(
    tokensOf(text.replace(/[()[\],]/g, ' '))
      .map(({ word }) => word)
      .filter((word) => word.length > 2 && !COMMON.has(word)),
  );

/** A significant word of the title is in the name or a synonym. */
function sharesWord(concept: Concept, title: string): boolean {
  const words = significant(formsOf(concept).join(' '));
  return [...significant(title)].some((word) => words.has(word));
}

/** Read by eye: the official title says the same in other words. */
const REVIEWED = new Set(
  `acoustic-neuroma left-ventricular-hypertrophy heart-block wolff-parkinson-white-syndrome pericarditis spider-veins high-triglycerides graves-disease addisons-disease hemophilia factor-v-leiden clotting-disorder aspiration-pneumonia hay-fever esophageal-spasm ureteral-stone pyelonephritis prostatitis varicocele peyronies-disease microalbuminuria heavy-periods psoriatic-arthritis arthritis bursitis tendinitis mortons-neuroma costochondritis neuropathy dysthymia phobia learning-disability delirium cold-sore genital-herpes herpes ringworm nail-fungus oral-thrush fungal-infection head-lice lice lipoma melasma rectal-cancer esophageal-cancer ovarian-cancer cervical-cancer uterine-cancer endometrial-cancer testicular-cancer throat-cancer farsightedness chlamydia gonorrhea hand-foot-and-mouth-disease roseola pinworms canker-sore tongue-tie hepatosplenomegaly gynecomastia thoracic-outlet-syndrome hypoalbuminemia asbestosis night-sweats loss-of-appetite increased-appetite pleuritic-chest-pain vertigo belching rectal-pain rectal-itching breast-pain back-pain tailbone-pain tooth-pain sore-throat hoarseness blurry-vision numbness mole xerostomia`.split(
    /\s+/,
  ),
);
