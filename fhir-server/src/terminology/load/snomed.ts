/**
 * SNOMED CT, from the snapshot of a release in RF2: of one edition as it is published, or of an extension together with the
 * international edition it is made for, in one folder. https://hl7.org/fhir/R4/snomedct.html and https://confluence.ihtsdotools.org/display/DOCRELFMT
 */
import type { CodeSystemConceptDesignation } from '@medplum/fhirtypes';
import { LoadError } from './load-error.ts';
import { FULLY_SPECIFIED_NAME, type Loader, type LoadStep, required, SYNONYM, versionOf } from './loader.ts';
import type { RecordFormat } from './read-records.ts';
import type { Release, ReleaseFile } from './release.ts';

const SNOMED = 'http://snomed.info/sct';
const IS_A = '116680003';
const FSN = '900000000000003001';
const DEFINITION = '900000000000550004';
const INFERRED = '900000000000011006';
const FULLY_DEFINED = '900000000000073002';
const PREFERRED = '900000000000548007';
const INTERNATIONAL = '900000000000207008';
/** Whose preferred terms are the displays; of an edition without it those of all languages. */
const US_ENGLISH = '900000000000509007';
/** Modules of editions by the namespace of their files; of others the operator tells the version. */
const MODULES: Readonly<Record<string, string>> = { INT: INTERNATIONAL, US1000124: '731000124108' };

export const snomed: Loader = {
  name: 'snomed',
  title: 'SNOMED CT: the folder or .zip of a release in RF2; its snapshot is loaded',
  plan(release, version) {
    const concepts = filesOf(release, 'sct2_Concept_', true);
    return {
      system: {
        url: SNOMED,
        version: versionOf(version, versionUri(concepts), release),
        name: 'SNOMED_CT',
        title: 'SNOMED CT',
        content: 'complete',
        hierarchyMeaning: 'is-a',
        valueSet: `${SNOMED}?fhir_vs`,
      },
      about: {
        publisher: 'SNOMED International',
        copyright:
          'SNOMED CT is copyright of the International Health Terminology Standards Development Organisation; its use needs a licence of it or of a national release centre.',
        property: [
          { code: 'moduleId', type: 'code', description: 'The module of the concept' },
          { code: 'sufficientlyDefined', type: 'boolean', description: 'Whether it is fully defined' },
          { code: 'refset', type: 'code', description: 'Simple reference sets it is in' },
        ],
        filter: [
          { code: 'concept', operator: ['is-a', 'descendent-of', 'in'], value: 'a concept; for in a reference set' }, // prettier-ignore
          { code: '[attribute]', operator: ['=', 'in'], value: 'what it has as the value of the attribute' },
        ],
      },
      steps: stepsOf(release, concepts),
    };
  },
};

const COLUMNS = ['id', 'effectiveTime', 'active', 'moduleId'];

const rf2 = (...columns: string[]): RecordFormat => ({
  kind: 'headed',
  delimiter: '\t',
  quoted: false,
  columns: [...COLUMNS, ...columns],
});

/** Of an edition and its extensions all. Throws LoadError where one has to be there. */
function filesOf(release: Release, name: string, isRequired = false): readonly ReleaseFile[] {
  const pattern = new RegExp(`(?:^|/)x?${name}[^/]*Snapshot[^/]*\\.txt$`, 'i');
  const found = release.files.filter(({ path }) => pattern.test(path));
  if (isRequired && found.length === 0)
    throw new LoadError(`${release.path} has no ${name}…Snapshot….txt in RF2`);
  return found;
}

/** Of the newest file; an extension's before that of the international edition it extends. */
function versionUri(concepts: readonly ReleaseFile[]): string | undefined {
  const named = concepts.flatMap(({ path }) => {
    const [, edition = '', date = ''] = /Snapshot_([A-Z]+\d*)_(\d{8})/i.exec(path) ?? [];
    const module = MODULES[edition.toUpperCase()];
    return module === undefined ? [] : [{ isExtension: module !== INTERNATIONAL, module, date }];
  });
  named.sort((a, b) => Number(b.isExtension) - Number(a.isExtension) || b.date.localeCompare(a.date));
  return named[0] && `${SNOMED}/${named[0].module}/version/${named[0].date}`;
}

/** Numbers of descriptions. */
interface Preferred {
  readonly byUs: Set<string>;
  readonly byOthers: Set<string>;
}

function stepsOf(release: Release, concepts: readonly ReleaseFile[]): readonly LoadStep[] {
  const preferred: Preferred = { byUs: new Set(), byOthers: new Set() };
  const of = (name: string, step: (file: ReleaseFile) => LoadStep): readonly LoadStep[] =>
    filesOf(release, name).map(step);
  const descriptions = filesOf(release, 'sct2_Description_', true);
  return [
    ...concepts.map(conceptStep),
    ...of('der2_cRefset_Language', (file) => languageStep(file, preferred)),
    ...descriptions.map((file) => descriptionStep(file, preferred)),
    ...of('sct2_TextDefinition_', (file) => descriptionStep(file, preferred)),
    ...of('sct2_Relationship_', relationshipStep),
    ...of('der2_Refset_Simple', refsetStep),
  ];
}

const conceptStep = (file: ReleaseFile): LoadStep => ({
  file,
  format: rf2('definitionStatusId'),
  read(record, piece) {
    const code = required(record, 'id');
    piece.concepts.push({ code, inactive: required(record, 'active') === '0' });
    piece.properties.push({ code, property: { code: 'moduleId', valueCode: required(record, 'moduleId') } });
    const valueBoolean = record['definitionStatusId'] === FULLY_DEFINED;
    piece.properties.push({ code, property: { code: 'sufficientlyDefined', valueBoolean } });
  },
});

const languageStep = (file: ReleaseFile, { byUs, byOthers }: Preferred): LoadStep => ({
  file,
  format: rf2('refsetId', 'referencedComponentId', 'acceptabilityId'),
  remembers: true,
  read({ active, acceptabilityId, refsetId, referencedComponentId = '' }) {
    if (active === '1' && acceptabilityId === PREFERRED)
      (refsetId === US_ENGLISH ? byUs : byOthers).add(referencedComponentId);
  },
});

const descriptionStep = (file: ReleaseFile, { byUs, byOthers }: Preferred): LoadStep => ({
  file,
  format: rf2('conceptId', 'languageCode', 'typeId', 'term'),
  read(record, piece) {
    if (record['active'] !== '1') return;
    const code = required(record, 'conceptId');
    const term = required(record, 'term');
    const type = record['typeId'] ?? '';
    const designation: CodeSystemConceptDesignation = {
      language: required(record, 'languageCode'),
      value: term,
      ...(type === DEFINITION ? {} : { use: type === FSN ? FULLY_SPECIFIED_NAME : SYNONYM }),
    };
    piece.designations.push({ code, ...designation });
    if (type === DEFINITION) return;
    if (type === FSN) piece.displays.push({ code, display: term, isLast: true });
    else if ((byUs.size > 0 ? byUs : byOthers).has(required(record, 'id')))
      piece.displays.push({ code, display: term });
  },
});

/** The inferred ones: what a concept is, and its attributes. */
const relationshipStep = (file: ReleaseFile): LoadStep => ({
  file,
  format: rf2('sourceId', 'destinationId', 'typeId', 'characteristicTypeId'),
  read(record, piece) {
    if (record['active'] !== '1' || record['characteristicTypeId'] !== INFERRED) return;
    const code = required(record, 'sourceId');
    const other = required(record, 'destinationId');
    const type = required(record, 'typeId');
    if (type === IS_A) piece.parents.push({ code, parent: other });
    else piece.properties.push({ code, property: { code: type, valueCode: other } });
  },
});

const refsetStep = (file: ReleaseFile): LoadStep => ({
  file,
  format: rf2('refsetId', 'referencedComponentId'),
  read(record, piece) {
    if (record['active'] !== '1') return;
    const property = { code: 'refset', valueCode: required(record, 'refsetId') };
    piece.properties.push({ code: required(record, 'referencedComponentId'), property });
  },
});
