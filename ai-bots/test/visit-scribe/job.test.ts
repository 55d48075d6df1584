/** A visit from its Media to the committed draft, with stages that fail: what is written, what the Task says, what is tried again. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { DocumentReference, Media, Provenance, Resource, Task } from '@medplum/fhirtypes';
import visitScribe from '../../bot/visit-scribe/handler.ts';
import { runJob } from '../../bot/visit-scribe/job.ts';
import { parseTrigger } from '../../bot/visit-scribe/trigger.ts';
import { TRANSCRIPT_TYPE } from '../../bot/visit-scribe/vocabulary.ts';
import { ProviderFault, type FaultKind } from '../../orchestrator/provider.ts';
import { createLogger } from '../../runtime/logger.ts';
import { createMemoryFhir, type MemoryFhir } from '../../sdk/testing/memory-fhir.ts';
import { testPipeline, type TestPipeline } from '../support/pipeline.ts';
import { stageRunsOf } from '../support/stage-runs.ts';

const VISIT = `Doctor: What brings you in?
Patient: I have had a cough for three days. I take lisinopril ten milligrams daily.
Doctor: Any fever?
Patient: No.
Doctor: You have acute bronchitis. Drink a lot and rest.`;
const media: Media = {
  resourceType: 'Media',
  id: 'm1',
  status: 'completed',
  subject: { reference: 'Patient/p1' },
  content: { contentType: 'text/plain', data: Buffer.from(VISIT).toString('base64') },
};
const recording: Media = {
  ...media,
  content: { contentType: 'audio/wav', data: Buffer.from('RIFF').toString('base64') },
};
const typed: DocumentReference = {
  resourceType: 'DocumentReference',
  id: 't1',
  status: 'current',
  type: TRANSCRIPT_TYPE,
  subject: { reference: 'Patient/p1' },
  context: { related: [{ reference: 'Media/m1' }] },
  content: [{ attachment: { contentType: 'text/plain', data: Buffer.from(VISIT).toString('base64') } }],
};
const logger = createLogger('silent');

let fhir: MemoryFhir;
beforeEach(() => {
  fhir = createMemoryFhir(() => new Date());
  fhir.put({ resourceType: 'Patient', id: 'p1', name: [{ family: 'Quintero' }], birthDate: '1971-08-09' });
});

const failing = (kind: FaultKind, party: 'here' | 'third-party' = 'third-party') => ({
  name: 'Cloud',
  version: '1',
  party,
  refusal: () => undefined,
  run: () => Promise.reject(new ProviderFault(kind, `the cloud is ${kind}`)),
});

async function work(pipeline: TestPipeline, resource: Media | DocumentReference = media): Promise<void> {
  const trigger = parseTrigger(fhir.put(resource));
  const api = fhir.api(visitScribe.scopes);
  await runJob(
    { api, pipeline, contentSizeMaxBytes: 1_000_000, logger },
    trigger!,
    new AbortController().signal,
    () => undefined,
  );
}
const stored = <T extends Resource>(type: T['resourceType']): T[] =>
  fhir.all().filter((r): r is T => r.resourceType === type);
const task = (): Task | undefined => stored<Task>('Task')[0];

describe('The visit scribe', () => {
  test('drafts within its scopes, and names the provider of each stage as a Device.', async () => {
    await work(testPipeline({}));
    expect(fhir.violations).toEqual([]);
    expect(task()).toMatchObject({ status: 'completed', businessStatus: { text: /^Draft ready/ } as never });
    const [provenance] = stored<Provenance>('Provenance');
    expect(provenance?.agent.map((a) => a.role?.[0]?.text)).toEqual([
      undefined,
      'transcribe',
      'draft',
      'extract',
      'code',
    ]);
    const devices = stored('Device').map((d) => `Device/${d.id ?? ''}`);
    for (const agent of provenance?.agent ?? []) expect(devices).toContain(agent.who.reference);
  });

  test('says in Task and Provenance who answered instead of whom, and why.', async () => {
    const pipeline = testPipeline(
      { AI_DRAFT_PROVIDERS: 'cloud,embedded', AI_RETRIES: '0' },
      { draft: new Map([['cloud', failing('rejected')]]) },
    );
    await work(pipeline);
    const words = 'The note came from Dr. Assistant embedded instead (Cloud: the cloud is rejected).';
    expect(task()?.businessStatus?.text).toContain(words);
    expect(stored<Provenance>('Provenance')[0]?.activity?.text).toContain(words);
  });

  test('keeps the note when nobody extracts, and says what is missing.', async () => {
    const pipeline = testPipeline(
      { AI_EXTRACT_PROVIDERS: 'cloud', AI_RETRIES: '0' },
      { extract: new Map([['cloud', failing('unavailable')]]) },
    );
    await work(pipeline);
    expect(task()?.status).toBe('completed');
    expect(task()?.businessStatus?.text).toContain(
      'No conditions, medications or measurements are proposed (Cloud: the cloud is unavailable).',
    );
    expect(stored('Composition')).toHaveLength(1);
    expect(stored('Condition')).toEqual([]);
  });

  test('waits when nobody drafts just now, says so, and drafts when it is sent again.', async () => {
    const broken = testPipeline(
      { AI_DRAFT_PROVIDERS: 'cloud', AI_RETRIES: '0' },
      { draft: new Map([['cloud', failing('unavailable')]]) },
    );
    await expect(work(broken)).rejects.toMatchObject({ status: 503 });
    expect(task()).toMatchObject({
      status: 'in-progress',
      businessStatus: { text: 'Waiting until a provider drafts the note again' },
    });
    const trigger = parseTrigger(stored<Media>('Media')[0]!);
    const api = fhir.api(visitScribe.scopes);
    const context = { api, pipeline: testPipeline({}), contentSizeMaxBytes: 1_000_000, logger };
    await runJob(context, trigger!, new AbortController().signal, () => undefined);
    expect(task()?.status).toBe('completed');
  });

  test.each<[FaultKind | 'timeout', 'in-progress' | 'on-hold']>([
    ['throttled', 'in-progress'],
    ['unavailable', 'in-progress'],
    ['rejected', 'on-hold'],
    ['timeout', 'on-hold'],
  ])('that meets a fault of the kind %s while it transcribes leaves the Task %s.', async (kind, status) => {
    const slow = { ...failing('rejected'), run: () => new Promise<never>(() => undefined) };
    const cloud = kind === 'timeout' ? slow : failing(kind);
    const pipeline = testPipeline(
      {
        AI_TRANSCRIBE_PROVIDERS: 'cloud',
        AI_RETRIES: '0',
        BOT_TRANSCRIBE_TIMEOUT_MS: '1000',
        AI_REDACT: 'none',
      },
      { transcribe: new Map([['cloud', cloud]]) },
    );
    await work(pipeline, recording).catch((error: unknown) => expect(error).toMatchObject({ status: 503 }));
    expect(task()?.status).toBe(status);
  });

  test('that is out of time for the note waits for another attempt.', async () => {
    const slow = { ...failing('rejected'), run: () => new Promise<never>(() => undefined) };
    const pipeline = testPipeline(
      { AI_DRAFT_PROVIDERS: 'cloud', AI_RETRIES: '0', AI_TIMEOUT_MS: '50' },
      { draft: new Map([['cloud', slow]]) },
    );
    await expect(work(pipeline)).rejects.toMatchObject({ status: 503 });
    expect(task()?.status).toBe('in-progress');
  });

  test('stops, with the reason for the clinician, when nobody can draft this visit at all.', async () => {
    const pipeline = testPipeline(
      { AI_DRAFT_PROVIDERS: 'cloud', AI_RETRIES: '0' },
      { draft: new Map([['cloud', failing('rejected')]]) },
    );
    await work(pipeline);
    expect(task()).toMatchObject({ status: 'failed' });
    expect(task()?.statusReason?.text).toContain('Cloud: the cloud is rejected');
  });
});

describe('The Task of a run', () => {
  const runs = () => stageRunsOf(task());
  const cloud = { draft: new Map([['cloud', failing('rejected')]]) };

  test('says what each stage did, who was passed over by which kind of fault, and how long it took.', async () => {
    await work(testPipeline({ AI_DRAFT_PROVIDERS: 'cloud,embedded', AI_RETRIES: '0' }, cloud));
    expect(
      runs()
        .map(({ stage }) => stage)
        .toSorted(),
    ).toEqual(['code', 'draft', 'extract', 'transcribe']);
    const { asked } = runs().find(({ stage }) => stage === 'draft')!;
    expect(asked).toEqual([
      { provider: 'cloud', outcome: 'rejected', ms: expect.any(Number) as unknown },
      { provider: 'embedded', outcome: 'answered', ms: expect.any(Number) as unknown },
    ]);
    const { executionPeriod, extension } = task()!;
    expect(Date.parse(executionPeriod?.end ?? '')).toBeGreaterThanOrEqual(
      Date.parse(executionPeriod?.start ?? ''),
    );
    expect(JSON.stringify(extension)).not.toMatch(/the cloud is|Quintero|cough|lisinopril/);
  });

  test('says so as well when it fails, is on hold or waits.', async () => {
    await work(testPipeline({ AI_DRAFT_PROVIDERS: 'cloud', AI_RETRIES: '0' }, cloud));
    expect(task()?.status).toBe('failed');
    expect(runs().map(({ stage, asked }) => [stage, asked.at(-1)?.outcome])).toEqual(
      expect.arrayContaining([['draft', 'rejected']]),
    );
    const [hold, wait] = (['rejected', 'unavailable'] as const).map((kind) =>
      testPipeline(
        { AI_TRANSCRIBE_PROVIDERS: 'cloud', AI_RETRIES: '0', AI_REDACT: 'none' },
        { transcribe: new Map([['cloud', failing(kind)]]) },
      ),
    );
    await work(hold!, recording);
    expect([task()?.status, runs()]).toEqual(['on-hold', [expect.objectContaining({ stage: 'transcribe' })]]);
    await expect(work(wait!, recording)).rejects.toMatchObject({ status: 503 });
    expect(task()?.status).toBe('in-progress');
    expect(runs()[0]?.asked.at(-1)).toMatchObject({ provider: 'cloud', outcome: 'unavailable' });
  });

  test('has the runs of the last work alone, and a second delivery changes no version.', async () => {
    await work(testPipeline({ AI_DRAFT_PROVIDERS: 'cloud', AI_RETRIES: '0' }, cloud));
    await work(testPipeline({}), { ...media, note: [{ text: 'recorded again' }] });
    expect(runs()).toHaveLength(4);
    expect(runs().flatMap(({ asked }) => asked.map(({ outcome }) => outcome))).not.toContain('rejected');
    const before = fhir.all();
    const trigger = parseTrigger(stored<Media>('Media')[0]!);
    const context = { api: fhir.api(visitScribe.scopes), pipeline: testPipeline({}), contentSizeMaxBytes: 1_000_000, logger }; // prettier-ignore
    await runJob(context, trigger!, new AbortController().signal, () => undefined);
    expect(fhir.all()).toEqual(before);
  });
});

describe('A recording of which somebody has typed the transcript', () => {
  const deliver = async (resource: Media | DocumentReference): Promise<void> => {
    const context = { api: fhir.api(visitScribe.scopes), pipeline: testPipeline({}), contentSizeMaxBytes: 1_000_000, logger }; // prettier-ignore
    await runJob(context, parseTrigger(resource)!, new AbortController().signal, () => undefined);
  };
  const sources = (): string[] =>
    stored<Provenance>('Provenance').map((p) =>
      (p.entity ?? []).map(({ what }) => what.reference ?? '').join(', '),
    );

  test('is not drafted a second time from the sound when its delivery comes late.', async () => {
    await work(testPipeline({}), typed);
    const drafted = fhir.all().filter((r) => r.resourceType !== 'Task');
    await work(testPipeline({}), media);
    expect(fhir.all().filter((r) => !['Task', 'Media'].includes(r.resourceType))).toEqual(drafted);
    expect(task()).toMatchObject({ status: 'completed', focus: { reference: 'DocumentReference/t1' } });
    expect(fhir.violations).toEqual([]);
  });

  test('is drafted once, from the transcript, also when that has not been delivered yet.', async () => {
    const transcript = fhir.put(typed) as DocumentReference;
    await work(testPipeline({}), media);
    expect(sources()).toEqual([expect.stringContaining('DocumentReference/t1')]);
    const drafted = fhir.all();
    await deliver(transcript);
    expect(fhir.all()).toEqual(drafted);
    expect(task()?.status).toBe('completed');
  });

  test('is drafted from the sound when the transcript is of no consultation, or of another patient.', async () => {
    const text = Buffer.from('Hello?').toString('base64');
    await work(testPipeline({}), {
      ...typed,
      content: [{ attachment: { contentType: 'text/plain', data: text } }],
    });
    expect(task()?.status).toBe('on-hold');
    fhir.put({ ...typed, id: 't2', subject: { reference: 'Patient/p2' } });
    await work(testPipeline({}), media);
    expect(task()?.status).toBe('completed');
    expect(sources()).toEqual([expect.stringMatching(/^Media\/m1\/_history\/1/)]);
  });

  test('is drafted anew when it changes after that.', async () => {
    await work(testPipeline({}), typed);
    await work(testPipeline({}), media);
    await work(testPipeline({}), { ...media, note: [{ text: 'recorded again' }] });
    expect(sources()).toHaveLength(2);
    expect(task()).toMatchObject({ status: 'completed', focus: { reference: 'Media/m1' } });
  });
});

describe('A slow recording that is overtaken', () => {
  /** Transcribes when it is let. */
  function slowPipeline(): { pipeline: TestPipeline; begun: Promise<void>; letGo: () => void } {
    const { promise: begun, resolve: onBegun } = Promise.withResolvers<void>();
    const { promise: gate, resolve: letGo } = Promise.withResolvers<void>();
    const slow = {
      ...failing('rejected', 'here'),
      name: 'Slow',
      async run() {
        onBegun();
        await gate;
        return { output: { kind: 'text' as const, text: VISIT, contentType: 'text/plain' } };
      },
    };
    const pipeline = testPipeline(
      { AI_TRANSCRIBE_PROVIDERS: 'slow', AI_RETRIES: '0' },
      { transcribe: new Map([['slow', slow as never]]) },
    );
    return { pipeline, begun, letGo };
  }

  test.each<[string, Media | DocumentReference]>([
    ['a transcript that somebody typed', typed],
    ['a later version of the recording', { ...media, subject: { reference: 'Patient/p2' } }],
  ])('by %s leaves the newer draft as it is.', async (_by, newer) => {
    fhir.put({ resourceType: 'Patient', id: 'p2', name: [{ family: 'Other' }] });
    const { pipeline, begun, letGo } = slowPipeline();
    const slow = work(pipeline, recording);
    await begun;
    await work(testPipeline({}), newer);
    const drafted = fhir.all();
    letGo();
    await slow;
    expect(fhir.all()).toEqual(drafted);
    expect(stored<DocumentReference>('DocumentReference').every((d) => d.status === 'current')).toBe(true);
    expect(task()).toMatchObject({ status: 'completed', for: newer.subject as never });
  });

  test('stops as well while the newer work is still under way.', async () => {
    const [first, second] = [slowPipeline(), slowPipeline()];
    const slow = work(first.pipeline, recording);
    await first.begun;
    const newer = work(second.pipeline, { ...recording, subject: { reference: 'Patient/p2' } });
    await second.begun;
    first.letGo();
    await slow;
    expect(stored('Composition')).toEqual([]);
    second.letGo();
    await newer;
    expect(stored('Composition')).toHaveLength(1);
    expect(task()?.for?.reference).toBe('Patient/p2');
  });
});
