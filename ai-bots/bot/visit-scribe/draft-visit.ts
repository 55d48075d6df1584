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
