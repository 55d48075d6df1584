/** Every kind of request that reads the index, each with how many rows it may look at for one page of 20. */

export interface SearchClass {
  readonly name: string;
  /** Below the FHIR base; not yet escaped. */
  readonly path: string;
  /** Asked instead of `path`: the page behind this link of it. */
  readonly link?: 'next' | 'previous';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: object;
  /** Rows that all scans together may look at. */
  readonly rowsMax: number;
  /** Entries of indexes that may be marked in bitmaps, where that is more than `MARKED_MAX`, and why. */
  readonly marks?: Readonly<{ max: number; why: string }>;
  /** Least number of entries of the answer, so that a class without matches is not taken for a cheap one. */
  readonly entriesMin: number;
  /** Why it must read much, and may read a table from end to end; without it no table of some size may be so read. */
  readonly mustRead?: string;
}

/** A page, a round of includes, or the record of a patient; less than half of the smallest of the large types. */
const FEW = 300;
/** What a rare key, a day or a word leads to, with a sort of it. */
const SOME = 1_500;
export const MARKED_MAX = 2_500;

const row = (name: string, path: string, rowsMax: number, more: Partial<SearchClass> = {}): SearchClass => ({
  name,
  path,
  rowsMax,
  entriesMin: 1,
  ...more,
});

const SINGLE = [
  row('read', 'Observation/o17-3', 2, { entriesMin: 0 }),
  row('vread', 'Patient/p19/_history/1', 5, { entriesMin: 0 }),
  row('_id', 'Patient?_id=p1,p2', 10),
];

const TOKEN = [
  row('token, rare code', 'Condition?code=D170', FEW),
  row('token, rare code of many', 'Observation?code=10245-5', SOME),
  row('token, frequent code', 'Observation?code=8867-4', SOME),
  row('token, system|code', 'Observation?code=http://loinc.org|8480-6,http://loinc.org|85354-9', SOME),
  row('token, system|code of few', 'Condition?code=http://hl7.org/fhir/sid/icd-10-cm|D171', FEW),
  row('token, |code', 'Patient?telecom=|555-1007', FEW),
  row('token, system|', 'Observation?method=http://hospital.example/methods|', FEW),
  row('token :text', 'Condition?code:text=dihafo', FEW),
  row('token :in', 'Condition?code:in=http://hospital.example/ValueSet/rare-diseases', FEW * 2),
  row('token :below', 'Observation?method:below=http://hospital.example/methods|m370', SOME),
  row('token :above', 'Observation?method:above=http://hospital.example/methods|m375', FEW),
  row(
    'identifier :of-type',
    'Patient?identifier:of-type=http://terminology.hl7.org/CodeSystem/v2-0203|MR|m77',
    FEW,
  ),
  row('identifier', 'Patient?identifier=http://hospital.example/mrn|m78', FEW),
  row('token :not beside a patient', 'Observation?patient=p3&code:not=8867-4', FEW),
  row('two tokens', 'Observation?code=10245-5&status=preliminary', FEW),
];

const STRING = [
  row('string', 'Patient?family=baba', FEW),
  row('string :exact', 'Patient?given:exact=Zw17', FEW),
  row('string :contains', 'Patient?given:contains=w79', FEW),
  row('string, one letter', 'Patient?name=z&_count=20', FEW),
];

const DATES = (['eq', 'sa', 'gt', 'ge'] as const).map((prefix) =>
  row(`date, ${prefix}`, `Observation?date=${prefix}${prefix === 'eq' ? '2022-03-05' : '2024-12-27'}`, FEW),
);

const ORDERED = [
  ...DATES,
  ...(['lt', 'le', 'eb'] as const).map((prefix) =>
    row(`date, ${prefix}`, `Observation?date=${prefix}2019-01-03`, FEW),
  ),
  row('date, ne', 'Observation?date=ne2022-03-05', FEW),
  // A tenth of the time that has passed since: the interval grows from year to year. The page is not filled early.
  row('date, ap', 'Encounter?date=ap2024-11-01&_count=1000', SOME * 2),
  row('date, from and to', 'Observation?date=ge2021-05-01&date=lt2021-05-04', SOME),
  row('date of a period', 'Encounter?date=2021-05-02', FEW),
  row('number', 'RiskAssessment?probability=gt0.98', FEW),
  row('number, eq', 'RiskAssessment?probability=0.52', FEW),
  row('quantity', 'Observation?value-quantity=gt186', SOME),
  row('quantity of a unit', 'Observation?value-quantity=lt35.1|http://unitsofmeasure.org|Cel', FEW, {
    marks: {
      max: 40_000,
      why: 'the bounds are of all quantities of all units, the unit is a key of its own',
    },
  }),
  row('quantity of another unit', 'Observation?value-quantity=105|http://unitsofmeasure.org|[degF]', SOME, {
    marks: { max: 10_000, why: 'the unit is a key of its own, marked beside the bounds' },
  }),
  row('near', 'Location?near=42.36|-71.06|20|km', FEW),
  row('_lastUpdated', 'Observation?_lastUpdated=gt2025-01-02T06:50:00Z', SOME),
];

const URI = [
  row('uri', 'Questionnaire?url=http://hospital.example/forms/f7/v57', FEW),
  row('uri :below', 'Questionnaire?url:below=http://hospital.example/forms/f7', FEW),
  row('uri :above', 'Questionnaire?url:above=http://hospital.example/forms/f7/v57/page/1', FEW),
];

const REFERENCE = [
  row('reference', 'Encounter?service-provider=Organization/org50', FEW),
  row('reference to a patient', 'Observation?subject=Patient/p9', FEW),
  row('reference to an encounter', 'Observation?encounter=e9-1', FEW),
  row('reference of a type', 'Observation?performer:Practitioner=dr7', SOME * 2),
  row(
    'reference :identifier',
    'MedicationRequest?requester:identifier=http://hospital.example/staff|s5',
    FEW,
  ),
  row('reference :below', 'Patient?organization:below=org12', FEW),
];

const TOGETHER = [
  row('patient & code', 'Observation?patient=p1&code=8867-4', FEW),
  row('patient & category', 'Observation?patient=p1&category=vital-signs', FEW),
  row('patient by -date', 'Observation?patient=p1&_sort=-date&_count=5', FEW),
  row('patient & date', 'Observation?patient=p1&date=ge2023', FEW),
  row('code & date', 'Observation?code=8867-4&date=ge2021-05-01&date=lt2021-05-20', SOME, {
    marks: { max: 25_000, why: 'a frequent code is marked whole, beside the days' },
  }),
  row('code by -date', 'Observation?code=10245-5&_sort=-date', SOME),
  row('composite', 'Observation?code-value-quantity=http://loinc.org|8310-5$gt40.9', FEW, {
    marks: { max: 70_000, why: 'code and value are in two indexes, and each is marked whole' },
  }),
  row('composite of components', 'Observation?component-code-value-quantity=8480-6$gt198', SOME * 8, {
    marks: {
      max: 12_000,
      why: 'the code is marked whole, and the values of components are looked at in the rows',
    },
  }),
];

const CHAINED = [
  row('chain', 'Observation?patient.identifier=http://hospital.example/mrn|m42', FEW),
  row('chain through many', 'Observation?patient.gender=female&code=10245-5', SOME, {
    mustRead: 'the chain leads through half of the Patients',
  }),
  row('chain of two', 'Encounter?patient.general-practitioner.family=pehaba', FEW),
  row('chain of two through a reference', 'Condition?encounter.service-provider.name=baba', SOME),
  row('_has', 'Patient?_has:Condition:patient:code=D170', FEW),
  row('_has, frequent', 'Patient?_has:Observation:patient:code=8867-4', SOME),
  row('_has & chain', 'Patient?_has:Encounter:patient:service-provider.name=baba', SOME * 3),
  row('_has of two', 'Practitioner?_has:Patient:general-practitioner:_has:Condition:patient:code=D170', FEW),
];

const INCLUDED = [
  row('_include', 'Observation?patient=p5&_include=Observation:patient&_include=Observation:encounter', FEW),
  row('_revinclude', 'Patient?_id=p5,p6&_revinclude=Condition:patient', FEW),
  row(
    '_include:iterate',
    'Observation?patient=p5&_count=5&_include=Observation:encounter&_include:iterate=Encounter:location&_include:iterate=Location:organization',
    SOME,
  ),
  row('_include=*', 'MedicationRequest?patient=p5&_include=*', FEW),
];

const EVERY_TYPE = [
  row('_filter', 'Patient?_filter=family sw baba and birthdate ge 1910', FEW),
  row('_filter with or', 'Observation?_filter=patient eq p7 or patient eq p8', FEW * 2),
  row('_text', 'DocumentReference?_text=vavacex', FEW),
  row('_content', 'DocumentReference?_content=vavacex', FEW),
  row('_list', 'Patient?_list=round', FEW),
  row('_tag', 'Observation?_tag=http://hospital.example/tags|t29', FEW),
  row('_security', 'Observation?_security=R', SOME * 3),
  row('_profile', 'Observation?_profile=http://hospital.example/StructureDefinition/s1', SOME),
  row('_source', 'Observation?_source=http://hospital.example/device/77', FEW),
  row(':missing=false', 'Patient?death-date:missing=false', FEW),
];

const PAGES = [
  row('no condition', 'Observation', FEW),
  row('_sort by id', 'Observation?_sort=-_id', FEW),
  row('_sort by time of change', 'Observation?_sort=-_lastUpdated', FEW),
  row('_sort by a text, whole type', 'Person?_sort=name&_count=20', FEW),
  row('next page of a whole type by a text', 'Person?_sort=-name&_count=20', FEW, { link: 'next' }),
  row('_sort by a date, whole type', 'Observation?_sort=-date', FEW),
  row('next page of a whole type by a date', 'Observation?_sort=-date&_count=20', FEW, { link: 'next' }),
  row('_sort by a day, whole type', 'Patient?_sort=birthdate', FEW),
  row('previous page of a whole type by a date', 'Patient?_sort=birthdate&_count=20', FEW, {
    link: 'previous',
  }),
  row('a period of a whole type by date', 'Encounter?date=ge2021-05-01&date=lt2021-05-08&_sort=date', FEW),
  row('_lastUpdated, newest first', 'Observation?_lastUpdated=ge2025-01-02&_sort=-_lastUpdated', FEW),
  row('next page', 'Observation?code=8867-4&_count=20', FEW, { link: 'next' }),
  row('previous page', 'Observation?code=8867-4&_count=20', FEW, { link: 'previous' }),
  row('next page of a patient by -date', 'Observation?patient=p1&_sort=-date&_count=20', FEW, {
    link: 'next',
  }),
  row('_sort by several keys', 'Encounter?patient=p8&_sort=-date,status,_id', FEW),
  row('_total=accurate of a rare key', 'Condition?code=D170&_total=accurate', FEW),
  row('_total=estimate', 'Observation?code=8867-4&_total=estimate', SOME),
];

const RECORDS = [
  row('compartment', 'Patient/p5/Observation', FEW),
  row('compartment & code', 'Patient/p5/Observation?code=8867-4', FEW),
  row('compartment of an Encounter', 'Encounter/e5-1/Observation', FEW),
  row('compartment, all types', 'Patient/p5/*', FEW),
  row('system, some types', '?_type=Condition,Encounter&patient=p5', FEW),
  row('system by time of change', '?_type=Observation,Encounter&_sort=-_lastUpdated', FEW),
  row('$everything', 'Patient/p5/$everything?_count=20', FEW),
  row('$everything since', 'Patient/p5/$everything?_since=2025-01-02', FEW),
  row('$everything of a period', 'Patient/p5/$everything?start=2021-01-01&end=2022-12-31', FEW),
  row('$lastn', 'Observation/$lastn?patient=Patient/p5&category=vital-signs&max=1', FEW),
  row('history of a resource', 'Patient/p19/_history', FEW),
  row('history of a type', 'Observation/_history?_count=20', FEW),
  row('history of the system', '_history?_count=20', FEW),
  row('history since', 'Observation/_history?_since=2025-01-02T06:00:00Z&_count=20', FEW),
  row('conditional create', 'Patient', FEW, {
    entriesMin: 0,
    headers: { 'If-None-Exist': 'identifier=http://hospital.example/mrn|m42' },
    body: { resourceType: 'Patient' },
  }),
];

/** These answer for most of a type, or for what no index can hold. */
const MUST_READ = [
  row('token :not', 'Observation?code:not=8867-4', FEW, {
    mustRead: 'matches most of the type: the page ends it',
  }),
  row(':missing=true', 'Observation?value-quantity:missing=true', SOME, {
    mustRead: 'a complement, which no index has: the page ends it',
  }),
  row(':missing=true of a few', 'Patient?gender:missing=true', 1_000, {
    entriesMin: 0,
    mustRead: 'a complement that is empty: each row of the type is looked at, in the order of the page',
  }),
  row('token :not-in', 'Condition?code:not-in=http://hospital.example/ValueSet/rare-diseases', FEW, {
    mustRead: 'matches most of the type: the page ends it',
  }),
  row('date without a sharp bound', 'Observation?date=gt2019-06', FEW, {
    mustRead: 'matches most of the type: the page ends it',
  }),
  row('_sort by an element without an index', 'Condition?_sort=code', 11_000, {
    mustRead: 'codes have no order in any index: all of the type are read and sorted',
  }),
  row('_sort by a text, few matches', 'Patient?_sort=family', 3_000, {
    mustRead: 'the texts are sorted, one look-up for each resource of the type',
  }),
  row('_total=accurate of a frequent key', 'Observation?code=8867-4&_total=accurate', 25_000, {
    marks: { max: 25_000, why: 'what is counted is marked' },
    mustRead: 'what is counted is read',
  }),
  row('_summary=count of a type', 'Observation?_summary=count', 90_000, {
    entriesMin: 0,
    mustRead: 'what is counted is read',
  }),
];

export const SEARCH_CLASSES: readonly SearchClass[] = [
  ...SINGLE,
  ...TOKEN,
  ...STRING,
  ...ORDERED,
  ...URI,
  ...REFERENCE,
  ...TOGETHER,
  ...CHAINED,
  ...INCLUDED,
  ...EVERY_TYPE,
  ...PAGES,
  ...RECORDS,
  ...MUST_READ,
];
