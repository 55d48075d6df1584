/**
 * Transcribe Medical, HealthScribe and the S3 bucket between, over HTTP: jobs with unique names that read a recording, take
 * some polls and write their files. https://docs.aws.amazon.com/transcribe/latest/APIReference/
 */
import { awsAnswer, awsError, signatureFault, targetOf } from './fake-aws.ts';
import { serve, type Asked, type Behaviour, type FakeHttp } from './fake-http.ts';

export const BUCKET = 'clinic-recordings';

interface StoredObject {
  readonly data: Buffer;
  readonly headers: Asked['headers'];
}

interface FakeJob {
  readonly request: Readonly<Record<string, unknown>>;
  pollsLeft: number;
}

export interface FakeTranscribe extends FakeHttp {
  readonly objects: ReadonlyMap<string, StoredObject>;
  readonly jobs: ReadonlyMap<string, FakeJob>;
  /** How the jobs to come end: the transcript file, or the reason of a failure. */
  ends(ending: { readonly transcript?: unknown; readonly failure?: string; readonly polls?: number }): void;
  /** Of the next call of an operation, e.g. `PutObject`. */
  next(operation: string, behaviour: Behaviour | (() => Behaviour)): void;
  /** The operations that were called, in order. */
  operations(): readonly string[];
  /** As if another process had done it. */
  startElsewhere(name: string, operation: string): void;
  /** As if another process had read everything and deleted it. */
  endElsewhere(): void;
}

export async function fakeTranscribe(): Promise<FakeTranscribe> {
  const objects = new Map<string, StoredObject>();
  const jobs = new Map<string, FakeJob>();
  const planned: [operation: string, behaviour: Behaviour | (() => Behaviour)][] = [];
  let ending: { transcript?: unknown; failure?: string; polls?: number } = {};
  const fake = await serve((asked) => {
    const operation = operationOf(asked);
    const at = planned.findIndex(([name]) => name === operation);
    const [[, behaviour] = []] = at < 0 ? [] : planned.splice(at, 1);
    if (behaviour !== undefined) return typeof behaviour === 'function' ? behaviour() : behaviour;
    const fault = signatureFault(asked);
    if (fault !== undefined) return fault;
    return asked.headers['x-amz-target'] === undefined ? s3(asked, objects) : transcribe(asked, operation);
  });

  function transcribe({ body }: Asked, operation: string): Behaviour {
    const [, verb, kind] =
      /^(Start|Get|Delete)(MedicalTranscription|MedicalScribe)Job$/.exec(operation) ?? [];
    if (kind === undefined) return awsError(400, 'UnknownOperationException');
    const request = JSON.parse(body.toString()) as Record<string, unknown>;
    const name = String(request[`${kind}JobName`]);
    const job = jobs.get(name);
    if (verb === 'Start') {
      if (job !== undefined)
        return awsError(400, 'ConflictException', 'The requested job name already exists.');
      const complaint = complaintAbout(request, kind, objects);
      if (complaint !== undefined) return awsError(400, 'BadRequestException', complaint);
      jobs.set(name, { request, pollsLeft: ending.polls ?? 1 });
      return awsAnswer(view(kind, name, { [statusOf(kind)]: 'IN_PROGRESS' }));
    }
    if (job === undefined)
      return awsError(
        400,
        verb === 'Get' ? 'NotFoundException' : 'BadRequestException',
        'The requested job could not be found.',
      );
    if (verb === 'Delete') {
      jobs.delete(name);
      return awsAnswer({});
    }
    job.pollsLeft -= 1;
    if (job.pollsLeft >= 0) return awsAnswer(view(kind, name, { [statusOf(kind)]: 'IN_PROGRESS' }));
    if (ending.failure !== undefined)
      return awsAnswer(view(kind, name, { [statusOf(kind)]: 'FAILED', FailureReason: ending.failure }));
    return awsAnswer(view(kind, name, { [statusOf(kind)]: 'COMPLETED', ...write(kind, name, job.request) }));
  }

  function write(kind: string, name: string, request: Readonly<Record<string, unknown>>): object {
    const put = (key: string, value: unknown): string => {
      objects.set(`${BUCKET}/${key}`, { data: Buffer.from(JSON.stringify(value)), headers: {} });
      return key;
    };
    if (kind === 'MedicalTranscription') {
      const key = put(String(request['OutputKey']), ending.transcript);
      return { Transcript: { TranscriptFileUri: `https://s3.us-east-1.amazonaws.com/${BUCKET}/${key}` } };
    }
    const transcript = put(`${name}/transcript.json`, ending.transcript);
    const summary = put(`${name}/summary.json`, { ClinicalDocumentation: { Sections: [] } });
    const uri = (key: string): string => `s3://${BUCKET}/${key}`;
    return { MedicalScribeOutput: { TranscriptFileUri: uri(transcript), ClinicalDocumentUri: uri(summary) } };
  }

  return {
    ...fake,
    objects,
    jobs,
    ends: (how) => {
      ending = how;
    },
    next: (operation, behaviour) => void planned.push([operation, behaviour]),
    operations: () => fake.asked.map(operationOf),
    startElsewhere: (name, operation) =>
      void jobs.set(name, {
        request: { OutputKey: `dr-assistant/${name}/transcript.json`, operation },
        pollsLeft: ending.polls ?? 1,
      }),
    endElsewhere: () => {
      objects.clear();
      jobs.clear();
    },
  };
}

const statusOf = (kind: string): string =>
  kind === 'MedicalScribe' ? 'MedicalScribeJobStatus' : 'TranscriptionJobStatus';
const view = (kind: string, name: string, more: object): object => ({
  [`${kind}Job`]: { [`${kind}JobName`]: name, LanguageCode: 'en-US', CreationTime: 1_700_000_000.5, ...more },
});

function operationOf(asked: Asked): string {
  if (asked.headers['x-amz-target'] !== undefined) return targetOf(asked);
  return `${asked.method.charAt(0)}${asked.method.slice(1).toLowerCase()}Object`;
}

/** The rules of the requests that a caller can break. */
function complaintAbout(
  request: Readonly<Record<string, unknown>>,
  kind: string,
  objects: ReadonlyMap<string, StoredObject>,
): string | undefined {
  const media = (request['Media'] as { MediaFileUri?: string } | undefined)?.MediaFileUri ?? '';
  if (!objects.has(media.replace('s3://', ''))) return "The S3 URI that you provided can't be accessed.";
  if (request['OutputBucketName'] !== BUCKET) return 'The specified bucket does not exist.';
  const settings = (request['Settings'] ?? {}) as Record<string, unknown>;
  if (settings['ShowSpeakerLabels'] === true && typeof settings['MaxSpeakerLabels'] !== 'number')
    return 'MaxSpeakerLabels is required.';
  if (kind === 'MedicalScribe') {
    if ((settings['ShowSpeakerLabels'] === true) === (settings['ChannelIdentification'] === true))
      return 'Set exactly one of the settings.';
    return /^arn:aws:iam::\d{12}:role\//.test(String(request['DataAccessRoleArn']))
      ? undefined
      : 'The role cannot be assumed.';
  }
  if (request['LanguageCode'] !== 'en-US' || request['Type'] !== 'CONVERSATION')
    return 'Only en-US is supported.';
  return media.endsWith(`.${String(request['MediaFormat'])}`)
    ? undefined
    : 'The media format does not match.';
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
export const s3Error = (status: number, code: string, message = ''): Behaviour => ({
  status,
  headers: { 'content-type': 'application/xml', 'x-amz-request-id': 'fake-request-3' },
  body: `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message></Error>`,
});

function s3({ method, url, headers, body }: Asked, objects: Map<string, StoredObject>): Behaviour {
  const path = decodeURIComponent(url.pathname).slice(1);
  if (!path.startsWith(`${BUCKET}/`)) return s3Error(404, 'NoSuchBucket');
  if (method === 'PUT') {
    objects.set(path, { data: body, headers });
    return { status: 200, headers: { etag: '"1"' } };
  }
  if (method === 'DELETE') {
    objects.delete(path);
    return { status: 204 };
  }
  const object = objects.get(path);
  return object === undefined
    ? s3Error(404, 'NoSuchKey')
    : { status: 200, headers: { 'content-type': 'application/json' }, body: object.data.toString() };
}
