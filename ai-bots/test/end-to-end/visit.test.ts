/** A recorded visit becomes a draft: over the FHIR API alone, once, and through faults. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { DocumentReference, Media, Provenance, Resource, Task } from '@medplum/fhirtypes';
import pg from 'pg';
import { program, sharedData, testWith } from '../../../fhir-server/test/support/requirement.ts';
import { startWholeSystem, type WholeSystem } from '../../../scripts/test/support/whole-system.ts';
import { readDialogues } from '../support/dialogues.ts';
import { stageRunsOf } from '../support/stage-runs.ts';

const TASK = 'https://dr-assistant.example/fhir/NamingSystem/visit-scribe-task';
const PROGRESS_NOTE = 'http://loinc.org|11506-3';

let system: WholeSystem;

beforeAll(async () => {
  system = await startWholeSystem();
}, 250_000);

afterAll(() => system.stop(), 60_000);

function toVtt(dialogue: string): string {
  const cues = dialogue.split('\n').map((line, i) => {
    const [, speaker = 'Doctor', text = line] = /^\[(\w+)\]\s*(.*)$/.exec(line) ?? [];
    const time = (s: number): string => new Date(s * 1000).toISOString().slice(11, 23);
    return `${time(i * 4)} --> ${time(i * 4 + 4)}\n<v ${speaker}>${text}\n`;
  });
  return `WEBVTT\n\n${cues.join('\n')}`;
}

const postVisit = (text: string, contentType: string): Promise<Media> =>
  system.call<Media>('POST', 'Media', {
    resourceType: 'Media',
    status: 'completed',
    subject: { reference: 'Patient/demo-patient' },
    content: { contentType, data: Buffer.from(text).toString('base64') },
  });

const taskOf = async (media: Media, status: Task['status'], timeoutMs: number): Promise<Task> => {
  const query = `Task?identifier=${TASK}|Media/${media.id}`;
  const [task] = await system.find<Task>(query, (found) => found[0]?.status === status, timeoutMs);
  return task!;
};

const notesOf = (media: Media): Promise<DocumentReference[]> =>
  system.find(`DocumentReference?related=Media/${media.id}&type=${PROGRESS_NOTE}`, () => true, 0);

const outputsOf = (task: Task): Promise<Resource[]> =>
  Promise.all((task.output ?? []).map((o) => system.call('GET', o.valueReference?.reference ?? '')));

const dialogues = sharedData('dialogues/aci-bench');

testWith(dialogues)(
  'An ACI-BENCH dialogue leads to all the resources within ten seconds, and a second delivery changes nothing.',
  async () => {
    const [dialogue] = readDialogues(dialogues.path!, 'valid.csv');
    const started = Date.now();
    const media = await postVisit(toVtt(dialogue!.dialogue), 'text/vtt');
    const task = await taskOf(media, 'completed', 10_000);
    expect(Date.now() - started).toBeLessThan(10_000);
    const outputs = await outputsOf(task);
    const types = outputs.map((r) => r.resourceType);
    expect(types).toEqual(
      expect.arrayContaining(['DocumentReference', 'Composition', 'Condition', 'MedicationStatement']),
    );
    const labels = outputs.map((r) => r.meta?.security?.[0]?.code);
    expect(new Set(labels)).toEqual(new Set(['AIAST']));
    const [note] = await notesOf(media);
    expect(note).toMatchObject({ docStatus: 'preliminary', relatesTo: [{ code: 'transforms' }] });
    const provenance = await system.find<Provenance>(
      `Provenance?target=DocumentReference/${note!.id}`,
      (p) => p.length > 0,
      0,
    );
    expect(provenance[0]?.agent[0]?.who?.reference).toMatch(/^Device\//);
    await deliverAgain(media, task);
  },
  30_000,
);

/** Makes the delivery due again in the database, as a lost answer would. */
async function deliverAgain(media: Media, before: Task): Promise<void> {
  const client = new pg.Client({ connectionString: system.databaseUrl });
  await client.connect();
  try {
    const again = `update subscription_delivery set state = 'pending', next_attempt_at = now(), finished_at = null, lease = null
      where resource_type = 'Media' and resource_id = $1`;
    for (let tries = 0; tries < 100; tries += 1) {
      const { rows } = await client.query<{ state: string }>(
        "select state from subscription_delivery where resource_type = 'Media' and resource_id = $1",
        [media.id],
      );
      if (rows[0]?.state === 'delivered') break;
      await sleep(100);
    }
    expect((await client.query(again, [media.id])).rowCount).toBe(1);
    let state = 'pending';
    for (let tries = 0; tries < 100 && state === 'pending'; tries += 1) {
      await sleep(100);
      const { rows } = await client.query<{ state: string }>(
        "select state from subscription_delivery where resource_type = 'Media' and resource_id = $1",
        [media.id],
      );
      state = rows[0]?.state ?? '';
    }
    expect(state).toBe('delivered');
  } finally {
    await client.end();
  }
  const after = await taskOf(media, 'completed', 0);
  expect(after.meta?.versionId).toBe(before.meta?.versionId);
  expect(await notesOf(media)).toHaveLength(1);
  for (const resource of await outputsOf(after)) expect(resource.meta?.versionId).toBe('1');
}

const SHORT = `Doctor: What brings you in?
Patient: I have had a cough for three days.
Doctor: Any fever?
Patient: No.
Doctor: You have acute bronchitis.`;

test('What is no consultation gets no note, and the Task says why in words.', async () => {
  const media = await postVisit(
    'thank you for calling. for billing press one. for all other questions please stay on the line.',
    'text/plain',
  );
  const task = await taskOf(media, 'on-hold', 20_000);
  expect(task.businessStatus?.text).toBe('No consultation was heard');
  expect(task.statusReason?.text).toContain('sounds like a telephone menu');
  expect(task.output).toBeUndefined();
  expect(stageRunsOf(task)).toEqual([
    {
      stage: 'transcribe',
      asked: [expect.objectContaining({ provider: 'written-transcript', outcome: 'answered' })],
    },
  ]);
  expect(await notesOf(media)).toEqual([]);
});

test('A signed note gives feedback without names, and says what became of each sentence.', async () => {
  const media = await postVisit(SHORT.replace('What', 'Maria Alvarez, what'), 'text/plain');
  await taskOf(media, 'completed', 20_000);
  const [note] = await notesOf(media);
  const [plain, structured] = note!.content;
  const draft = JSON.parse(Buffer.from(structured?.attachment.data ?? '', 'base64').toString()) as {
    sections: { sentences: { id: string; text: string; source: string[] }[] }[];
  };
  const [first] = draft.sections[0]!.sentences;
  draft.sections[0]!.sentences = [
    { ...first!, text: 'Cough of 3 days, said Maria.' },
    { id: 'added-1', text: 'Seen on 3/14/2024.', source: [] },
  ];
  const data = Buffer.from(JSON.stringify(draft)).toString('base64');
  await system.call('PUT', `DocumentReference/${note!.id}`, {
    ...note,
    docStatus: 'final',
    authenticator: { reference: 'Practitioner/demo-doctor' },
    content: [plain, { attachment: { ...structured?.attachment, data } }],
  });
  const folder = mkdtempSync(join(tmpdir(), 'feedback-'));
  const [key, file] = [join(folder, 'key.json'), join(folder, 'feedback.ndjson')];
  const { clientId, privateKey } = system.demo.backend;
  writeFileSync(key, JSON.stringify(privateKey), { mode: 0o600 });
  execFileSync(process.execPath, [join(import.meta.dirname, '../../scripts/export-feedback.ts'), file], {
    env: { FHIR_BASE_URL: system.demo.fhirBase, BOT_CLIENT_ID: clientId, BOT_PRIVATE_KEY_FILE: key },
  });
  const text = readFileSync(file, 'utf8');
  rmSync(folder, { recursive: true, force: true });
  expect(text).not.toMatch(/maria|alvarez|2024/i);
  const visits = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { sentences: { label: string; signed?: string; text: string }[] });
  const labels = visits.flatMap(({ sentences }) => sentences.map((s) => [s.label, s.signed ?? s.text]));
  expect(labels).toEqual(
    expect.arrayContaining([
      ['changed', 'Cough of 3 days, said [NAME].'],
      ['added', 'Seen on [DATE].'],
    ]),
  );
}, 60_000);

test.each([['worker.ts'], ['runtime/main.ts']] as const)(
  'Visits are drafted once each although %s is killed in the middle.',
  async (part) => {
    const visits = [];
    for (let i = 0; i < 6; i += 1)
      visits.push(await postVisit(`${SHORT}\nPatient: Number ${i}.`, 'text/plain'));
    system.kill(part);
    for (const media of visits) {
      await taskOf(media, 'completed', 60_000);
      expect(await notesOf(media)).toHaveLength(1);
    }
  },
  120_000,
);

test('A visit without words waits, says what is missing, and goes on with a transcript.', async () => {
  const media = await system.call<Media>('POST', 'Media', {
    resourceType: 'Media',
    status: 'completed',
    subject: { reference: 'Patient/demo-patient' },
    content: { contentType: 'audio/x-unknown', data: Buffer.from('no sound at all').toString('base64') },
  });
  const waiting = await taskOf(media, 'on-hold', 20_000);
  expect(waiting.statusReason?.text).toMatch(/transcript/i);
  await system.call('POST', 'DocumentReference', {
    resourceType: 'DocumentReference',
    status: 'current',
    type: {
      coding: [
        { system: 'https://dr-assistant.example/fhir/CodeSystem/document-type', code: 'visit-transcript' },
      ],
    },
    subject: { reference: 'Patient/demo-patient' },
    author: [{ reference: 'Practitioner/demo-doctor' }],
    content: [{ attachment: { contentType: 'text/plain', data: Buffer.from(SHORT).toString('base64') } }],
    context: { related: [{ reference: `Media/${media.id}` }] },
  });
  const task = await taskOf(media, 'completed', 20_000);
  expect((await outputsOf(task)).map((r) => r.resourceType)).toContain('Composition');
}, 60_000);

testWith(program('flite'), program('pocketsphinx_continuous'))(
  'Speech is recognised and drafted.',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'speech-'));
    try {
      const file = join(folder, 'visit.wav');
      execFileSync('flite', ['-voice', 'slt', '-t', 'I have had a headache for three days.', '-o', file]);
      const media = await postAudio(readFileSync(file));
      const task = await taskOf(media, 'completed', 60_000);
      const [note] = await notesOf(media);
      const text = Buffer.from(note!.content[0]?.attachment.data ?? '', 'base64').toString();
      expect(text).toMatch(/headache/i);
      const transcript = (await outputsOf(task)).find(
        (r) => r.id !== note!.id && r.resourceType === 'DocumentReference',
      );
      expect(transcript?.meta?.security?.map((s) => s.code)).toContain('DICTAST');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
  120_000,
);

const postAudio = (data: Buffer): Promise<Media> =>
  system.call<Media>('POST', 'Media', {
    resourceType: 'Media',
    status: 'completed',
    subject: { reference: 'Patient/demo-patient' },
    content: { contentType: 'audio/wav', data: data.toString('base64') },
  });
