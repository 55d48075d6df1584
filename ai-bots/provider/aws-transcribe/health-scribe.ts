/** HealthScribe, for its transcript with roles; its own note is not used. https://docs.aws.amazon.com/transcribe/latest/dg/health-scribe.html */
import {
  DeleteMedicalScribeJobCommand,
  GetMedicalScribeJobCommand,
  StartMedicalScribeJobCommand,
  TranscribeClient,
} from '@aws-sdk/client-transcribe';
import { Ajv } from 'ajv';
import { clientConfig, type AwsConnection } from '../aws/connection.ts';
import type { Segment } from '../transcribe/recording.ts';
import type { BatchService } from './batch.ts';
import { keyOf, type Bucket } from './bucket.ts';

const SPEAKERS_MAX = 4;

/** @param roleArn of the role by which HealthScribe reads and writes the bucket */
export function healthScribe(connection: AwsConnection, bucket: Bucket, roleArn: string): BatchService {
  const client = new TranscribeClient(clientConfig(connection));
  return {
    name: 'AWS HealthScribe',
    version: '2017-10-26',
    model: 'conversation',
    variant: 'speakers',
    endings: ['amr', 'flac', 'm4a', 'mp3', 'mp4', 'ogg', 'wav', 'webm'],
    async start({ name, media }, abortSignal) {
      const command = new StartMedicalScribeJobCommand({
        MedicalScribeJobName: name,
        Media: { MediaFileUri: media },
        OutputBucketName: bucket.name,
        ...(bucket.kmsKeyArn === undefined ? {} : { OutputEncryptionKMSKeyId: bucket.kmsKeyArn }),
        DataAccessRoleArn: roleArn,
        Settings: { ShowSpeakerLabels: true, MaxSpeakerLabels: SPEAKERS_MAX },
      });
      await client.send(command, { abortSignal });
    },
    async state(MedicalScribeJobName, abortSignal) {
      const command = new GetMedicalScribeJobCommand({ MedicalScribeJobName });
      const { MedicalScribeJob: job } = await client.send(command, { abortSignal });
      if (job?.MedicalScribeJobStatus === 'FAILED')
        return { status: 'failed', reason: job.FailureReason ?? '' };
      if (job?.MedicalScribeJobStatus !== 'COMPLETED') return { status: 'running' };
      return {
        status: 'done',
        transcript: keyOf(job.MedicalScribeOutput?.TranscriptFileUri ?? '', bucket.name),
      };
    },
    async forget(MedicalScribeJobName, abortSignal) {
      await client.send(new DeleteMedicalScribeJobCommand({ MedicalScribeJobName }), { abortSignal });
    },
    // The service chooses these names itself.
    outputKeys: ({ name }) => [`${name}/transcript.json`, `${name}/summary.json`],
    parse: parseConversation,
  };
}

interface ConversationFile {
  readonly Conversation: {
    readonly TranscriptSegments: readonly {
      readonly BeginAudioTime: number;
      readonly EndAudioTime: number;
      readonly Content: string;
      readonly ParticipantDetails?: { readonly ParticipantRole?: string };
    }[];
  };
}

const segment = {
  type: 'object',
  properties: {
    BeginAudioTime: { type: 'number', minimum: 0 },
    EndAudioTime: { type: 'number', minimum: 0 },
    Content: { type: 'string' },
    ParticipantDetails: { type: 'object', properties: { ParticipantRole: { type: 'string' } } },
  },
  required: ['BeginAudioTime', 'EndAudioTime', 'Content'],
};

const isConversation = new Ajv({ strict: true }).compile<ConversationFile>({
  type: 'object',
  properties: {
    Conversation: {
      type: 'object',
      properties: { TranscriptSegments: { type: 'array', items: segment } },
      required: ['TranscriptSegments'],
    },
  },
  required: ['Conversation'],
});

/** Times are in seconds. Roles are `CLINICIAN`, `PATIENT`, and with several of a kind `CLINICIAN_0`, `CLINICIAN_1`. */
function parseConversation(file: unknown): Segment[] | undefined {
  if (!isConversation(file)) return undefined;
  return file.Conversation.TranscriptSegments.filter((s) => s.Content.trim() !== '').map((s) => ({
    startMs: Math.round(s.BeginAudioTime * 1000),
    endMs: Math.round(Math.max(s.BeginAudioTime, s.EndAudioTime) * 1000),
    text: s.Content.trim(),
    ...speakerOf(s.ParticipantDetails?.ParticipantRole ?? ''),
  }));
}

function speakerOf(participant: string): Pick<Segment, 'role' | 'speaker'> {
  const [, kind, number] = /^(CLINICIAN|PATIENT)(?:_(\d+))?$/.exec(participant) ?? [];
  if (kind === undefined) return participant === '' ? {} : { role: 'other' };
  const role = kind === 'CLINICIAN' ? 'clinician' : 'patient';
  return number === undefined ? { role } : { role, speaker: String(Number(number) + 1) };
}
