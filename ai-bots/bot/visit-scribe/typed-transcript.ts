/** The transcript that somebody typed of a recording: it is the better source, so a recording that comes later is not drafted again. */
import type { FhirApi } from '../../runtime/fhir-api.ts';
import { parseTrigger, type Trigger } from './trigger.ts';
import { withVisit } from './visit-of-transcript.ts';
import { DOCUMENT_TYPE_SYSTEM } from './vocabulary.ts';

/** With those of machines, one for each draft. */
const TRANSCRIPTS_MAX = 50;

/** The last one of the same recording and patient; undefined when there is none. */
export async function findTypedTranscript(api: FhirApi, recording: Trigger): Promise<Trigger | undefined> {
  const found = await api.findAll(
    'DocumentReference',
    {
      related: recording.recording,
      type: `${DOCUMENT_TYPE_SYSTEM}|visit-transcript`,
      status: 'current',
      _sort: '-_lastUpdated',
      _count: String(TRANSCRIPTS_MAX),
    },
    TRANSCRIPTS_MAX,
  );
  const typed = found.map(parseTrigger).find((one) => one !== undefined && isOf(one, recording));
  return typed && withVisit(typed, recording);
}

const isOf = (typed: Trigger, { recording, subject }: Trigger): boolean =>
  typed.kind === 'transcript' &&
  typed.recording === recording &&
  typed.subject.reference === subject.reference;
