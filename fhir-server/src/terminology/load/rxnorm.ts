/**
 * RxNorm, from the RRF files of the full or the prescribable release. https://hl7.org/fhir/R4/rxnorm.html and
 * https://www.nlm.nih.gov/research/umls/rxnorm/docs/techdoc.html
 */
import { posix } from 'node:path';
import { LoadError } from './load-error.ts';
import { type Loader, type LoadStep, required, SYNONYM, versionOf } from './loader.ts';
import type { Release, ReleaseFile } from './release.ts';

const CONCEPT_COLUMNS =
  'RXCUI LAT TS LUI STT SUI ISPREF RXAUI SAUI SCUI SDUI SAB TTY CODE STR SRL SUPPRESS CVF';
const RELATION_COLUMNS = 'RXCUI1 RXAUI1 STYPE1 REL RXCUI2 RXAUI2 STYPE2 RELA RUI SRUI SAB SL DIR RG SUPPRESS CVF'; // prettier-ignore
const ATTRIBUTE_COLUMNS = 'RXCUI LUI SUI RXAUI STYPE CODE ATUI SATUI ATN SAB ATV SUPPRESS CVF';
const SEMANTIC_TYPE_COLUMNS = 'RXCUI TUI STN STY ATUI CVF';

const SOURCE = 'RXNORM';
/** Names of a concept besides its own: synonyms, tall man letters, prescribable names and entry terms. */
const OTHER_NAMES = new Set(['SY', 'TMSY', 'PSN', 'ET']);
/** Filter by what it is related to, as `has_ingredient` = `CUI:<rxcui>`. */
const RELATIONS = [
  'consists_of', 'constitutes', 'contained_in', 'contains', 'dose_form_of', 'doseformgroup_of', 'form_of', 'has_dose_form',
  'has_doseformgroup', 'has_form', 'has_ingredient', 'has_ingredients', 'has_part', 'has_precise_ingredient',
  'has_quantified_form', 'has_tradename', 'ingredient_of', 'ingredients_of', 'inverse_isa', 'isa', 'part_of',
  'precise_ingredient_of', 'quantified_form_of', 'reformulated_to', 'reformulation_of', 'tradename_of',
]; // prettier-ignore
const operators: ('=' | 'in')[] = ['=', 'in'];

export const rxnorm: Loader = {
  name: 'rxnorm',
  title: 'RxNorm: the folder or .zip of the full or the prescribable release, with its .RRF files',
  plan(release, version) {
    const [concepts, ...others] = filesOf(release);
    return {
      system: {
        url: 'http://www.nlm.nih.gov/research/umls/rxnorm',
        version: versionOf(version, /(\d{8})(?!.*\d{8})/.exec(release.path)?.[1], release),
        name: 'RXNORM',
        title: 'RxNorm',
        content: 'complete',
        valueSet: 'http://www.nlm.nih.gov/research/umls/rxnorm/vs',
      },
      about: {
        publisher: 'National Library of Medicine',
        description: 'The concepts of RxNorm itself (SAB=RXNORM), with their attributes and relations.',
        property: [
          { code: 'TTY', type: 'string', description: 'Term type' },
          { code: 'STY', type: 'string', description: 'Semantic type (TUI)' },
          { code: 'NDC', type: 'string', description: 'National Drug Code' },
          { code: 'SUPPRESS', type: 'string', description: 'Why it is suppressed: O for obsolete' },
          ...RELATIONS.map((code) => ({ code, type: 'code' as const })),
        ],
        filter: ['TTY', 'STY', ...RELATIONS].map((code) => ({
          code,
          operator: operators,
          value: RELATIONS.includes(code) ? 'CUI:[rxcui]' : 'a code of RxNorm',
        })),
      },
      steps: [conceptStep(concepts), ...others.flatMap((file) => stepOf(file) ?? [])],
    };
  },
};

/** RXNCONSO first; then all in its folder. The full release has the prescribable one in a folder deeper down. */
function filesOf(release: Release): readonly [ReleaseFile, ...ReleaseFile[]] {
  const all = release.files.filter(({ path }) => /(?:^|\/)RXNCONSO\.RRF$/i.test(path));
  const [concepts] = all.sort((a, b) => a.path.length - b.path.length);
  if (concepts === undefined) throw new LoadError(`${release.path} has no RXNCONSO.RRF`);
  const folder = posix.dirname(concepts.path);
  return [concepts, ...release.files.filter(({ path }) => posix.dirname(path) === folder)];
}

function stepOf(file: ReleaseFile): LoadStep | undefined {
  switch (posix.basename(file.path).toUpperCase()) {
    case 'RXNSTY.RRF':
      return semanticTypeStep(file);
    case 'RXNSAT.RRF':
      return attributeStep(file);
    case 'RXNREL.RRF':
      return relationStep(file);
    default:
      return undefined;
  }
}

/** Each line ends with a separator, after which is nothing. */
const rrf = (columns: string) =>
  ({ kind: 'bare', delimiter: '|', columns: [...columns.split(' '), 'END'] }) as const;

const conceptStep = (file: ReleaseFile): LoadStep => ({
  file,
  format: rrf(CONCEPT_COLUMNS),
  read(record, piece) {
    if (record['SAB'] !== SOURCE) return;
    const code = required(record, 'RXCUI');
    const name = required(record, 'STR');
    const type = required(record, 'TTY');
    if (OTHER_NAMES.has(type)) {
      piece.designations.push({ code, language: 'en', use: SYNONYM, value: name });
      return;
    }
    const suppressed = record['SUPPRESS'] ?? 'N';
    piece.concepts.push({ code, display: name, inactive: suppressed === 'O' });
    piece.properties.push({ code, property: { code: 'TTY', valueString: type } });
    if (suppressed !== 'N' && suppressed !== '')
      piece.properties.push({ code, property: { code: 'SUPPRESS', valueString: suppressed } });
  },
});

const semanticTypeStep = (file: ReleaseFile): LoadStep => ({
  file,
  format: rrf(SEMANTIC_TYPE_COLUMNS),
  read(record, piece) {
    const property = { code: 'STY', valueString: required(record, 'TUI') };
    piece.properties.push({ code: required(record, 'RXCUI'), property });
  },
});

const attributeStep = (file: ReleaseFile): LoadStep => ({
  file,
  format: rrf(ATTRIBUTE_COLUMNS),
  read(record, piece) {
    const { SAB, ATV = '' } = record;
    if (SAB !== SOURCE || ATV === '') return;
    const property = { code: required(record, 'ATN'), valueString: ATV };
    piece.properties.push({ code: required(record, 'RXCUI'), property });
  },
});

/** Of each line the second concept has the relation to the first. */
const relationStep = (file: ReleaseFile): LoadStep => ({
  file,
  format: rrf(RELATION_COLUMNS),
  read(record, piece) {
    const { SAB, STYPE1, STYPE2, RXCUI1 = '', RXCUI2 = '', RELA, REL } = record;
    // Relations between single names of concepts have no concepts.
    if (SAB !== SOURCE || STYPE1 !== 'CUI' || STYPE2 !== 'CUI' || RXCUI1 === '' || RXCUI2 === '') return;
    const name = RELA === undefined || RELA === '' ? (REL ?? '') : RELA;
    if (name !== '') piece.properties.push({ code: RXCUI2, property: { code: name, valueCode: RXCUI1 } });
  },
});
