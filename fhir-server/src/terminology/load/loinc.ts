/** LOINC, from the CSV files of its release: terms, answers and the hierarchy by system. https://hl7.org/fhir/R4/loinc.html */
import { type Loader, type LoadStep, required, SYNONYM, versionOf } from './loader.ts';
import { fileOf, optionalFile, type Release, type ReleaseFile } from './release.ts';

const AXES = ['COMPONENT', 'PROPERTY', 'TIME_ASPCT', 'SYSTEM', 'SCALE_TYP', 'METHOD_TYP', 'CLASS'];
const OTHERS = ['STATUS', 'CLASSTYPE', 'ORDER_OBS', 'CONSUMER_NAME'];
const NAMES = ['SHORTNAME', 'CONSUMER_NAME', 'DisplayName'];
const ANSWER_FOR = 'answers-for';
const operators: ('=' | 'in' | 'regex' | 'exists')[] = ['=', 'in', 'regex', 'exists'];

export const loinc: Loader = {
  name: 'loinc',
  title: 'LOINC: the folder or .zip of the release, with LoincTable/Loinc.csv and AccessoryFiles',
  plan(release, version) {
    const table = fileOf(release, /(?:^|\/)Loinc\.csv$/i, 'Loinc.csv');
    return {
      system: {
        url: 'http://loinc.org',
        version: versionOf(version, /(?<![\d.])(\d\.\d{2})(?![\d.]*\d)/.exec(release.path)?.[1], release),
        name: 'LOINC',
        title: 'Logical Observation Identifiers, Names and Codes',
        content: 'complete',
        hierarchyMeaning: 'is-a',
        valueSet: 'http://loinc.org/vs',
      },
      about: {
        publisher: 'Regenstrief Institute, Inc.',
        copyright:
          'This content LOINC® is copyright © 1995 Regenstrief Institute, Inc. and the LOINC Committee, and available at no cost under the license at http://loinc.org/terms-of-use',
        property: [
          ...[...AXES, ...OTHERS].map((code) => ({ code, type: 'string' as const })),
          { code: 'copyright', type: 'string', description: 'LOINC, or 3rdParty where others have rights' },
          { code: 'answer-list', type: 'code', description: 'The answer list of a question' },
          { code: ANSWER_FOR, type: 'code', description: 'Answer lists in which an answer is' },
        ],
        filter: [...AXES, ...OTHERS, 'copyright', 'answer-list', ANSWER_FOR].map((code) => ({
          code,
          operator: operators,
          value: 'as in the release',
        })),
      },
      steps: [
        termStep(table),
        ...optionalStep(release, 'AnswerList', answerStep),
        ...optionalStep(release, 'LoincAnswerListLink', answerLinkStep),
        ...optionalStep(release, 'ComponentHierarchyBySystem', hierarchyStep),
        ...translations(release).map(translationStep),
      ],
    };
  },
};

function optionalStep(
  release: Release,
  name: string,
  step: (file: ReleaseFile) => LoadStep,
): readonly LoadStep[] {
  const file = optionalFile(release, new RegExp(`(?:^|/)${name}\\.csv$`, 'i'), `${name}.csv`);
  return file === undefined ? [] : [step(file)];
}

const csv = (...columns: string[]) => ({ kind: 'headed', delimiter: ',', quoted: true, columns }) as const;

const termStep = (file: ReleaseFile): LoadStep => ({
  file,
  format: csv('LOINC_NUM', 'LONG_COMMON_NAME', 'STATUS', ...AXES),
  read(record, piece) {
    const code = required(record, 'LOINC_NUM');
    const display = record['LONG_COMMON_NAME'] || record['SHORTNAME'] || required(record, 'COMPONENT');
    const definition = record['DefinitionDescription'];
    piece.concepts.push({
      code,
      display,
      inactive: record['STATUS'] === 'DEPRECATED',
      ...(definition ? { definition } : {}),
    });
    for (const name of [...AXES, ...OTHERS]) {
      const value = record[name];
      if (value) piece.properties.push({ code, property: { code: name, valueString: value } });
    }
    const copyright = record['EXTERNAL_COPYRIGHT_NOTICE'] ? '3rdParty' : 'LOINC';
    piece.properties.push({ code, property: { code: 'copyright', valueString: copyright } });
    for (const value of new Set(NAMES.map((name) => record[name])))
      if (value && value !== display) piece.designations.push({ code, language: 'en', use: SYNONYM, value });
  },
});

/** Lists and the answers in them, which are codes as well. */
const answerStep = (file: ReleaseFile): LoadStep => ({
  file,
  format: csv('AnswerListId', 'AnswerListName', 'AnswerStringId', 'DisplayText'),
  read(record, piece) {
    const list = required(record, 'AnswerListId');
    const answer = record['AnswerStringId'];
    const name = record['AnswerListName'] ?? '';
    piece.concepts.push({ code: list, display: name });
    // Lists that others define are named without their answers.
    if (!answer) return;
    piece.concepts.push({ code: answer, display: required(record, 'DisplayText') });
    piece.properties.push({ code: answer, property: { code: ANSWER_FOR, valueCode: list } });
  },
});

const answerLinkStep = (file: ReleaseFile): LoadStep => ({
  file,
  format: csv('LoincNumber', 'AnswerListId'),
  read(record, piece) {
    const property = { code: 'answer-list', valueCode: required(record, 'AnswerListId') };
    piece.properties.push({ code: required(record, 'LoincNumber'), property });
  },
});

/** Parts (LP…) above parts and terms. */
const hierarchyStep = (file: ReleaseFile): LoadStep => ({
  file,
  format: csv('IMMEDIATE_PARENT', 'CODE', 'CODE_TEXT'),
  read(record, piece) {
    const code = required(record, 'CODE');
    const parent = record['IMMEDIATE_PARENT'];
    // Terms are there already, with all that is known of them.
    piece.concepts.push({ code, display: required(record, 'CODE_TEXT') });
    if (parent) piece.parents.push({ code, parent });
  },
});

const TRANSLATION = /(?:^|\/)([a-z]{2})([A-Z]{2})\d+LinguisticVariant\.csv$/;

const translations = (release: Release): readonly ReleaseFile[] =>
  release.files.filter(({ path }) => TRANSLATION.test(path));

/** Names in another language, which the name of the file tells: `deDE15LinguisticVariant.csv`. */
const translationStep = (file: ReleaseFile): LoadStep => {
  const [, language = '', country = ''] = TRANSLATION.exec(file.path) ?? [];
  return {
    file,
    format: csv('LOINC_NUM', 'LONG_COMMON_NAME'),
    read(record, piece) {
      const code = required(record, 'LOINC_NUM');
      for (const value of new Set([record['LONG_COMMON_NAME'], record['LinguisticVariantDisplayName']]))
        if (value) piece.designations.push({ code, language: `${language}-${country}`, use: SYNONYM, value });
    },
  };
};
