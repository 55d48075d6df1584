/** The patient's whole way in a real browser: record, appointments, messages, a form, accesses, download. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect } from '@jest/globals';
import type { Appointment, Bundle, Communication, QuestionnaireResponse, Slot } from '@medplum/fhirtypes';
import type { Browser, Page } from 'playwright-core';
import { testWith } from '../../../../fhir-server/test/support/requirement.ts';
import { startWholeSystem, type WholeSystem } from '../../../../scripts/test/support/whole-system.ts';
import {
  openPage,
  requiredBrowser,
  startBrowser,
  takePicture,
  type WatchedPage,
} from '../../../ui/test/support/browser.ts';
import { expectSoundPage, goTo, inDays, logIn } from '../support/portal.ts';

let system: WholeSystem;
let browser: Browser;
let watched: WatchedPage;

beforeAll(async () => {
  if (requiredBrowser.path === undefined) return;
  system = await startWholeSystem();
  browser = await startBrowser();
  watched = await openPage(browser);
  // The bot makes the Slots of the clinic.
  await system.find<Slot>('Slot?status=free&_count=1', (found) => found.length > 0, 60_000);
  await logIn(watched.page, system);
}, 300_000);

afterAll(async () => {
  if (requiredBrowser.path === undefined) return;
  await browser.close();
  await system.stop();
}, 60_000);

const slotOf = async ({ slot }: Appointment): Promise<Slot> =>
  system.call<Slot>('GET', slot?.[0]?.reference ?? '');

testWith(requiredBrowser)(
  'A patient sees who she is and her record, with trends and the text of a signed note.',
  async () => {
    const { page } = watched;
    await page.getByText('Apr 12, 1968 (58 years)').waitFor();
    await expectSoundPage(watched);
    await takePicture(page, 'portal-home');
    const requests: string[] = [];
    page.on('request', (request) => requests.push(`${request.method()} ${new URL(request.url()).pathname}`));
    await page.reload();
    await page.getByText('Apr 12, 1968 (58 years)').waitFor();
    expect(requests.filter((r) => r === 'POST /fhir/R4')).toHaveLength(1);
    await goTo(page, 'Health record');
    const region = (name: string) => page.getByRole('region', { name });
    await region('Problems').getByText('Essential (primary) hypertension').waitFor();
    await region('Medications').getByText('10 mg by mouth once daily').waitFor();
    await region('Allergies').getByText('Reaction: Hives').waitFor();
    await region('Vaccinations').getByText('Tdap').waitFor();
    await region('Visits').getByText('Follow-up of blood pressure and diabetes').waitFor();
    await region('Procedures').getByText('No procedures are recorded.').waitFor();
    await page.getByText('All 4 values').click();
    const table = page.getByRole('table', { name: /Hemoglobin A1c/ });
    const rows = await table.getByRole('row').allInnerTexts();
    expect(rows.map((row) => row.replace(/\s+/g, ' ').trim())).toEqual([
      'Date Value Usual',
      'May 14, 2026 6.8% High 4–5.6%',
      'Nov 13, 2025 7.1% High 4–5.6%',
      'May 15, 2025 7.4% High 4–5.6%',
      'Nov 12, 2024 7.9% High 4–5.6%',
    ]);
    await page.getByRole('img', { name: /a chart of 4 values/ }).waitFor();
    await expectSoundPage(watched);
    await page.getByRole('img', { name: /a chart of 4 values/ }).scrollIntoViewIfNeeded();
    await takePicture(page, 'portal-record');
    await page.getByRole('link', { name: 'Visit note' }).click();
    await page.getByText('Lisinopril and metformin unchanged.').waitFor();
    await expectSoundPage(watched);
  },
  240_000,
);

async function chooseTime(page: Page, day: number): Promise<void> {
  const times = page.getByRole('region', { name: 'Free times' }).getByRole('region').nth(day);
  await times.getByRole('button', { name: /Novak/ }).first().click();
  await page.getByRole('dialog').waitFor();
}

testWith(requiredBrowser)(
  'She books an appointment, moves it and cancels it; the Slots follow.',
  async () => {
    const { page } = watched;
    const ofStatus = async (status: Appointment['status']): Promise<Appointment[]> =>
      (await mine()).filter((a) => a.status === status);
    const mine = async (): Promise<Appointment[]> =>
      (
        await system.find<Appointment>('Appointment?patient=demo-patient&_count=100', () => true, 5_000)
      ).filter((a) => a.description === 'A stiff neck');
    await goTo(page, 'Appointments');
    await expectSoundPage(watched);
    await page.getByRole('button', { name: 'Book an appointment' }).click();
    await page.getByRole('button', { name: 'A week later' }).click();
    const novak = page.getByRole('button', { name: /Novak/ }).first();
    await novak.click();
    await page.getByText('Say in a few words why you come, then choose a time.').waitFor();
    await expectSoundPage(watched);
    await page.getByLabel('Why do you come?').fill('A stiff neck');
    await chooseTime(page, 0);
    const [held] = await ofStatus('pending');
    expect((await slotOf(held!)).status).toBe('busy-tentative');
    await expectSoundPage(watched);
    await takePicture(page, 'portal-booking');
    await page.getByRole('button', { name: 'Choose another time' }).click();
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    expect((await slotOf(held!)).status).toBe('free');
    await chooseTime(page, 1);
    await page.getByRole('dialog').getByRole('button', { name: 'Book it' }).click();
    await page.getByRole('heading', { name: 'Appointments', level: 1 }).waitFor();
    const entry = page.getByRole('region', { name: 'Upcoming' }).getByRole('listitem').filter({ hasText: 'A stiff neck' }); // prettier-ignore
    await entry.getByText('With Dr. Ana Novak').waitFor();
    const [first] = await ofStatus('booked');
    expect((await slotOf(first!)).status).toBe('busy');
    await entry.getByRole('button', { name: 'Move it' }).click();
    await page.getByRole('heading', { name: 'Move an appointment' }).waitFor();
    await page.getByRole('button', { name: 'A week later' }).click();
    await chooseTime(page, 2);
    await page.getByRole('dialog').getByRole('button', { name: 'Move it' }).click();
    await page.getByRole('heading', { name: 'Appointments', level: 1 }).waitFor();
    const [second] = await ofStatus('booked');
    expect(second?.id).not.toBe(first?.id);
    expect([(await slotOf(first!)).status, (await slotOf(second!)).status]).toEqual(['free', 'busy']);
    await entry.getByRole('button', { name: 'Cancel it' }).click();
    await page.getByRole('button', { name: 'Cancel the appointment' }).click();
    await page.getByText('Say in a few words why.').waitFor();
    await expectSoundPage(watched);
    await page.getByLabel('Why do you cancel?').fill('It is better');
    await page.getByRole('button', { name: 'Cancel the appointment' }).click();
    await page.getByText('The appointment was cancelled.').waitFor();
    await page
      .getByRole('region', { name: 'Past and cancelled' })
      .getByText('Reason: It is better')
      .waitFor();
    expect((await slotOf(second!)).status).toBe('free');
    expect(await ofStatus('booked')).toEqual([]);
  },
  240_000,
);

testWith(requiredBrowser)(
  'A time that somebody else takes first is not booked, and another can be chosen.',
  async () => {
    const { page } = watched;
    await page.reload();
    await goTo(page, 'Appointments');
    await page.getByRole('button', { name: 'Book an appointment' }).click();
    await page.getByRole('button', { name: 'A week later' }).click();
    await page.getByLabel('Why do you come?').fill('A cough');
    const [free] = await system.find<Slot>(
      `Slot?schedule=Schedule/demo-doctor-times&status=free&_sort=start&_count=1&start=ge${inDays(7)}`,
      (found) => found.length > 0,
      5_000,
    );
    await page.getByRole('button', { name: /Novak/ }).first().waitFor();
    await system.call('POST', 'Appointment', {
      resourceType: 'Appointment',
      status: 'booked',
      slot: [{ reference: `Slot/${free!.id}` }],
      start: free!.start,
      end: free!.end,
      participant: [{ actor: { reference: 'Patient/demo-patient-osei' }, status: 'accepted' }],
    });
    await page.getByRole('button', { name: /Novak/ }).first().click();
    await page.getByText('Somebody was faster: this time is taken.').waitFor();
    await chooseTime(page, 0);
    await page.getByRole('button', { name: 'Choose another time' }).click();
  },
  240_000,
);

testWith(requiredBrowser)(
  'She reads a conversation, answers in it, and writes a message that the clinic gets.',
  async () => {
    const { page } = watched;
    await goTo(page, 'Messages');
    await expectSoundPage(watched);
    await page.getByRole('link', { name: 'Blood pressure at home' }).click();
    await page.getByText('Please do not change the dose by yourself.').waitFor();
    await page.getByRole('button', { name: 'Send' }).click();
    await page.getByText('Write something first.').waitFor();
    await page.getByLabel('Your answer').fill('Thank you. I will measure.');
    await page.getByRole('button', { name: 'Send' }).click();
    await page.getByRole('list', { name: 'Conversation' }).getByText('Thank you. I will measure.').waitFor();
    await expectSoundPage(watched);
    await page.getByRole('link', { name: 'All messages' }).click();
    await page.getByRole('button', { name: 'Write a message' }).click();
    await page.getByLabel('Subject').fill('A new address');
    await page.getByRole('textbox', { name: 'Message' }).fill('I have moved to 9 Mill Lane.');
    await expectSoundPage(watched);
    await page.getByRole('button', { name: 'Send' }).click();
    await page.getByRole('heading', { name: 'A new address' }).waitFor();
    const sent = await system.find<Communication>(
      'Communication?sender=Patient/demo-patient&_sort=-sent&_count=2',
      (found) => found.length === 2,
      5_000,
    );
    expect(sent).toMatchObject([
      {
        recipient: [{ reference: 'Organization/demo-clinic' }],
        topic: { text: 'A new address' },
        payload: [{ contentString: 'I have moved to 9 Mill Lane.' }],
      },
      {
        recipient: [{ reference: 'Practitioner/demo-doctor' }],
        inResponseTo: [{ reference: 'Communication/demo-patient-message-2' }],
      },
    ]);
  },
  240_000,
);

const OFTEN = ['Not at all', 'Several days', 'More than half the days', 'Nearly every day'] as const;

const answer = (page: Page, question: RegExp, score: 0 | 1 | 2 | 3): Promise<void> =>
  page.getByRole('group', { name: question }).getByLabel(OFTEN[score]).check();

testWith(requiredBrowser)(
  'She fills in a form whose score opens further questions, goes on after a break, reviews and sends it.',
  async () => {
    const { page } = watched;
    await goTo(page, 'Forms');
    await expectSoundPage(watched);
    await page.getByRole('link', { name: 'Before your visit' }).click();
    await page.getByRole('button', { name: 'Review' }).click();
    await page.getByText('4 answers need your attention:').waitFor();
    await expectSoundPage(watched);
    await page.getByLabel('What brings you to us?').fill('I sleep badly.');
    await page
      .getByRole('group', { name: /Do you smoke/ })
      .getByLabel('Yes')
      .check();
    await page.getByLabel('How many cigarettes a day?').fill('5');
    await page
      .getByRole('group', { name: /Do you smoke/ })
      .getByLabel('No')
      .check();
    expect(await page.getByLabel('How many cigarettes a day?').count()).toBe(0);
    await answer(page, /Little interest/, 1);
    await answer(page, /Feeling down/, 1);
    await page.getByText('Points so far: 2').waitFor();
    expect(await page.getByText('More about your mood').count()).toBe(0);
    await answer(page, /Feeling down/, 2);
    await page.getByText('Points so far: 3').waitFor();
    await page.getByRole('heading', { name: 'More about your mood' }).waitFor();
    await page.getByText('Saved. You can go on later.').waitFor();
    await page.reload();
    await page.getByText('Points so far: 3').waitFor();
    expect(await page.getByLabel('What brings you to us?').inputValue()).toBe('I sleep badly.');
    const rest = [/Trouble falling/, /tired/, /appetite/, /bad about yourself/, /concentrating/, /Moving/, /better off dead/]; // prettier-ignore
    for (const question of rest) await answer(page, question, 1);
    await page.getByText('Points in all: 10').waitFor();
    await page.getByText('call the emergency number now').waitFor();
    await expectSoundPage(watched);
    await page.getByRole('group', { name: /Do you smoke/ }).scrollIntoViewIfNeeded();
    await takePicture(page, 'portal-form');
    await page.getByRole('button', { name: 'Review' }).click();
    await page.getByRole('heading', { name: 'Review: Before your visit' }).waitFor();
    await expectSoundPage(watched);
    await page.getByRole('button', { name: 'Send to the clinic' }).click();
    await page.getByRole('region', { name: 'Sent' }).getByRole('link', { name: 'Before your visit' }).click();
    await page.getByText('I sleep badly.').waitFor();
    await expectSoundPage(watched);
    const responses = await system.find<QuestionnaireResponse>(
      'QuestionnaireResponse?patient=demo-patient',
      (found) => found.length > 0,
      5_000,
    );
    expect(responses).toHaveLength(1);
    expect(responses[0]).toMatchObject({
      status: 'completed',
      questionnaire: 'https://dr-assistant.example/fhir/Questionnaire/intake|1',
      subject: { reference: 'Patient/demo-patient' },
      source: { reference: 'Patient/demo-patient' },
    });
    const text = JSON.stringify(responses[0]);
    expect(text).toContain('"linkId":"phq-9-score","text":"Points in all:","answer":[{"valueInteger":10}]');
    expect(text).not.toContain('cigarettes');
  },
  240_000,
);

/** More than the page of accesses shows at once. */
const READS = 110;

testWith(requiredBrowser)(
  'She sees who accessed her record, page by page, and her own accesses only if she asks for them.',
  async () => {
    const { page } = watched;
    await system.find(
      'AuditEvent?entity=Patient/demo-patient&agent=Patient/demo-patient',
      (f) => f.length > 0,
      20_000,
    );
    for (let i = 0; i < READS; i++) await system.call('GET', 'Patient/demo-patient');
    await system.find(
      'AuditEvent?entity=Patient/demo-patient&action=R&_count=200',
      (found) => found.length >= READS,
      20_000,
    );
    await goTo(page, 'Accesses', 'Who accessed my record');
    await page
      .getByText(/^The app demo-backend looked at/)
      .first()
      .waitFor();
    // What the clinic wrote lies behind a page of reads.
    const written = page.getByText(/^The app demo-backend (added|changed)/);
    expect(await written.count()).toBe(0);
    await page.getByRole('button', { name: 'Show earlier accesses' }).click();
    await written.first().waitFor();
    expect(await page.getByText(/^You /).count()).toBe(0);
    await expectSoundPage(watched);
    await page.getByLabel('Show my own accesses, too').check();
    await page.getByText(/^You /).first().waitFor();
    await takePicture(page, 'portal-accesses');
  },
  240_000,
);

testWith(requiredBrowser)(
  'She downloads the whole record, prints a summary, and finds her consents and her account.',
  async () => {
    const { page } = watched;
    await goTo(page, 'Download');
    await expectSoundPage(watched);
    const downloading = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Download' }).click();
    const file = await (await downloading).path();
    const bundle = JSON.parse(readFileSync(file, 'utf8')) as Bundle;
    const types = new Set(bundle.entry?.map(({ resource }) => resource?.resourceType));
    for (const type of ['Patient', 'Condition', 'Observation', 'Communication', 'Consent'])
      expect([...types]).toContain(type);
    expect(types.has('AuditEvent')).toBe(false);
    await page.getByText(`${bundle.entry?.length} entries were saved`).waitFor();
    await page.getByRole('button', { name: 'Open the summary' }).click();
    await page.getByRole('heading', { name: 'Health summary of Maria Alvarez' }).waitFor();
    await expectSoundPage(watched);
    await page.emulateMedia({ media: 'print' });
    expect(await page.getByRole('button', { name: 'Print' }).isVisible()).toBe(false);
    expect(await page.getByText('Essential (primary) hypertension').isVisible()).toBe(true);
    await page.emulateMedia({ media: null });
    await goTo(page, 'Privacy');
    await page.getByText('Use of the record for care').waitFor();
    await expectSoundPage(watched);
    await page.getByRole('link', { name: /^My account/ }).click();
    await page.getByText('Patient portal').first().waitFor();
    expect(watched.faults).toEqual([]);
  },
  240_000,
);
