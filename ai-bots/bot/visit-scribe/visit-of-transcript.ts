/** A typed transcript belongs to the visit that was recorded: what the recording says of it, the transcript need not repeat. */
import type { FhirApi } from '../../runtime/fhir-api.ts';
import { HttpFailure, isTransient } from '../../runtime/http-failure.ts';
import { parseTrigger, type Trigger } from './trigger.ts';

/** The transcript with the Encounter, the time and the clinicians of the recording, if that is of the same patient. */
export function withVisit(typed: Trigger, recording: Trigger | undefined): Trigger {
  if (recording === undefined || recording.subject.reference !== typed.subject.reference) return typed;
  const encounter = typed.encounter ?? recording.encounter;
  const date = recording.date ?? typed.date;
  return {
    ...typed,
    ...(encounter === undefined ? {} : { encounter }),
    ...(date === undefined ? {} : { date }),
    clinicians: [...new Set([...typed.clinicians, ...recording.clinicians])],
  };
}

/** The same of a transcript that comes by itself; what the bot may not read stays unknown. Throws what another attempt may mend. */
export async function loadVisit(api: FhirApi, trigger: Trigger): Promise<Trigger> {
  const id = /^Media\/([^/]+)$/.exec(trigger.recording)?.[1];
  if (trigger.kind !== 'transcript' || id === undefined) return trigger;
  try {
    const media = await api.read('Media', id);
    return withVisit(trigger, media === undefined ? undefined : parseTrigger(media));
  } catch (error) {
    if (isTransient(error) || !(error instanceof HttpFailure) || error.status === 401) throw error;
    return trigger;
  }
}
