/** The patient's record in one batch (http://hl7.org/fhir/R4/http.html#transaction), and one more for each page that follows. */
import type {
  AllergyIntolerance,
  Bundle,
  BundleEntry,
  Composition,
  Condition,
  DiagnosticReport,
  DocumentReference,
  Encounter,
  Immunization,
  MedicationRequest,
  MedicationStatement,
  Observation,
  Patient,
  Procedure,
  Resource,
} from '@medplum/fhirtypes';
import {
  ApiError,
  callJson,
  faultText,
  matchesOf,
  nextPageOf,
  type PatientSession,
} from '@dr-assistant/ui/session';

/** What the record shows, by type. */
export interface RecordTypes {
  readonly AllergyIntolerance: AllergyIntolerance;
  readonly Composition: Composition;
  readonly Condition: Condition;
  readonly DiagnosticReport: DiagnosticReport;
  readonly DocumentReference: DocumentReference;
  readonly Encounter: Encounter;
  readonly Immunization: Immunization;
  readonly MedicationRequest: MedicationRequest;
  readonly MedicationStatement: MedicationStatement;
  readonly Observation: Observation;
  readonly Procedure: Procedure;
}

export type RecordType = keyof RecordTypes;

export interface PatientRecord {
  readonly patient: Patient;
  readonly of: { readonly [T in RecordType]: readonly RecordTypes[T][] };
  /** Types that the server refused, which is not the same as that there is nothing. */
  readonly refused: readonly RecordType[];
}

const SORTS: Readonly<Record<RecordType, string>> = {
  AllergyIntolerance: '-date',
  Composition: '-date',
  Condition: '-recorded-date',
  DiagnosticReport: '-date',
  DocumentReference: '-date',
  Encounter: '-date',
  Immunization: '-date',
  MedicationRequest: '-authoredon',
  MedicationStatement: '-effective',
  Observation: '-date',
  Procedure: '-date',
};

const TYPES = Object.keys(SORTS) as RecordType[];
const PAGE_SIZE = 200;

const batch = (urls: readonly string[]): Bundle => ({
  resourceType: 'Bundle',
  type: 'batch',
  entry: urls.map((url): BundleEntry => ({ request: { method: 'GET', url } })),
});

/** Whether an entry of the answer succeeded. */
const isDone = (entry: BundleEntry | undefined): boolean => entry?.response?.status.startsWith('2') === true;

/** Throws ApiError when the patient is not to be had; other parts may be missing, and are named then. */
export async function loadRecord(
  { patientId, fhirBase }: PatientSession,
  signal: AbortSignal,
): Promise<PatientRecord> {
  const send = async (urls: readonly string[]): Promise<BundleEntry[]> =>
    (await callJson<Bundle>('', { method: 'POST', resource: batch(urls) }, signal)).entry ?? [];
  const search = (type: RecordType): string =>
    `${type}?patient=${patientId}&_sort=${SORTS[type]}&_count=${PAGE_SIZE}`;
  const [first, ...parts] = await send([`Patient/${patientId}`, ...TYPES.map(search)]);
  if (first?.resource === undefined || !isDone(first))
    throw new ApiError(
      Number.parseInt(first?.response?.status ?? '0', 10),
      faultText(first?.response?.outcome),
    );
  const found = new Map<RecordType, Resource[]>(TYPES.map((type) => [type, []]));
  const refused = new Set<RecordType>();
  let open = TYPES.map((type, i) => ({ type, entry: parts[i] }));
  while (open.length > 0) {
    const next: { type: RecordType; url: string }[] = [];
    for (const { type, entry } of open) {
      if (!isDone(entry) || entry?.resource?.resourceType !== 'Bundle') {
        refused.add(type);
        continue;
      }
      found.get(type)?.push(...matchesOf(entry.resource));
      const url = nextPageOf(entry.resource);
      if (url !== undefined) next.push({ type, url: url.replace(`${fhirBase}/`, '') });
    }
    const answers = next.length === 0 ? [] : await send(next.map(({ url }) => url));
    open = next.map(({ type }, i) => ({ type, entry: answers[i] }));
  }
  return {
    patient: first.resource as Patient,
    of: Object.fromEntries(found) as unknown as PatientRecord['of'],
    refused: [...refused],
  };
}
