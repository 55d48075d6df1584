/** Recordings through Transcribe Medical and HealthScribe: the hand-over, the job, the transcript, and that nothing stays behind. */
import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ProviderFault } from '../../../orchestrator/provider.ts';
import { batchProvider } from '../../../provider/aws-transcribe/batch.ts';
import { openBucket } from '../../../provider/aws-transcribe/bucket.ts';
import { healthScribe } from '../../../provider/aws-transcribe/health-scribe.ts';
import { transcribeMedical } from '../../../provider/aws-transcribe/medical.ts';
import type { TranscribeProvider } from '../../../provider/stages.ts';
import { encodeWav } from '../../../provider/transcribe/wav.ts';
import { awsError, useCredentials } from '../../support/fake-aws.ts';
import { BUCKET, fakeTranscribe, s3Error, type FakeTranscribe } from '../../support/fake-transcribe.ts';

const signal = new AbortController().signal;
const recording = { contentType: 'audio/wav', data: encodeWav(new Int16Array(16_000)) };
const restore = useCredentials();
let fake: FakeTranscribe;
let warnings: string[];

beforeEach(async () => {
  fake = await fakeTranscribe();
  warnings = [];
});
afterEach(() => fake.close());
afterAll(restore);

function provider(kind: 'medical' | 'scribe', kmsKeyArn?: string): TranscribeProvider {
  const connection = { region: 'us-east-1', endpoint: fake.url };
  const bucket = openBucket(connection, { name: BUCKET, ...(kmsKeyArn === undefined ? {} : { kmsKeyArn }) });
  const service =
    kind === 'medical'
      ? transcribeMedical(connection, bucket, 'PRIMARYCARE')
      : healthScribe(connection, bucket, 'arn:aws:iam::111122223333:role/scribe');
  return batchProvider(service, bucket, 'en', { pollMs: 5, warn: (w) => void warnings.push(w) });
}

const word = (content: string, start: number, speaker: string) => ({
  type: 'pronunciation',
  start_time: start.toFixed(2),
  end_time: (start + 0.4).toFixed(2),
  speaker_label: speaker,
  alternatives: [{ confidence: '0.99', content }],
});
const mark = (content: string) => ({ type: 'punctuation', alternatives: [{ confidence: '0.0', content }] });
const medicalFile = {
  jobName: 'x',
  accountId: '111122223333',
  results: {
    transcripts: [{ transcript: 'Any fever? No.' }],
    items: [
      word('Any', 0.5, 'spk_0'),
      word('fever', 1, 'spk_0'),
      mark('?'),
      word('No', 2.1, 'spk_1'),
      mark('.'),
    ],
  },
  status: 'COMPLETED',
};
const conversation = {
  Conversation: {
    ConversationId: '1',
    LanguageCode: 'en-US',
    TranscriptSegments: [
      {
        SegmentId: 'a',
        BeginAudioTime: 0.5,
        EndAudioTime: 1.4,
        Content: 'Any fever?',
        ParticipantDetails: { ParticipantRole: 'CLINICIAN' },
        SectionDetails: { SectionName: 'SUBJECTIVE' },
      },
      {
        SegmentId: 'b',
        BeginAudioTime: 2.1,
        EndAudioTime: 2.5,
        Content: 'No.',
        ParticipantDetails: { ParticipantRole: 'PATIENT_1' },
      },
    ],
  },
};
const kinds = [
  {
    kind: 'medical',
    file: medicalFile,
    start: 'StartMedicalTranscriptionJob',
    get: 'GetMedicalTranscriptionJob',
    remove: 'DeleteMedicalTranscriptionJob',
  },
  {
    kind: 'scribe',
    file: conversation,
    start: 'StartMedicalScribeJob',
    get: 'GetMedicalScribeJob',
    remove: 'DeleteMedicalScribeJob',
  },
] as const;

const nothingStays = (): void => {
  expect([...fake.objects.keys()]).toEqual([]);
  expect([...fake.jobs.keys()]).toEqual([]);
};

test('Transcribe Medical gives turns with times and voices.', async () => {
  fake.ends({ transcript: medicalFile });
  expect(await provider('medical').run(recording, signal)).toEqual({
    output: {
      kind: 'segments',
      segments: [
        { startMs: 500, endMs: 1_400, text: 'Any fever?', speaker: 'Speaker 1' },
        { startMs: 2_100, endMs: 2_500, text: 'No.', speaker: 'Speaker 2' },
      ],
    },
    usage: { audioSeconds: 2.5 },
  });
});

test('HealthScribe gives turns with roles.', async () => {
  fake.ends({ transcript: conversation });
  const { output } = await provider('scribe').run(recording, signal);
  expect(output).toEqual({
    kind: 'segments',
    segments: [
      { startMs: 500, endMs: 1_400, text: 'Any fever?', role: 'clinician' },
      { startMs: 2_100, endMs: 2_500, text: 'No.', role: 'patient', speaker: '2' },
    ],
  });
});

test('A long turn is cut at the ends of its sentences, and voices are found in the older form of the file too.', async () => {
  const words = Array.from({ length: 60 }, (_, i) => ({ ...word('word', i, ''), speaker_label: undefined }));
  const items = words.flatMap((w, i) => (i % 10 === 9 ? [w, mark('.')] : [w]));
  const times = words.map(({ start_time, end_time }) => ({ start_time, end_time, speaker_label: 'spk_1' }));
  const speaker_labels = { speakers: 1, segments: [{ speaker_label: 'spk_1', items: times }] };
  fake.ends({ transcript: { results: { items, speaker_labels } } });
  const { output } = await provider('medical').run(recording, signal);
  const segments = output.kind === 'segments' ? output.segments : [];
  expect(segments).toHaveLength(2);
  expect(segments.every((s) => s.text.endsWith('word.') && s.speaker === 'Speaker 2')).toBe(true);
});

describe.each(kinds)('A job of $kind', ({ kind, file, start, get, remove }) => {
  test('leaves neither recording, nor transcript, nor job behind.', async () => {
    fake.ends({ transcript: file, polls: 3 });
    await provider(kind).run(recording, signal);
    expect(fake.operations().filter((o) => o === get)).toHaveLength(4);
    nothingStays();
    expect(warnings).toEqual([]);
  });

  test('is encrypted by S3, or with the key of the clinic, on the way in and out.', async () => {
    fake.ends({ transcript: file });
    const puts = () =>
      fake.asked.filter((a) => a.method === 'PUT').map((a) => a.headers['x-amz-server-side-encryption']);
    await provider(kind).run(recording, signal);
    const key = 'arn:aws:kms:us-east-1:111122223333:key/k';
    await provider(kind, key).run(recording, signal);
    expect(puts()).toEqual(['AES256', 'aws:kms']);
    const starts = fake.asked
      .filter((a) => String(a.headers['x-amz-target']).endsWith(start))
      .map((a) => JSON.parse(a.body.toString()) as object);
    expect(starts[1]).toMatchObject({ OutputEncryptionKMSKeyId: key });
  });

  test('has a name that its recording decides, without anything of the patient.', async () => {
    fake.ends({ transcript: file });
    const names = async (data: Buffer): Promise<string> => {
      await provider(kind).run({ ...recording, data }, signal);
      return (
        /dr-assistant-[0-9a-f]{40}/.exec(
          fake.asked.findLast((a) => a.method === 'PUT')?.url.pathname ?? '',
        )?.[0] ?? ''
      );
    };
    const first = await names(recording.data);
    expect(first).not.toBe('');
    expect(await names(Buffer.from(recording.data))).toBe(first);
    expect(await names(Buffer.concat([recording.data, Buffer.alloc(2)]))).not.toBe(first);
  });

  test('that a crash left is gone on with instead of paid for twice.', async () => {
    fake.ends({ transcript: file });
    // Its name is learnt from a run; then it is there as a killed process leaves it.
    await provider(kind).run(recording, signal);
    const name = /dr-assistant-[0-9a-f]{40}/.exec(fake.asked[0]?.url.pathname ?? '')?.[0] ?? '';
    fake.startElsewhere(name, start);
    const { output } = await provider(kind).run(recording, signal);
    expect(output.kind === 'segments' && output.segments.length).toBe(2);
    nothingStays();
  });

  test.each([
    ['The media format that you specified does not match the detected media format.', 'rejected'],
    ['Access denied when writing to the bucket', 'misconfigured'],
    ['Internal Failure. Please try your request again.', 'unavailable'],
  ])(
    'that failed ("%s") is %s, and is deleted, so that it can be tried again.',
    async (failure, expected) => {
      fake.ends({ failure });
      await expect(provider(kind).run(recording, signal)).rejects.toMatchObject({ kind: expected });
      nothingStays();
    },
  );

  test('that gives another form, or no words, is unusable.', async () => {
    const empty =
      kind === 'medical' ? { results: { items: [] } } : { Conversation: { TranscriptSegments: [] } };
    for (const transcript of [{}, { results: [] }, empty]) {
      fake.ends({ transcript });
      await expect(provider(kind).run(recording, signal)).rejects.toMatchObject({ kind: 'unusable' });
    }
    nothingStays();
  });

  test('whose signal aborts is stopped, and nothing of it stays.', async () => {
    fake.ends({ transcript: file, polls: 10_000 });
    const limit = AbortSignal.timeout(200);
    await expect(provider(kind).run(recording, limit)).rejects.toMatchObject({ name: 'TimeoutError' });
    expect(fake.operations()).toContain(remove);
    nothingStays();
  });

  test('that is polled in vain now and then goes on; when that does not end, it is given up.', async () => {
    fake.ends({ transcript: file, polls: 2 });
    fake.next(get, awsError(400, 'LimitExceededException'));
    fake.next(get, 'reset');
    await provider(kind).run(recording, signal);
    for (let i = 0; i < 5; i += 1) fake.next(get, awsError(500, 'InternalFailureException'));
    await expect(provider(kind).run(recording, signal)).rejects.toMatchObject({ kind: 'unavailable' });
    nothingStays();
  });

  test.each([
    [
      start,
      awsError(400, 'LimitExceededException', '', { 'retry-after': '9' }),
      { kind: 'throttled', retryAfterMs: 9_000 },
    ],
    [start, awsError(400, 'BadRequestException'), { kind: 'rejected' }],
    [start, awsError(400, 'AccessDeniedException'), { kind: 'misconfigured' }],
    ['PutObject', s3Error(403, 'AccessDenied'), { kind: 'misconfigured' }],
    ['PutObject', s3Error(404, 'NoSuchBucket'), { kind: 'misconfigured' }],
    ['PutObject', s3Error(503, 'SlowDown'), { kind: 'throttled' }],
    ['PutObject', 'reset', { kind: 'unavailable' }],
    ['GetObject', s3Error(500, 'InternalError'), { kind: 'unavailable' }],
    ['GetObject', s3Error(404, 'NoSuchKey'), { kind: 'unavailable' }],
    ['GetObject', { status: 200, body: '<html>' }, { kind: 'unusable' }],
  ] as const)(
    'whose %s meets %j ends in a fault of its kind, and nothing of it stays.',
    async (operation, behaviour, expected) => {
      fake.ends({ transcript: file });
      fake.next(operation, behaviour);
      const before = fake.operations().length;
      const fault: unknown = await provider(kind)
        .run(recording, signal)
        .catch((error: unknown) => error);
      expect(fault).toBeInstanceOf(ProviderFault);
      expect(fault).toMatchObject(expected);
      expect(
        fake
          .operations()
          .slice(before)
          .filter((o) => o === operation),
      ).toHaveLength(1);
      nothingStays();
    },
  );

  test('is shared by those who want it at once, and goes on as long as one of them waits.', async () => {
    fake.ends({ transcript: file, polls: 20 });
    const shared = provider(kind);
    const leaver = new AbortController();
    const [first, second] = [shared.run(recording, signal), shared.run(recording, leaver.signal)];
    leaver.abort(new Error('enough'));
    await expect(second).rejects.toThrow('enough');
    const third = shared.run(recording, signal);
    expect(await third).toEqual(await first);
    expect(fake.operations().filter((o) => o === start)).toHaveLength(1);
    nothingStays();
    const limits = [AbortSignal.timeout(100), AbortSignal.timeout(150)];
    fake.ends({ transcript: file, polls: 10_000 });
    const stopped = await Promise.allSettled(limits.map((limit) => shared.run(recording, limit)));
    expect(stopped).toMatchObject([
      { reason: { name: 'TimeoutError' } },
      { reason: { name: 'TimeoutError' } },
    ]);
    nothingStays();
  });

  test('that is being stopped is waited for by the next, who starts his own.', async () => {
    fake.ends({ transcript: file, polls: 10_000 });
    const shared = provider(kind);
    const leaver = new AbortController();
    fake.next(get, () => {
      leaver.abort(new Error('enough'));
      fake.ends({ transcript: file });
      return awsError(400, 'LimitExceededException');
    });
    const stopped = shared.run(recording, leaver.signal).catch((error: unknown) => error);
    leaver.signal.addEventListener('abort', () => {
      next = shared.run(recording, signal);
    });
    let next: ReturnType<TranscribeProvider['run']> | undefined;
    expect(await stopped).toEqual(new Error('enough'));
    expect((await next)?.output.kind).toBe('segments');
    expect(fake.operations().filter((o) => o === start)).toHaveLength(2);
    nothingStays();
  });

  test('of two processes with the same recording gives each its transcript.', async () => {
    fake.ends({ transcript: file, polls: 3 });
    // Who comes when the other is just deleting is told so, and asks again.
    const again = (error: unknown): Promise<unknown> => {
      expect(error).toMatchObject({ kind: 'unavailable' });
      return provider(kind).run(recording, signal);
    };
    const answers = await Promise.all(
      [1, 2].map(async () => provider(kind).run(recording, signal).catch(again)),
    );
    expect(answers).toMatchObject([{ output: { kind: 'segments' } }, { output: { kind: 'segments' } }]);
    nothingStays();
  });

  test('that another process deletes is started again, a few times.', async () => {
    fake.ends({ transcript: file });
    const vanish = () => {
      fake.endElsewhere();
      return awsError(400, 'NotFoundException', 'The requested job could not be found.');
    };
    fake.next(get, vanish);
    const { output } = await provider(kind).run(recording, signal);
    expect(output.kind === 'segments' && output.segments.length).toBe(2);
    expect(fake.operations().filter((o) => o === start)).toHaveLength(2);
    nothingStays();
    for (let i = 0; i < 3; i += 1) fake.next(get, vanish);
    await expect(provider(kind).run(recording, signal)).rejects.toMatchObject({ kind: 'unavailable' });
    nothingStays();
  });

  test('whose recording another process deletes is started again, before it began and after.', async () => {
    fake.ends({ transcript: file });
    fake.next(start, () => {
      fake.endElsewhere();
      return awsError(400, 'BadRequestException', "The S3 URI that you provided can't be accessed.");
    });
    expect((await provider(kind).run(recording, signal)).output.kind).toBe('segments');
    fake.ends({
      failure: "The S3 URI that you provided can't be accessed. Make sure that you have permission.",
    });
    fake.next('HeadObject', () => {
      fake.ends({ transcript: file });
      return s3Error(404, 'NotFound');
    });
    expect((await provider(kind).run(recording, signal)).output.kind).toBe('segments');
    nothingStays();
  });

  test('that cannot be deleted gives its transcript all the same, and a warning without anything of the visit.', async () => {
    fake.ends({ transcript: file });
    fake.next('DeleteObject', s3Error(403, 'AccessDenied'));
    await provider(kind).run(recording, signal);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/not all of job dr-assistant-[0-9a-f]{40} could be deleted/);
  });
});

test('What the services do not take is refused in words.', () => {
  const medical = provider('medical');
  expect(medical.refusal({ contentType: 'text/plain', data: Buffer.alloc(1) })).toBe(
    'the recording is not sound',
  );
  expect(medical.refusal({ contentType: 'audio/aac', data: Buffer.alloc(1) })).toBe(
    'AWS Transcribe Medical takes no recordings of type audio/aac',
  );
  expect(medical.refusal(recording)).toBeUndefined();
});
