/** From what was recognised to everything that the resources are made from. */
import type { ProviderName } from '../../orchestrator/index.ts';
import type { Recognised, Segment } from '../../provider/transcribe/index.ts';
import type { ClinicalPipeline, Gender } from './clinical.ts';
import type { VisitDraft } from './draft/draft.ts';
import { toFindings } from './findings.ts';

export async function draftVisit<Transcript>(
  clinical: ClinicalPipeline<Transcript>,
  recognised: Recognised,
  transcribedBy: ProviderName,
  gender?: Gender,
): Promise<VisitDraft> {
  const transcript =
    recognised.kind === 'text'
      ? clinical.parseTranscript(recognised.text, recognised.contentType)
      : clinical.parseTranscript(segmentsToVtt(recognised.segments), 'text/vtt');
  const [note, extracted] = await Promise.all([
    clinical.draftNote(transcript, gender),
    clinical.extractEntities(transcript),
  ]);
  return {
    vtt: clinical.toVtt(transcript),
    dictated: recognised.kind === 'segments',
    sections: note.sections,
    findings: toFindings(extracted.entities),
    providers: {
      transcribe: providerText(transcribedBy),
      draft: note.provider,
      extract: extracted.provider,
    },
  };
}

/** "pocketsphinx 0.8 (demo quality)" */
const providerText = ({ name, version, remark }: ProviderName): string =>
  `${name} ${version}${remark === undefined ? '' : ` (${remark})`}`;

/** One cue per segment, without a speaker: recognisers do not tell who spoke. */
export function segmentsToVtt(segments: readonly Segment[]): string {
  const cues = segments.map(
    (s, i) =>
      `c${i + 1}\n${timestamp(s.startMs)} --> ${timestamp(s.endMs)}\n${s.text.replace(/\s+/g, ' ')}\n`,
  );
  return ['WEBVTT\n', ...cues].join('\n');
}

/** `01:02:03.004` */
const timestamp = (ms: number): string => new Date(ms).toISOString().slice(11, 23);
