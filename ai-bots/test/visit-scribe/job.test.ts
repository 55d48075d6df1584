/** A visit from its Media to the committed draft, with stages that fail: what is written, what the Task says, what is tried again. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Media, Provenance, Resource, Task } from '@medplum/fhirtypes';
import visitScribe from '../../bot/visit-scribe/handler.ts';
import { runJob } from '../../bot/visit-scribe/job.ts';
import { parseTrigger } from '../../bot/visit-scribe/trigger.ts';
import { ProviderFault, type FaultKind } from '../../orchestrator/provider.ts';
import { createLogger } from '../../runtime/logger.ts';
import { createMemoryFhir, type MemoryFhir } from '../../sdk/testing/memory-fhir.ts';
import { testPipeline, type TestPipeline } from '../support/pipeline.ts';

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

async function work(pipeline: TestPipeline): Promise<void> {
  const trigger = parseTrigger(fhir.put(media));
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
