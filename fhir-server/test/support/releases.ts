/** Small releases of code systems in the formats in which they are published; their concepts are made up. */

type Row = Readonly<Record<string, string>>;

/** Values by their columns, and in each line a separator at its end. */
const rrf = (columns: string, rows: readonly Row[]): string =>
  rows.map((row) => columns.split(' ').map((column) => `${row[column] ?? ''}|`).join('') + '\n').join(''); // prettier-ignore

const CONCEPTS = 'RXCUI LAT TS LUI STT SUI ISPREF RXAUI SAUI SCUI SDUI SAB TTY CODE STR SRL SUPPRESS CVF';
const RELATIONS = 'RXCUI1 RXAUI1 STYPE1 REL RXCUI2 RXAUI2 STYPE2 RELA RUI SRUI SAB SL DIR RG SUPPRESS CVF';
const ATTRIBUTES = 'RXCUI LUI SUI RXAUI STYPE CODE ATUI SATUI ATN SAB ATV SUPPRESS CVF';

const drug = (RXCUI: string, TTY: string, STR: string, more: Row = {}): Row => ({
  RXCUI,
  LAT: 'ENG',
  SAB: 'RXNORM',
  TTY,
  STR,
  SUPPRESS: 'N',
  ...more,
});
const relation = (RXCUI2: string, RELA: string, RXCUI1: string, more: Row = {}): Row => ({
  RXCUI1,
  STYPE1: 'CUI',
  REL: 'RO',
  RXCUI2,
  STYPE2: 'CUI',
  RELA,
  SAB: 'RXNORM',
  ...more,
});

export const rxnormFiles: Readonly<Record<string, string>> = {
  'rrf/RXNCONSO.RRF': rrf(CONCEPTS, [
    drug('9000001', 'IN', 'exampline'),
    drug('9000001', 'SY', 'Exämplin "acid'),
    drug('9000002', 'BN', 'Examplex'),
    drug('9000003', 'SCD', 'exampline 5 MG Oral Tablet'),
    drug('9000003', 'PSN', 'exampline 5 mg tablet'),
    drug('9000004', 'SCD', 'exampline 7 MG Oral Tablet', { SUPPRESS: 'O' }),
    drug('9000005', 'DP', 'Examplex of somebody else', { SAB: 'MTHSPL' }),
  ]),
  'rrf/RXNSTY.RRF': rrf('RXCUI TUI STN STY ATUI CVF', [
    { RXCUI: '9000001', TUI: 'T121', STN: 'A1.4.1.1.1', STY: 'Pharmacologic Substance' },
  ]),
  'rrf/RXNSAT.RRF': rrf(ATTRIBUTES, [
    { RXCUI: '9000003', ATN: 'NDC', SAB: 'RXNORM', ATV: '99999000101' },
    { RXCUI: '9000003', ATN: 'NDC', SAB: 'MTHSPL', ATV: '99999-0001-01' },
  ]),
  'rrf/RXNREL.RRF': rrf(RELATIONS, [
    relation('9000003', 'has_ingredient', '9000001'),
    relation('9000001', 'ingredient_of', '9000003'),
    relation('9000002', 'tradename_of', '9000001'),
    relation('9000003', 'has_ingredient', '9000002', { STYPE1: 'AUI', RXCUI1: '' }),
  ]),
  'rrf/RXNDOC.RRF': 'not read|\n',
  // The full release has the prescribable one in it.
  'prescribe/rrf/RXNCONSO.RRF': rrf(CONCEPTS, [drug('9000001', 'IN', 'not this one')]),
};

const csv = (columns: string, rows: readonly Row[]): string => {
  const names = columns.split(' ');
  const quoted = (values: readonly string[]) =>
    `${values.map((v) => `"${v.replaceAll('"', '""')}"`).join(',')}\r\n`;
  return `\uFEFF${quoted(names)}${rows.map((row) => quoted(names.map((name) => row[name] ?? ''))).join('')}`;
};

const TERMS =
  'LOINC_NUM COMPONENT PROPERTY TIME_ASPCT SYSTEM SCALE_TYP METHOD_TYP CLASS VersionLastChanged CHNG_TYPE DefinitionDescription STATUS CONSUMER_NAME CLASSTYPE FORMULA EXMPL_ANSWERS SURVEY_QUEST_TEXT SURVEY_QUEST_SRC UNITSREQUIRED RELATEDNAMES2 SHORTNAME ORDER_OBS HL7_FIELD_SUBFIELD_ID EXTERNAL_COPYRIGHT_NOTICE EXAMPLE_UNITS LONG_COMMON_NAME';
const term = (LOINC_NUM: string, LONG_COMMON_NAME: string, more: Row = {}): Row => ({
  LOINC_NUM,
  LONG_COMMON_NAME,
  COMPONENT: 'Examplin',
  PROPERTY: 'MCnc',
  TIME_ASPCT: 'Pt',
  SYSTEM: 'Ser/Plas',
  SCALE_TYP: 'Qn',
  CLASS: 'CHEM',
  STATUS: 'ACTIVE',
  CLASSTYPE: '1',
  ...more,
});

export const loincFiles: Readonly<Record<string, string>> = {
  'LoincTable/Loinc.csv': csv(TERMS, [
    term('99001-1', 'Examplin [Mass/volume] in Serum', {
      SHORTNAME: 'Examplin SerPl-mCnc',
      DefinitionDescription: 'It has\nlines, and "quotes".',
    }),
    term('99002-9', 'Examplin [Presence] in Serum', { SCALE_TYP: 'Ord', METHOD_TYP: 'Imm' }),
    term('99003-7', 'Examplin, the old one', { STATUS: 'DEPRECATED' }),
    term('99004-5', 'Survey of examples', { EXTERNAL_COPYRIGHT_NOTICE: 'Copyright of Somebody' }),
  ]),
  'LoincTableCore/LoincTableCore.csv': csv('LOINC_NUM', []),
  'AccessoryFiles/AnswerFile/AnswerList.csv': csv(
    'AnswerListId AnswerListName AnswerListOID ExtDefinedYN AnswerStringId LocalAnswerCode SequenceNumber DisplayText',
    [
      { AnswerListId: 'LL9001-1', AnswerListName: 'Yes or no', AnswerStringId: 'LA9001-1', DisplayText: 'Yes' },
      { AnswerListId: 'LL9001-1', AnswerListName: 'Yes or no', AnswerStringId: 'LA9002-9', DisplayText: 'No' },
      { AnswerListId: 'LL9002-9', AnswerListName: 'Yes alone', AnswerStringId: 'LA9001-1', DisplayText: 'Yes' },
      { AnswerListId: 'LL9003-7', AnswerListName: 'Of others', ExtDefinedYN: 'Y' },
    ], // prettier-ignore
  ),
  'AccessoryFiles/AnswerFile/LoincAnswerListLink.csv': csv(
    'LoincNumber LongCommonName AnswerListId AnswerListName AnswerListLinkType ApplicableContext',
    [{ LoincNumber: '99002-9', AnswerListId: 'LL9001-1', AnswerListLinkType: 'NORMATIVE' }],
  ),
  'AccessoryFiles/ComponentHierarchyBySystem/ComponentHierarchyBySystem.csv': csv(
    'PATH_TO_ROOT SEQUENCE IMMEDIATE_PARENT CODE CODE_TEXT',
    [
      { SEQUENCE: '1', CODE: 'LP90001-1', CODE_TEXT: 'Laboratory' },
      { PATH_TO_ROOT: 'LP90001-1', SEQUENCE: '1', IMMEDIATE_PARENT: 'LP90001-1', CODE: 'LP90002-9', CODE_TEXT: 'Examplin | Serum' }, // prettier-ignore
      { PATH_TO_ROOT: 'LP90001-1.LP90002-9', SEQUENCE: '1', IMMEDIATE_PARENT: 'LP90002-9', CODE: '99001-1', CODE_TEXT: 'Examplin SerPl' }, // prettier-ignore
    ],
  ),
  'AccessoryFiles/LinguisticVariants/deDE15LinguisticVariant.csv': csv(
    'LOINC_NUM COMPONENT LONG_COMMON_NAME LinguisticVariantDisplayName',
    [{ LOINC_NUM: '99001-1', LONG_COMMON_NAME: 'Beispielin im Blut' }],
  ),
};

const rf2 = (columns: string, rows: readonly string[]): string =>
  [`id effectiveTime active moduleId ${columns}`, ...rows].map((row) => `${row.replaceAll(' ', '\t').replaceAll('_', ' ')}\r\n`).join(''); // prettier-ignore

const FSN = '900000000000003001';
const SYNONYM = '900000000000013009';
const CORE = '900000000000207008';
const PREFERRED = '900000000000548007';
const US = '900000000000509007';
const GB = '900000000000508004';
const head = (id: string, active = '1') => `${id} 20240101 ${active} ${CORE}`;
const concept = (id: string, active = '1', definition = '900000000000074008') =>
  `${head(id, active)} ${definition}`;
const description = (id: string, of: string, type: string, text: string, active = '1', language = 'en') =>
  `${head(id, active)} ${of} ${language} ${type} ${text} 900000000000448009`;
const relationship = (id: string, from: string, to: string, type: string, active = '1') =>
  `${head(id, active)} ${from} ${to} 0 ${type} 900000000000011006 900000000000451002`;
const preferred = (id: string, of: string, language = US) => `${head(id)} ${language} ${of} ${PREFERRED}`;

const IS_A = '116680003';
const TERMINOLOGY = 'Snapshot/Terminology';
const LANGUAGE = 'Snapshot/Refset/Language/der2_cRefset_LanguageSnapshot-en_INT_20240101.txt';

/** root > disorder > (flu > bird flu, cold which is retired); the site of both is the nose. Codes are of no namespace in use. */
export const snomedFiles: Readonly<Record<string, string>> = {
  [`${TERMINOLOGY}/sct2_Concept_Snapshot_INT_20240101.txt`]: rf2('definitionStatusId', [
    concept('138875005'),
    concept('9990001'),
    concept('9990002', '1', '900000000000073002'),
    concept('9990003'),
    concept('9990004', '0'),
    concept('9990005'),
  ]),
  [`${TERMINOLOGY}/sct2_Description_Snapshot-en_INT_20240101.txt`]: rf2(
    'conceptId languageCode typeId term caseSignificanceId',
    [
      description('1', '138875005', FSN, 'Root_(root)'),
      description('2', '9990001', FSN, 'Disorder_(disorder)'),
      description('3', '9990001', SYNONYM, 'Disorder'),
      description('4', '9990002', SYNONYM, 'Grippe'),
      description('5', '9990002', FSN, 'Influenza_(disorder)'),
      description('6', '9990002', SYNONYM, 'Flu'),
      description('7', '9990003', FSN, 'Bird_flu_(disorder)'),
      description('8', '9990003', SYNONYM, '"Bird_flu'),
      description('9', '9990003', SYNONYM, 'Withdrawn', '0'),
      description('10', '9990004', FSN, 'Cold_(disorder)'),
      description('11', '9990005', FSN, 'Nose_(body_structure)'),
    ],
  ),
  [`${TERMINOLOGY}/sct2_TextDefinition_Snapshot-en_INT_20240101.txt`]: rf2(
    'conceptId languageCode typeId term caseSignificanceId',
    [description('12', '9990002', '900000000000550004', 'It_comes_in_winter.')],
  ),
  [`${TERMINOLOGY}/sct2_Relationship_Snapshot_INT_20240101.txt`]: rf2(
    'sourceId destinationId relationshipGroup typeId characteristicTypeId modifierId',
    [
      relationship('21', '9990001', '138875005', IS_A),
      relationship('22', '9990002', '9990001', IS_A),
      relationship('23', '9990003', '9990002', IS_A),
      relationship('24', '9990003', '9990005', IS_A, '0'),
      relationship('25', '9990002', '9990005', '363698007'),
    ],
  ),
  [LANGUAGE]: rf2('refsetId referencedComponentId acceptabilityId', [
    preferred('31', '3'),
    preferred('32', '4', GB),
    preferred('33', '6'),
    preferred('34', '8'),
  ]),
  'Snapshot/Refset/Content/der2_Refset_SimpleSnapshot_INT_20240101.txt': rf2(
    'refsetId referencedComponentId',
    [`${head('41')} 723264001 9990005`, `${head('42', '0')} 723264001 9990002`],
  ),
  'Full/Terminology/sct2_Concept_Full_INT_20240101.txt': 'not read',
};
