/** From what was recognised to everything that the resources are made from: draft and extract beside each other, then code. */
import {
  checkConsultation,
  parseTranscript,
  toVtt,
  withChannelRoles,
  type ClinicalEntity,
  type Transcript,
} from '../../clinical/index.ts';
import { NoProviderError, type Answer, type Call } from '../../orchestrator/index.ts';
import type { Pipeline } from '../../pipeline/index.ts';
import type { Recognised, Segment } from '../../provider/transcribe/index.ts';
import type { StageRecord, VisitDraft } from './draft/draft.ts';
import { toFindings } from './findings.ts';
import { NoConsultation } from './no-consultation.ts';
import type { People } from './people.ts';

/** Throws NoConsultation before anybody is asked, NoProviderError when nobody could draft. Without entities or codes the note is still a note. */
export async function draftVisit(
  pipeline: Pipeline,
  recognised: Answer<Recognised>,
  { patient, identifiers }: People,
  caller: Pick<Call, 'signal' | 'onRun'>,
): Promise<VisitDraft> {
  const call: Call = { ...caller, ...(identifiers === undefined ? {} : { identifiers }) };
  const transcript = transcriptOf(recognised.output);
  const { reason } = checkConsultation(transcript);
  if (reason !== undefined) throw new NoConsultation(reason);
  const [note, found] = await Promise.all([
    pipeline.draft.run({ transcript, patient }, call),
    findEntities(pipeline, transcript, call),
  ]);
  return {
    vtt: toVtt(transcript),
    dictated: recognised.output.kind === 'segments',
    sections: note.output.sections,
    findings: toFindings(found.entities),
    stages: [recordOf('transcribe', recognised), recordOf('draft', note), ...found.stages],
  };
}

/** Extract, then code; a stage that nobody answered leaves its part out and is recorded as such. */
async function findEntities(
  { extract, code }: Pipeline,
  transcript: Transcript,
  call: Call,
): Promise<{ entities: readonly ClinicalEntity[]; stages: readonly StageRecord[] }> {
  const extracted = await orRecord('extract', extract.run({ transcript }, call));
  if (!('output' in extracted)) return { entities: [], stages: [extracted] };
  const stages = [recordOf('extract', extracted)];
  if (extracted.output.length === 0) return { entities: [], stages };
  const coded = await orRecord('code', code.run({ entities: extracted.output }, call));
  return 'output' in coded
    ? { entities: coded.output, stages: [...stages, recordOf('code', coded)] }
    : { entities: extracted.output, stages: [...stages, coded] };
}

async function orRecord<Output>(
  stage: StageRecord['stage'],
  answer: Promise<Answer<Output>>,
): Promise<Answer<Output> | StageRecord> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof NoProviderError)) throw error;
    return { stage, passedOver: error.passedOver };
  }
}

const recordOf = (stage: StageRecord['stage'], { provider, passedOver }: Answer<unknown>): StageRecord => ({
  stage,
  provider,
  passedOver,
});

/** Throws an Error in words when nothing was said. */
const transcriptOf = (recognised: Recognised): Transcript =>
  recognised.kind === 'text'
    ? parseTranscript(recognised.text, recognised.contentType)
    : parseTranscript(segmentsToVtt(withChannelRoles(recognised.segments)), 'text/vtt');

const ROLE_LABELS = { clinician: 'Clinician', patient: 'Patient', other: 'Other' } as const;

/** One cue per segment, with the speaker as a voice where the recogniser told who spoke. */
export function segmentsToVtt(segments: readonly Segment[]): string {
  const cues = segments.map((s, i) => {
    const label = labelOf(s);
    const voice = label === undefined ? '' : `<v ${escape(label)}>`;
    const text = escape(s.text.replace(/\s+/g, ' '));
    return `c${i + 1}\n${timestamp(s.startMs)} --> ${timestamp(s.endMs)}\n${voice}${text}\n`;
  });
  return ['WEBVTT\n', ...cues].join('\n');
}

/** The role's word comes first, so that the label tells the role to whoever reads the text again. */
function labelOf({ role, speaker }: Segment): string | undefined {
  if (role === undefined) return speaker;
  return speaker === undefined ? ROLE_LABELS[role] : `${ROLE_LABELS[role]} (${speaker})`;
}

/** What a recogniser heard is text, whatever characters it holds. */
const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** `01:02:03.004` */
const timestamp = (ms: number): string => new Date(ms).toISOString().slice(11, 23);
