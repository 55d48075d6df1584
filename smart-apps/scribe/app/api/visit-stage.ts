/** Where a recorded visit stands, from the bot's Task and the note that it led to. */
import type { DocumentReference, Media, Task } from '@medplum/fhirtypes';

export const TASK_SYSTEM = 'https://dr-assistant.example/fhir/NamingSystem/visit-scribe-task';

export type VisitStage = 'waiting' | 'drafting' | 'stuck' | 'review' | 'signed';

export interface RecordedVisit {
  readonly mediaId: string;
  /** dateTime of the recording. */
  readonly created: string | undefined;
  readonly encounterId: string | undefined;
  readonly stage: VisitStage;
}

const isOf = (mediaId: string) => (task: Task) =>
  task.identifier?.some((i) => i.system === TASK_SYSTEM && i.value === `Media/${mediaId}`) === true;

export function stageOf(task: Task | undefined, notes: readonly DocumentReference[]): VisitStage {
  if (task === undefined) return 'waiting';
  if (task.status === 'failed' || task.status === 'on-hold') return 'stuck';
  if (task.status !== 'completed') return 'drafting';
  const outputs = new Set(task.output?.map((o) => o.valueReference?.reference));
  const isSigned = notes.some(
    (n) => n.docStatus === 'final' && outputs.has(`DocumentReference/${n.id ?? ''}`),
  );
  return isSigned ? 'signed' : 'review';
}

const idIn = (reference: string | undefined): string | undefined => reference?.split('/').at(-1);

/** @param tasks of the bot; @param notes that may be outputs of them */
export const recordedVisits = (
  media: readonly Media[],
  tasks: readonly Task[],
  notes: readonly DocumentReference[],
): RecordedVisit[] =>
  media.map(({ id = '', createdDateTime, encounter }) => ({
    mediaId: id,
    created: createdDateTime,
    encounterId: idIn(encounter?.reference),
    stage: stageOf(tasks.find(isOf(id)), notes),
  }));
