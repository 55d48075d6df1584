/** The visit-scribe bot: recordings of visits in, drafts of notes out. */
import { sharedPipeline } from '../../runtime/shared-pipeline.ts';
import { defineBot } from '../../sdk/index.ts';
import { runJob } from './job.ts';
import { visitScribeSettings } from './settings.ts';
import { parseTrigger } from './trigger.ts';
import { loadVisit } from './visit-of-transcript.ts';
import { DOCUMENT_TYPE_SYSTEM } from './vocabulary.ts';

const SOUND_TYPES = [
  'wav',
  'x-wav',
  'wave',
  'webm',
  'ogg',
  'mpeg',
  'mp3',
  'mp4',
  'x-m4a',
  'm4a',
  'aac',
  'flac',
  'opus',
];

export default defineBot({
  name: 'visit-scribe',
  description: 'Draft the note of a visit',
  triggers: [
    { id: 'media', criteria: 'Media?status=completed', reason: 'Draft the note of a recorded visit' },
    {
      id: 'document-audio',
      criteria: `DocumentReference?status=current&contenttype=${SOUND_TYPES.map((t) => `audio/${t}`).join(',')}`,
      reason: 'Draft the note of a visit whose recording came as a document',
    },
    {
      id: 'transcript',
      criteria: `DocumentReference?status=current&type=${DOCUMENT_TYPE_SYSTEM}|visit-transcript`,
      reason: 'Draft the note of a visit from a transcript written by a person',
    },
  ],
  scopes: [
    'system/Patient.r',
    'system/Practitioner.r',
    'system/PractitionerRole.r',
    'system/RelatedPerson.s',
    'system/Media.rs',
    'system/Binary.r',
    'system/DocumentReference.crus',
    'system/Composition.crus',
    'system/Condition.crus',
    'system/MedicationStatement.crus',
    'system/FamilyMemberHistory.crus',
    'system/Observation.crus',
    'system/Provenance.crus',
    'system/Device.crus',
    'system/Task.crus',
    'system/Subscription.crus',
  ],
  reads: [
    'Patient',
    'Practitioner',
    'PractitionerRole',
    'RelatedPerson',
    'Media',
    'Binary',
    'DocumentReference',
  ],
  writes: [
    'DocumentReference',
    'Composition',
    'Condition',
    'MedicationStatement',
    'FamilyMemberHistory',
    'Observation',
    'Provenance',
    'Device',
    'Task',
  ],
  prepare: (env) => ({ ...visitScribeSettings(env), pipeline: sharedPipeline(env) }),
  async handle(event, { fhir, prepared, logger, signal, recorded, renewEveryMs }) {
    const parsed = event.kind === 'resource' ? parseTrigger(event.resource) : undefined;
    if (parsed === undefined) return 'ignored';
    const trigger = await loadVisit(fhir, parsed);
    await runJob({ ...prepared, api: fhir, logger, renewEveryMs }, trigger, signal, recorded);
    return 'done';
  },
});
