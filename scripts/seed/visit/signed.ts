/** A visit whose note is signed: the draft as the bot writes it, and the signing as the app sends it. */
import type { Bundle, Composition, DocumentReference, Media, Resource, Task } from '@medplum/fhirtypes';
import type { VisitDraft } from '../../../ai-bots/bot/visit-scribe/draft/draft.ts';
import { buildDraft } from '../../../ai-bots/bot/visit-scribe/draft/bundle.ts';
import { taskWithResult, workOf } from '../../../ai-bots/bot/visit-scribe/task.ts';
import { parseTrigger } from '../../../ai-bots/bot/visit-scribe/trigger.ts';
import { taskAtWork } from '../../../ai-bots/sdk/task.ts';
import { noteDraftOf } from '../../../smart-apps/scribe/app/api/note-draft.ts';
import type { Proposal } from '../../../smart-apps/scribe/app/api/proposal.ts';
import { signBundle } from '../../../smart-apps/scribe/app/api/sign-bundle.ts';
import { minutesAfter } from '../day.ts';
import { recorded, recordingOf, signedLines } from './recorded.ts';
import { toVtt } from './transcript.ts';

const embedded = { name: 'Dr. Assistant embedded', version: '0.1.0', party: 'here' } as const;

const sentence = (id: string, text: string, ...source: readonly string[]) => ({ id, text, source });

const draft: VisitDraft = {
  vtt: toVtt(signedLines),
  dictated: false,
  sections: [
    {
      code: '10164-2',
      title: 'History of present illness',
      sentences: [
        sentence('s1', 'Has energy again, weight stable.', 'c2'),
        sentence('s2', 'Denies palpitations and trouble sleeping.', 'c5', 'c6'),
      ],
    },
    {
      code: '10160-0',
      title: 'Medications',
      sentences: [
        sentence('s3', 'Levothyroxine 75 mcg every morning, half an hour before breakfast.', 'c3', 'c4'),
      ],
    },
    {
      code: '29545-1',
      title: 'Physical exam',
      sentences: [sentence('s4', 'Blood pressure 118/74. Thyroid not enlarged.', 'c7')],
    },
    {
      code: '51848-0',
      title: 'Assessment',
      sentences: [sentence('s5', 'Hypothyroidism, well controlled.', 'c8')],
    },
    {
      code: '18776-5',
      title: 'Plan',
      sentences: [sentence('s6', 'Same dose of levothyroxine, TSH in 6 months.', 'c8')],
    },
  ],
  findings: [
    {
      kind: 'condition',
      text: 'hypothyroidism',
      coding: {
        system: 'http://hl7.org/fhir/sid/icd-10-cm',
        code: 'E03.9',
        display: 'Hypothyroidism, unspecified',
      },
      diagnosed: true,
      source: ['c8'],
    },
    {
      kind: 'medication',
      text: 'levothyroxine',
      coding: {
        system: 'http://www.nlm.nih.gov/research/umls/rxnorm',
        code: '10582',
        display: 'levothyroxine',
      },
      dosage: '75 mcg every morning',
      source: ['c3', 'c4'],
    },
  ],
  stages: [
    {
      stage: 'transcribe',
      provider: { name: 'written transcript', version: '1', party: 'here' },
      passedOver: [],
    },
    { stage: 'draft', provider: embedded, passedOver: [] },
    { stage: 'extract', provider: embedded, passedOver: [] },
    { stage: 'code', provider: embedded, passedOver: [] },
  ],
};

const firstVersion = <T extends Resource>(resource: T): T => ({
  ...resource,
  meta: { ...resource.meta, versionId: '1' },
});

interface Drafted {
  readonly recording: Media;
  readonly resources: readonly Resource[];
  readonly outputs: readonly Resource[];
}

/** The recording, what the bot made of it, and its Task. */
function drafted(day: string): Drafted {
  const recording = recordingOf('signed', day);
  const trigger = parseTrigger(firstVersion(recording));
  if (trigger === undefined) throw new Error('The bot would not draft the recording of the demo data.');
  const now = minutesAfter(recording.issued ?? '', 1);
  const { outputs, devices, provenance } = buildDraft(trigger, draft, now);
  const task: Task = taskWithResult(
    taskAtWork(undefined, workOf(trigger), 'Drafting the note', recording.issued ?? now),
    trigger,
    { status: 'completed', step: 'Draft ready for review (transcript by written transcript 1)', outputs },
    now,
  );
  const resources = outputs.map((output) => output.resource);
  return {
    recording,
    resources: [recording, ...devices, ...resources, provenance, task],
    outputs: resources,
  };
}

/** Everything up to the draft. */
export const draftedVisit = (day: string): readonly Resource[] => drafted(day).resources;

/** The doctor signs what stands in the draft and accepts what is proposed. */
export function signing(day: string): Bundle {
  const { recording, outputs } = drafted(day);
  const stored = outputs.map(firstVersion);
  const isNote = (one: Resource): one is DocumentReference =>
    one.resourceType === 'DocumentReference' && one.relatesTo !== undefined;
  const note = stored.find(isNote);
  if (note === undefined) throw new Error('The draft of the demo data has no note.');
  const noteDraft = noteDraftOf(note);
  const bundle = signBundle({
    note,
    composition: stored.find((one): one is Composition => one.resourceType === 'Composition'),
    draft: noteDraft,
    sections: noteDraft.sections,
    proposals: stored.filter((one): one is Proposal =>
      ['Condition', 'MedicationStatement'].includes(one.resourceType),
    ),
    verdicts: {},
    signer: recorded.signed.actor,
    now: minutesAfter(recording.issued ?? '', 6),
  });
  return { ...bundle, entry: (bundle.entry ?? []).map(withId) };
}

/** The Provenance of the signing gets an id of ours, so that a second run writes none. */
function withId(entry: NonNullable<Bundle['entry']>[number]): NonNullable<Bundle['entry']>[number] {
  const { resource, request } = entry;
  if (request?.method !== 'POST' || resource === undefined) return entry;
  const id = 'demo-visit-signed-verification';
  return { resource: { ...resource, id }, request: { method: 'PUT', url: `${resource.resourceType}/${id}` } };
}
