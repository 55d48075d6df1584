/** Transcribe Medical. https://docs.aws.amazon.com/transcribe/latest/dg/transcribe-medical.html */
import {
  DeleteMedicalTranscriptionJobCommand,
  GetMedicalTranscriptionJobCommand,
  StartMedicalTranscriptionJobCommand,
  TranscribeClient,
  type MediaFormat,
  type Specialty,
} from '@aws-sdk/client-transcribe';
import { clientConfig, type AwsConnection } from '../aws/connection.ts';
import type { BatchService } from './batch.ts';
import { keyOf, type Bucket } from './bucket.ts';
import { parseMedicalTranscript } from './medical-transcript.ts';

const SPEAKERS_MAX = 4;

export function transcribeMedical(
  connection: AwsConnection,
  bucket: Bucket,
  specialty: Specialty,
): BatchService {
  const client = new TranscribeClient(clientConfig(connection));
  return {
    name: 'AWS Transcribe Medical',
    version: '2017-10-26',
    model: specialty,
    variant: specialty,
    endings: ['amr', 'flac', 'm4a', 'mp3', 'mp4', 'ogg', 'wav', 'webm'],
    async start({ name, media, ending, outputKey }, abortSignal) {
      const command = new StartMedicalTranscriptionJobCommand({
        MedicalTranscriptionJobName: name,
        LanguageCode: 'en-US',
        MediaFormat: ending as MediaFormat,
        Media: { MediaFileUri: media },
        OutputBucketName: bucket.name,
        OutputKey: outputKey,
        ...(bucket.kmsKeyArn === undefined ? {} : { OutputEncryptionKMSKeyId: bucket.kmsKeyArn }),
        Settings: { ShowSpeakerLabels: true, MaxSpeakerLabels: SPEAKERS_MAX },
        Specialty: specialty,
        Type: 'CONVERSATION',
      });
      await client.send(command, { abortSignal });
    },
    async state(MedicalTranscriptionJobName, abortSignal) {
      const command = new GetMedicalTranscriptionJobCommand({ MedicalTranscriptionJobName });
      const { MedicalTranscriptionJob: job } = await client.send(command, { abortSignal });
      if (job?.TranscriptionJobStatus === 'FAILED')
        return { status: 'failed', reason: job.FailureReason ?? '' };
      if (job?.TranscriptionJobStatus !== 'COMPLETED') return { status: 'running' };
      return { status: 'done', transcript: keyOf(job.Transcript?.TranscriptFileUri ?? '', bucket.name) };
    },
    async forget(MedicalTranscriptionJobName, abortSignal) {
      const command = new DeleteMedicalTranscriptionJobCommand({ MedicalTranscriptionJobName });
      await client.send(command, { abortSignal });
    },
    outputKeys: ({ outputKey }) => [outputKey, outputKey.replace(/[^/]+$/, '.write_access_check_file.temp')],
    parse: parseMedicalTranscript,
  };
}
