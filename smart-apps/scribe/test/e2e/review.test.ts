/** The clinician's whole way in a real browser: log in, launch from the EHR, paste, review, reject, sign. */
import { afterAll, beforeAll, expect } from '@jest/globals';
import type {
  Binary,
  Composition,
  Condition,
  DocumentReference,
  Media,
  Provenance,
} from '@medplum/fhirtypes';
import type { Browser, Page } from 'playwright-core';
import { testWith } from '../../../../fhir-server/test/support/requirement.ts';
import { startWholeSystem, type WholeSystem } from '../../../../scripts/test/support/whole-system.ts';
import { encodeWav } from '../../../../ai-bots/provider/transcribe/wav.ts';
import { expectNoAxeViolations } from '../../../ui/test/support/axe.ts';
import { openPage, requiredBrowser, startBrowser, takePicture } from '../../../ui/test/support/browser.ts';
import { addVisit, launchScribe, openScribe, VISIT } from '../support/visit.ts';

let system: WholeSystem;
let browser: Browser;

beforeAll(async () => {
  if (requiredBrowser.path === undefined) return;
  system = await startWholeSystem();
  browser = await startBrowser();
}, 250_000);

afterAll(async () => {
  if (requiredBrowser.path === undefined) return;
  await browser.close();
  await system.stop();
}, 60_000);

async function pasteVisit(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'New visit' }).click();
  await page.getByRole('tab', { name: 'Paste a transcript' }).click();
  await page.getByLabel('Transcript').fill(VISIT);
  await page.reload();
  expect(await page.getByLabel('Transcript').inputValue()).toBe(VISIT);
  await expectNoAxeViolations(page);
  await takePicture(page, 'scribe-new-visit');
  await page.getByRole('button', { name: 'Create draft' }).click();
  await page.getByText('Drafted by software, not yet reviewed.').waitFor({ timeout: 30_000 });
}

testWith(requiredBrowser)(
  'A doctor launches the scribe from the EHR, reviews the draft and signs it; the record then has the final state.',
  async () => {
    const { page, faults } = await openPage(browser);
    await launchScribe(page, system, async () => {
      await expectNoAxeViolations(page);
      await takePicture(page, 'ehr');
    });
    await page
      .getByRole('region', { name: 'Visits' })
      .getByText('Follow-up of blood pressure and diabetes')
      .waitFor();
    await expectNoAxeViolations(page);
    await pasteVisit(page);
    await page.getByText(/Transcript: written transcript 1\. Note: Dr\. Assistant embedded/).waitFor();
    const note = page.getByRole('region', { name: 'History of present illness' });
    await note
      .getByRole('button', { name: /^(?!Edit|Add).*cough/i })
      .first()
      .click();
    const marked = page.getByRole('region', { name: 'Transcript' }).locator('[aria-current=true]');
    expect(await marked.first().textContent()).toContain('cough for five days');
    await expectNoAxeViolations(page);
    await takePicture(page, 'scribe-review');
    await followTemplate(page);
    await note
      .getByRole('button', { name: /^(?!Edit|Add).*cough/i })
      .first()
      .click();
    await reviseByKeyboard(page);
    await page.getByRole('button', { name: 'Reject sore throat' }).click();
    await page.reload();
    const rejected = page.getByRole('button', { name: 'Reject sore throat' });
    expect(await rejected.getAttribute('aria-pressed')).toBe('true');
    for (const button of await page.getByRole('button', { name: /^Accept / }).all())
      if (!(await button.getAttribute('aria-label'))?.includes('sore throat')) await button.click();
    await page.getByRole('button', { name: 'Sign note' }).click();
    await expectNoAxeViolations(page);
    await page.getByRole('dialog').getByRole('button', { name: 'Sign', exact: true }).click();
    await page.getByText(/^Signed by/).waitFor();
    await expectNoAxeViolations(page);
    await takePicture(page, 'scribe-signed');
    await page
      .getByText(/^Signed by .*Novak/)
      .first()
      .waitFor();
    await writeAddendum(page);
    await writeSummary(page);
    await page.getByRole('button', { name: 'Chart' }).click();
    await page.getByRole('region', { name: 'Visits' }).getByText('Signed').waitFor();
    expect(await page.title()).toBe('Chart – Scribe');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Chart');
    await expectNoAxeViolations(page);
    expect(faults).toEqual([]);
    await expectFinalState();
  },
  240_000,
);

/** The clinic's phrases are put in by hand, and another template orders the note anew. */
async function followTemplate(page: Page): Promise<void> {
  const field = page.getByRole('combobox', { name: 'Template' });
  expect(await field.inputValue()).toBe('');
  await field.selectOption('Follow-up');
  const plan = page.getByRole('region', { name: 'Plan' });
  await plan.getByRole('button', { name: 'Insert: Follow-up in three months.' }).click();
  await plan.getByRole('button', { name: 'Follow-up in three months.', exact: true }).waitFor();
  expect(await plan.getByRole('button', { name: 'Insert: Follow-up in three months.' }).count()).toBe(0);
  expect(await page.getByRole('region', { name: 'Family history', exact: true }).count()).toBe(0);
  await field.selectOption('Yearly check-up');
  await page
    .getByRole('region', { name: 'Family history', exact: true })
    .getByText('Nothing was said about this.')
    .waitFor();
  await expectNoAxeViolations(page);
}

/** A sentence is reached, changed, and the change taken back and done again, without the mouse. */
async function reviseByKeyboard(page: Page): Promise<void> {
  const focused = (): Promise<string> => page.evaluate(() => document.activeElement?.textContent ?? '');
  const before = await focused();
  await page.keyboard.press('ArrowDown');
  const next = await focused();
  expect(next).not.toBe(before);
  await page.getByRole('region', { name: 'Transcript' }).locator('[aria-current=true]').first().waitFor();
  await page.keyboard.press('e');
  await page.getByLabel('Sentence').fill('Changed by keyboard.');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Changed by keyboard.', exact: true }).waitFor();
  expect(await focused()).toBe('Changed by keyboard.');
  await page.keyboard.press('Control+z');
  await page.getByRole('button', { name: next, exact: true }).waitFor();
  await page.getByRole('button', { name: 'Redo' }).click();
  await page.getByRole('button', { name: 'Changed by keyboard.', exact: true }).waitFor();
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByRole('button', { name: next, exact: true }).waitFor();
  // Of the proposals, a letter decides the focused one alone and leads to the next.
  const accept = page.getByRole('button', { name: /^Accept / });
  await accept.first().focus();
  await page.keyboard.press('a');
  expect(await accept.first().getAttribute('aria-pressed')).toBe('true');
  expect(await accept.nth(1).evaluate((button) => button === document.activeElement)).toBe(true);
  expect(await accept.nth(1).getAttribute('aria-pressed')).toBe('false');
  await page.keyboard.press('Control+z');
  expect(await accept.first().getAttribute('aria-pressed')).toBe('false');
  // With proposals undecided, the keys do not sign either.
  await page.keyboard.press('Control+Enter');
  expect(await page.getByRole('dialog').count()).toBe(0);
  await page.getByRole('button', { name: 'Keyboard' }).click();
  await expectNoAxeViolations(page);
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
}

async function writeAddendum(page: Page): Promise<void> {
  const part = page.getByRole('region', { name: 'Addenda' });
  await part.getByRole('button', { name: 'Write an addendum' }).click();
  await part.getByLabel('Addendum').fill('The chest film was clear.');
  await expectNoAxeViolations(page);
  await part.getByRole('button', { name: 'Sign the addendum' }).click();
  await part.getByText(/^Signed by .*Novak/).waitFor();
  await part.getByText('The chest film was clear.').waitFor();
}

async function writeSummary(page: Page): Promise<void> {
  const part = page.getByRole('region', { name: 'For the patient' });
  await part.getByRole('button', { name: 'Write the after-visit summary' }).click();
  const text = part.getByLabel('After-visit summary');
  const drafted = await text.inputValue();
  expect(drafted).toContain('• acute bronchitis');
  expect(drafted).not.toContain('sore throat');
  await text.fill(`${drafted}\n\nCall us if a fever comes.`);
  await part.getByRole('button', { name: 'Give it to the patient' }).click();
  await part.getByText('Call us if a fever comes.').waitFor();
  await part.getByRole('button', { name: 'Write a new one, which replaces it' }).click();
  await text.fill('Call us if a fever comes back.');
  await part.getByRole('button', { name: 'Give it to the patient' }).click();
  await part.getByText('Call us if a fever comes back.').waitFor();
  await part.getByText('Call us if a fever comes.').waitFor({ state: 'detached' });
  await expectNoAxeViolations(page);
  await takePicture(page, 'scribe-after-signing');
}

/** Changes the tokens that this tab keeps, as time or a revocation would. */
const spoilTokens = (page: Page, withRefreshToken: boolean): Promise<void> =>
  page.evaluate((isWhole) => {
    const key = JSON.parse(sessionStorage.getItem('SMART_KEY') ?? '""') as string;
    const state = JSON.parse(sessionStorage.getItem(key) ?? '{}') as {
      tokenResponse: { access_token: string; refresh_token?: string };
    };
    state.tokenResponse.access_token = 'ended';
    if (isWhole) delete state.tokenResponse.refresh_token;
    sessionStorage.setItem(key, JSON.stringify(state));
  }, withRefreshToken);

testWith(requiredBrowser)(
  'A refused token is renewed unseen; when it cannot be, the way leads over the log-in to the same page, with what was written.',
  async () => {
    const { page } = await openPage(browser);
    await launchScribe(page, system);
    await page.getByRole('button', { name: 'New visit' }).click();
    await page.getByRole('tab', { name: 'Paste a transcript' }).click();
    await page.getByLabel('Transcript').fill('Doctor: Hello.');
    await spoilTokens(page, false);
    await page.reload();
    await page.getByText('Maria Alvarez').waitFor();
    expect(await page.getByText('Your session has ended.').count()).toBe(0);
    await spoilTokens(page, true);
    await page.reload();
    await page.getByText('Your session has ended.').waitFor();
    await expectNoAxeViolations(page);
    await page.getByRole('button', { name: 'Log in again' }).click();
    await page.waitForURL(/#\/patient\/demo-patient\/new$/);
    expect(await page.getByLabel('Transcript').inputValue()).toBe('Doctor: Hello.');
  },
  240_000,
);

/** Two people, by the clock of a recording in which nothing but a tone is heard. */
const HEARD = `WEBVTT

c1
00:00:01.000 --> 00:00:02.500
<v Doctor>What brings you in today?</v>

c2
00:00:02.500 --> 00:00:04.000
<v Patient>I have had a cough for five days.</v>

c3
00:00:05.000 --> 00:00:06.000
<v Doctor>You have acute bronchitis. I'm going to give you benzonatate for the cough.</v>
`;

async function storeRecordedVisit(): Promise<string> {
  const encounterId = await addVisit(system, 'demo-patient-osei', '06:00', 'A recorded visit');
  const subject = { reference: 'Patient/demo-patient-osei' };
  const samples = new Int16Array(16_000 * 8).map((_, i) => Math.round(4_000 * Math.sin(i / 6)));
  const data = encodeWav(samples).toString('base64');
  const binary = await system.call<Binary>('POST', 'Binary', {
    resourceType: 'Binary',
    contentType: 'audio/wav',
    securityContext: subject,
    data,
  });
  const media = await system.call<Media>('POST', 'Media', {
    resourceType: 'Media',
    status: 'completed',
    subject,
    encounter: { reference: `Encounter/${encounterId}` },
    createdDateTime: new Date().toISOString(),
    operator: { reference: 'Practitioner/demo-doctor' },
    content: { contentType: 'audio/wav', url: `Binary/${binary.id}` },
  });
  await system.call('POST', 'DocumentReference', {
    resourceType: 'DocumentReference',
    status: 'current',
    type: {
      coding: [
        { system: 'https://dr-assistant.example/fhir/CodeSystem/document-type', code: 'visit-transcript' },
      ],
    },
    subject,
    author: [{ reference: 'Practitioner/demo-doctor' }],
    content: [{ attachment: { contentType: 'text/vtt', data: btoa(HEARD) } }],
    context: { related: [{ reference: `Media/${media.id}` }] },
  });
  return media.id ?? '';
}

testWith(requiredBrowser)(
  'What a sentence came from is heard: from its moment in the recording to its end, or on from any other moment.',
  async () => {
    const mediaId = await storeRecordedVisit();
    const { page, faults } = await openPage(browser);
    await page.addInitScript(() => {
      const starts: number[] = [];
      Object.assign(window, { starts });
      window.Audio = class extends Audio {
        constructor() {
          super();
          this.addEventListener('play', () => starts.push(this.currentTime));
        }
      };
    });
    await openScribe(page, system);
    await page.evaluate((id) => {
      location.hash = `#/patient/demo-patient-osei/visit/${id}`;
    }, mediaId);
    await page.getByText('Drafted by software, not yet reviewed.').waitFor({ timeout: 40_000 });
    const said = page.getByRole('region', { name: 'Transcript' });
    expect(await said.getByRole('button', { name: 'Play what is marked' }).isDisabled()).toBe(true);
    await page
      .getByRole('button', { name: /^(?!Edit|Add).*bronchitis/i })
      .first()
      .focus();
    await page.keyboard.press('p');
    await said.getByRole('button', { name: 'Pause' }).waitFor();
    // It ends by itself where the words end.
    await said.getByRole('button', { name: 'Play what is marked' }).waitFor();
    await said.getByRole('button', { name: 'Play from 0:02' }).click();
    await said.getByRole('button', { name: 'Pause' }).click();
    await said.getByRole('button', { name: 'Play what is marked' }).waitFor();
    const starts = await page.evaluate(() => (window as unknown as { starts: number[] }).starts);
    expect(starts.map((s) => Math.round(s * 10) / 10)).toEqual([4.7, 2.5]);
    // The template is that of the visit's type.
    expect(await page.getByRole('combobox', { name: 'Template' }).inputValue()).toBe('demo-note-follow-up');
    await expectNoAxeViolations(page);
    await takePicture(page, 'scribe-playback');
    expect(faults).toEqual([]);
  },
  240_000,
);

async function expectFinalState(): Promise<void> {
  const found = <T extends Condition | DocumentReference | Composition | Provenance>(
    query: string,
  ): Promise<T[]> => system.find<T>(query, (all) => all.length > 0, 5_000);
  const [note] = await found<DocumentReference>(
    'DocumentReference?patient=demo-patient&type=http://loinc.org|11506-3&_sort=-_lastUpdated',
  );
  expect(note).toMatchObject({
    docStatus: 'final',
    authenticator: { reference: 'Practitioner/demo-doctor' },
  });
  const related = await found<DocumentReference>(
    `DocumentReference?relatesto=DocumentReference/${note!.id}&_sort=date`,
  );
  expect(related.map(({ status, docStatus, type }) => [status, docStatus, type?.coding?.[0]?.code])).toEqual([
    ['current', 'final', '55107-7'],
    ['superseded', 'final', '69730-0'],
    ['current', 'final', '69730-0'],
  ]);
  const conditions = await found<Condition>('Condition?patient=demo-patient&_lastUpdated=gt2020&_count=100');
  const status = (text: string): string | undefined =>
    conditions.find((c) => c.code?.text === text && c.evidence !== undefined)?.verificationStatus?.coding?.[0]
      ?.code;
  expect(status('sore throat')).toBe('entered-in-error');
  expect(status('acute bronchitis')).toBe('confirmed');
  const [composition] = await found<Composition>(
    'Composition?patient=demo-patient&type=http://loinc.org|11506-3',
  );
  expect(composition).toMatchObject({ status: 'final', attester: [{ mode: 'legal' }] });
  const plan = composition?.section?.find(({ code }) => code?.coding?.[0]?.code === '18776-5');
  expect(plan?.text?.div).toContain('Follow-up in three months.');
  const verified = await found<Provenance>(
    `Provenance?target=DocumentReference/${note!.id}&agent=Practitioner/demo-doctor`,
  );
  expect(verified[0]?.agent[0]?.type?.coding?.[0]?.code).toBe('verifier');
}
