/** A patient's chart in one request: a batch of searches, each with an end. */
import type {
  AllergyIntolerance,
  Condition,
  DocumentReference,
  Encounter,
  Media,
  MedicationRequest,
  MedicationStatement,
  Observation,
  Patient,
  Task,
} from '@medplum/fhirtypes';
import { searchAll, typed } from './batch.ts';
import { recordedVisits, TASK_SYSTEM, type RecordedVisit } from './visit-stage.ts';

export type Medication = MedicationStatement | MedicationRequest;

export interface Chart {
  readonly patient: Patient | undefined;
  readonly problems: readonly Condition[];
  readonly medications: readonly Medication[];
  readonly allergies: readonly AllergyIntolerance[];
  readonly observations: readonly Observation[];
  readonly documents: readonly DocumentReference[];
  readonly timeline: readonly TimelineEntry[];
  /** What has more than is shown. */
  readonly cut: readonly ChartPart[];
}

export type ChartPart = 'problems' | 'medications' | 'allergies' | 'results' | 'documents' | 'visits';

/** A visit: an Encounter with what was recorded of it, or a recording that belongs to none. */
export interface TimelineEntry {
  readonly key: string;
  /** dateTime */
  readonly date: string;
  readonly encounter: Encounter | undefined;
  readonly visits: readonly RecordedVisit[];
}

const isEnteredInError = ({ verificationStatus }: Condition | AllergyIntolerance): boolean =>
  verificationStatus?.coding?.some((c) => ['entered-in-error', 'refuted'].includes(c.code ?? '')) === true;

/** Pure: the newest first. */
export function timelineOf(
  encounters: readonly Encounter[],
  visits: readonly RecordedVisit[],
): TimelineEntry[] {
  const known = new Set(encounters.map((e) => e.id));
  const ofEncounters = encounters.map((encounter): TimelineEntry => {
    const own = visits.filter((v) => v.encounterId === encounter.id);
    const date = encounter.period?.start ?? own[0]?.created ?? '';
    return { key: `Encounter/${encounter.id ?? ''}`, date, encounter, visits: own };
  });
  const alone = visits
    .filter((v) => v.encounterId === undefined || !known.has(v.encounterId))
    .map((v): TimelineEntry => {
      return { key: `Media/${v.mediaId}`, date: v.created ?? '', encounter: undefined, visits: [v] };
    });
  const time = ({ date }: TimelineEntry): number => Date.parse(date) || 0;
  return [...ofEncounters, ...alone].toSorted((a, b) => time(b) - time(a));
}

/** Throws ApiError. What the user has no right to is empty. */
export async function loadChart(patientId: string, signal: AbortSignal): Promise<Chart> {
  const of = `patient=${encodeURIComponent(patientId)}`;
  const found = await searchAll(
    {
      patient: `Patient?_id=${encodeURIComponent(patientId)}`,
      problems: `Condition?${of}&_sort=-recorded-date&_count=60`,
      statements: `MedicationStatement?${of}&status:not=entered-in-error&_sort=-effective&_count=60`,
      requests: `MedicationRequest?${of}&status=active,on-hold&_sort=-authoredon&_count=60`,
      allergies: `AllergyIntolerance?${of}&_count=40`,
      results: `Observation?${of}&status:not=entered-in-error,cancelled&_sort=-date&_count=200`,
      documents: `DocumentReference?${of}&status=current&_sort=-date&_count=25`,
      visits: `Encounter?${of}&_sort=-date&_count=25`,
      media: `Media?${of}&_sort=-created&_count=25`,
      tasks: `Task?${of}&identifier=${TASK_SYSTEM}|&_sort=-modified&_count=25`,
    },
    signal,
  );
  const documents = typed<DocumentReference>(found.documents, 'DocumentReference');
  const visits = recordedVisits(
    typed<Media>(found.media, 'Media'),
    typed<Task>(found.tasks, 'Task'),
    documents,
  );
  const cut: readonly (readonly [ChartPart, boolean | undefined])[] = [
    ['problems', found.problems?.hasMore],
    ['medications', found.statements?.hasMore === true || found.requests?.hasMore],
    ['allergies', found.allergies?.hasMore],
    ['results', found.results?.hasMore],
    ['documents', found.documents?.hasMore],
    ['visits', found.visits?.hasMore === true || found.media?.hasMore],
  ];
  return {
    patient: typed<Patient>(found.patient, 'Patient')[0],
    problems: typed<Condition>(found.problems, 'Condition').filter((c) => !isEnteredInError(c)),
    medications: [
      ...typed<MedicationStatement>(found.statements, 'MedicationStatement'),
      ...typed<MedicationRequest>(found.requests, 'MedicationRequest'),
    ],
    allergies: typed<AllergyIntolerance>(found.allergies, 'AllergyIntolerance').filter(
      (a) => !isEnteredInError(a),
    ),
    observations: typed<Observation>(found.results, 'Observation'),
    documents,
    timeline: timelineOf(typed<Encounter>(found.visits, 'Encounter'), visits),
    cut: cut.flatMap(([part, hasMore]) => (hasMore === true ? [part] : [])),
  };
}
