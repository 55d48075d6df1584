/** What a draft becomes: table tests over pure functions; the server validates the same resources end to end. */
import type {
  Composition,
  Condition,
  DocumentReference,
  Provenance,
  Resource,
  Task,
} from '@medplum/fhirtypes';
import { describe, expect, test } from '@jest/globals';
import { buildDraft, createEntry, updateEntry } from '../../bot/visit-scribe/draft/bundle.ts';
import type { Finding, VisitDraft } from '../../bot/visit-scribe/draft/draft.ts';
import { withdraw } from '../../bot/visit-scribe/draft/supersede.ts';
import { taskAtWork } from '../../sdk/index.ts';
import { isHandled, taskWithResult, workOf } from '../../bot/visit-scribe/task.ts';
import type { Trigger } from '../../bot/visit-scribe/trigger.ts';

const now = '2026-05-04T10:30:00.000Z';
const trigger: Trigger = {
  kind: 'recording',
  reference: 'Media/m1',
  versionId: '1',
  recording: 'Media/m1',
  content: { contentType: 'text/vtt' },
  subject: { reference: 'Patient/p1' },
  encounter: { reference: 'Encounter/e1' },
  clinicians: [],
  date: '2026-05-04T10:00:00Z',
};
const mother = {
  system: 'http://terminology.hl7.org/CodeSystem/v3-RoleCode',
  code: 'MTH',
  display: 'mother',
};
const hypertension = { system: 'http://hl7.org/fhir/sid/icd-10-cm', code: 'I10', display: 'Hypertension' };
const findings: readonly Finding[] = [
  {
    kind: 'condition',
    text: 'hypertension',
    coding: hypertension,
    diagnosed: false,
    isPast: true,
    source: ['c2'],
  },
  { kind: 'condition', text: 'high blood pressure', coding: hypertension, diagnosed: true, source: ['c5'] },
  { kind: 'condition', text: 'itchy ears', diagnosed: false, isPast: true, source: ['c3'] },
  { kind: 'medication', text: 'lisinopril', dosage: '10 mg daily', source: ['c4'] },
  { kind: 'family', text: 'breast cancer', relationship: mother, source: ['c6'] },
  {
    kind: 'vital',
    coding: { system: 'http://loinc.org', code: '8867-4', display: 'Heart rate' },
    quantity: { value: 72, unit: 'beats/minute', code: '/min' },
    source: ['c7'],
  },
];
const draft: VisitDraft = {
  vtt: 'WEBVTT\n\nc1\n00:00.000 --> 00:01.000\n<v Doctor>Hello\n',
  dictated: true,
  sections: [
    {
      code: '61150-9',
      title: 'Subjective',
      sentences: [
        { id: 's1', text: 'Ears < nose & "throat".', source: ['c3'] },
        { id: 's2', text: 'Itchy.', source: ['c3'], unsupported: 'says too much' },
      ],
    },
    { code: '51848-0', title: 'Assessment', sentences: [] },
  ],
  findings,
  stages: [
    {
      stage: 'transcribe',
      provider: { name: 'pocketsphinx', version: '0.8', remark: 'demo quality', party: 'here' },
      passedOver: [{ provider: 'whisper.cpp', reason: 'no model is configured', kind: 'refused' }],
    },
    {
      stage: 'draft',
      provider: { name: 'embedded', version: '1', party: 'here' },
      passedOver: [{ provider: 'Azure OpenAI', reason: 'took too long', kind: 'timeout' }],
    },
    { stage: 'extract', passedOver: [{ provider: 'embedded', reason: 'broken', kind: 'failed' }] },
  ],
};

const built = buildDraft(trigger, draft, now);
const ofType = <T extends Resource>(type: T['resourceType']): T[] =>
  built.outputs.map((o) => o.resource).filter((r): r is T => r.resourceType === type);
const text = (document: DocumentReference | undefined, i: number): string =>
  Buffer.from(document?.content[i]?.attachment.data ?? '', 'base64').toString('utf8');

describe('A draft', () => {
  test('says of each resource that a machine wrote it.', () => {
    for (const { resource } of [...built.outputs, { resource: built.provenance }]) {
      expect(resource.meta?.security?.map((s) => s.code)).toContain('AIAST');
    }
  });

  test('holds nothing that is final or confirmed.', () => {
    const documents = ofType<DocumentReference>('DocumentReference');
    expect(documents.map((d) => d.docStatus)).toEqual(['preliminary', 'preliminary']);
    expect(ofType<Composition>('Composition')[0]?.status).toBe('preliminary');
    const codes = ofType<Condition>('Condition').map((c) => c.verificationStatus?.coding?.[0]?.code);
    expect(codes).toEqual(['provisional', 'unconfirmed']);
  });

  test('makes one proposal of a concept that was mentioned twice, with both sources.', () => {
    const condition = ofType<Condition>('Condition')[0];
    expect(condition?.code).toEqual({ coding: [hypertension], text: 'hypertension' });
    expect(condition?.extension?.[0]?.valueString).toBe('c2 c5');
  });

  test('takes for over what was only said to be over.', () => {
    const codes = ofType<Condition>('Condition').map((c) => c.clinicalStatus?.coding?.[0]?.code);
    expect(codes).toEqual(['active', 'inactive']);
  });

  test('leaves out a code that is not certain.', () => {
    expect(ofType<Condition>('Condition')[1]?.code).toEqual({ text: 'itchy ears' });
  });

  test('keeps what a relative has out of the patient’s problems.', () => {
    const conditions = ofType<Condition>('Condition').map((c) => c.code?.text);
    expect(conditions).not.toContain('breast cancer');
    expect(ofType('FamilyMemberHistory')).toMatchObject([
      { patient: { reference: 'Patient/p1' }, relationship: { coding: [mother] }, condition: [{}] },
    ]);
  });

  test('links the note to its transcript and both to the recording.', () => {
    const [transcript, note] = ofType<DocumentReference>('DocumentReference');
    expect(note?.relatesTo?.[0]?.target.reference).toBe(`DocumentReference/${transcript?.id ?? ''}`);
    for (const d of [transcript, note]) expect(d?.context?.related).toEqual([{ reference: 'Media/m1' }]);
    expect(transcript?.meta?.security?.map((s) => s.code)).toEqual(['AIAST', 'DICTAST']);
    expect(text(transcript, 0)).toBe(draft.vtt);
  });

  test('carries the sentences with their sources as a NoteDraft.', () => {
    const note = ofType<DocumentReference>('DocumentReference')[1];
    expect(JSON.parse(text(note, 1))).toEqual({
      version: 1,
      provider: { transcribe: 'pocketsphinx 0.8 (demo quality)', draft: 'embedded 1', extract: 'nobody' },
      fallbacks: [
        'The note came from embedded instead (Azure OpenAI: took too long).',
        'No conditions, medications or measurements are proposed (embedded: broken).',
      ],
      sections: draft.sections,
    });
    expect(text(note, 0)).toBe('SUBJECTIVE\nEars < nose & "throat".\nItchy. [please check: says too much]');
  });

  test('escapes what was said in the narrative.', () => {
    const div = ofType<Composition>('Composition')[0]?.section?.[0]?.text?.div;
    expect(div).toContain('<p>Ears &lt; nose &amp; &quot;throat&quot;.</p>');
  });

  test('has a Provenance over all of it, by the Device, from recording and transcript.', () => {
    const provenance = built.provenance as Provenance;
    expect(provenance.target).toHaveLength(built.outputs.length);
    expect(provenance.agent[0]?.who.reference).toBe(`Device/${built.devices[0]?.id ?? ''}`);
    const sources = provenance.entity?.map((e) => e.what.reference);
    expect(sources?.[0]).toBe('Media/m1/_history/1');
    expect(sources?.[1]).toMatch(/^DocumentReference\//);
  });

  test('names the provider of each stage as a Device, and those who were asked in vain with their reason.', () => {
    const provenance = built.provenance as Provenance;
    expect(built.devices.map((d) => d.deviceName?.[0]?.name)).toEqual([
      'Visit scribe',
      'pocketsphinx',
      'embedded',
    ]);
    expect(provenance.agent.slice(1).map((a) => [a.role?.[0]?.text, a.who.reference])).toEqual([
      ['transcribe', `Device/${built.devices[1]?.id ?? ''}`],
      ['draft', `Device/${built.devices[2]?.id ?? ''}`],
    ]);
    const passedOver = provenance.extension?.map((e) => e.extension?.map((part) => part.valueString));
    expect(passedOver).toEqual([
      ['transcribe', 'whisper.cpp', 'no model is configured'],
      ['draft', 'Azure OpenAI', 'took too long'],
      ['extract', 'embedded', 'broken'],
    ]);
    expect(provenance.activity?.text).toContain(
      'The note came from embedded instead (Azure OpenAI: took too long).',
    );
  });

  test('of the same trigger has the same ids, all different and valid.', () => {
    const ids = built.outputs.map((o) => o.resource.id ?? '');
    expect(buildDraft(trigger, draft, '2026-06-01T00:00:00Z').outputs.map((o) => o.resource.id)).toEqual(ids);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9\-.]{1,64}$/);
  });

  test('from a person’s transcript repeats no transcript and points to theirs.', () => {
    const written: Trigger = { ...trigger, kind: 'transcript', reference: 'DocumentReference/t1' };
    const { outputs } = buildDraft(written, { ...draft, dictated: false }, now);
    const documents = outputs.map((o) => o.resource).filter((r) => r.resourceType === 'DocumentReference');
    expect(documents).toHaveLength(1);
    expect(documents[0]).toMatchObject({
      relatesTo: [{ code: 'transforms', target: { reference: 'DocumentReference/t1' } }],
      context: { related: [{ reference: 'Media/m1' }] },
    });
  });
});

test('Entries create only where nothing is, and update only the version that was seen.', () => {
  const resource: Resource = { resourceType: 'Patient', id: '1' };
  expect(createEntry('http://x/fhir', resource).request).toMatchObject({
    url: 'Patient/1',
    ifNoneMatch: '*',
  });
  expect(updateEntry('http://x/fhir', resource, '7').request).toMatchObject({ ifMatch: 'W/"7"' });
});

test('A withdrawn Condition has no clinical status any more.', () => {
  const condition = ofType<Condition>('Condition')[0];
  const withdrawn = condition === undefined ? undefined : withdraw(condition);
  expect(withdrawn).toMatchObject({ verificationStatus: { coding: [{ code: 'entered-in-error' }] } });
  expect(withdrawn).not.toHaveProperty('clinicalStatus');
});

describe('The Task of a recording', () => {
  const atWork = taskAtWork(undefined, workOf(trigger), 'Drafting the note', now);

  test('shows the step in words and is found by its recording.', () => {
    expect(atWork).toMatchObject({
      status: 'in-progress',
      businessStatus: { text: 'Drafting the note' },
      identifier: [{ value: 'Media/m1' }],
      focus: { reference: 'Media/m1' },
      for: { reference: 'Patient/p1' },
    });
    expect(isHandled(atWork, trigger)).toBe(false);
  });

  test('remembers each version that had its result, also when a later one is worked on.', () => {
    const held: Task = taskWithResult(
      atWork,
      trigger,
      { status: 'on-hold', step: 'Waiting', reason: 'Type it.' },
      now,
    );
    expect(held.statusReason?.text).toBe('Type it.');
    const written: Trigger = { ...trigger, kind: 'transcript', reference: 'DocumentReference/t1' };
    const again = taskAtWork(held, workOf(written), 'Drafting the note', now);
    expect(again.statusReason).toBeUndefined();
    expect(again.id).toBe(atWork.id);
    const done = taskWithResult(
      again,
      written,
      { status: 'completed', step: 'Ready', outputs: built.outputs },
      now,
    );
    expect([isHandled(done, trigger), isHandled(done, written)]).toEqual([true, true]);
    expect(done.output?.map((o) => o.type.text).slice(0, 3)).toEqual(['transcript', 'note', 'composition']);
  });
});
