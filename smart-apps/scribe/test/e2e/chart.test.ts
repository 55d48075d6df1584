/** The day's list and the patient's chart in a real browser, on the demo data. */
import { afterAll, beforeAll, expect } from '@jest/globals';
import type { Appointment, Encounter } from '@medplum/fhirtypes';
import type { Browser, Page } from 'playwright-core';
import { addDays, instantOn, localDay } from '../../../../scripts/seed/day.ts';
import { testWith } from '../../../../fhir-server/test/support/requirement.ts';
import { startWholeSystem, type WholeSystem } from '../../../../scripts/test/support/whole-system.ts';
import { expectNoAxeViolations } from '../../../ui/test/support/axe.ts';
import { openPage, requiredBrowser, startBrowser, takePicture } from '../../../ui/test/support/browser.ts';
import { storeLargeRecord } from '../support/large-record.ts';
import { addVisit, HERE, launchScribe, openScribe } from '../support/visit.ts';

let system: WholeSystem;
let browser: Browser;
const day = localDay();
const PHONE = { ...HERE, viewport: { width: 360, height: 740 } };

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

/** Nothing is wider than the screen. */
const expectNoSidewaysScroll = async (page: Page): Promise<void> => {
  const { scroll, client } = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    return { scroll: scrollWidth, client: clientWidth };
  });
  expect(scroll).toBeLessThanOrEqual(client);
};

/** Why the doctor sees somebody today, in order of time, as the server has it: an Encounter is with its Appointment. */
async function reasonsOfDay(): Promise<string[]> {
  const within = `date=ge${instantOn(day, '00:00')}&date=lt${instantOn(addDays(day, 1), '00:00')}&_count=100`;
  const [appointments, encounters] = await Promise.all([
    system.find<Appointment>(`Appointment?actor=Practitioner/demo-doctor&${within}`, () => true, 0),
    system.find<Encounter>(`Encounter?participant=Practitioner/demo-doctor&${within}`, () => true, 0),
  ]);
  const own = encounters.filter(({ appointment = [] }) => appointment.length === 0);
  return [
    ...appointments.map(({ start = '', description = '' }) => ({ start, reason: description })),
    ...own.map(({ period, reasonCode }) => ({
      start: period?.start ?? '',
      reason: reasonCode?.[0]?.text ?? '',
    })),
  ]
    .toSorted((a, b) => Date.parse(a.start) - Date.parse(b.start))
    .map(({ reason }) => reason);
}

testWith(requiredBrowser)(
  'Who opens the scribe by itself sees the day in order of time, and goes from an appointment to the chart and a visit of that encounter.',
  async () => {
    // Somebody else's appointment is not in the list; a visit without an appointment is.
    await system.call('POST', 'Appointment', {
      resourceType: 'Appointment',
      status: 'booked',
      description: 'With the nurse',
      start: instantOn(day, '07:30'),
      end: instantOn(day, '07:40'),
      participant: [
        { actor: { reference: 'Patient/demo-patient-brown' }, status: 'accepted' },
        { actor: { reference: 'Practitioner/demo-nurse' }, status: 'accepted' },
      ],
    });
    await system.call('POST', 'Encounter', {
      resourceType: 'Encounter',
      status: 'in-progress',
      class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
      subject: { reference: 'Patient/demo-patient-singh' },
      participant: [{ individual: { reference: 'Practitioner/demo-doctor' } }],
      period: { start: instantOn(day, '08:30') },
      reasonCode: [{ text: 'Walked in with a rash' }],
    });
    const oseiVisit = await addVisit(system, 'demo-patient-osei', '06:30', 'Fluttering at night');
    const { page, faults } = await openPage(browser, HERE);
    await openScribe(page, system);
    const list = page.getByRole('list', { name: 'Appointments and visits' });
    await list.waitFor();
    const items = await list.getByRole('listitem').allTextContents();
    const expected = await reasonsOfDay();
    expect(expected).toContain('Walked in with a rash');
    expect(items).toHaveLength(expected.length);
    for (const [i, reason] of expected.entries()) expect(items[i]).toContain(reason);
    expect(items.join()).not.toContain('With the nurse');
    const osei = list.getByRole('listitem').filter({ hasText: 'Fluttering at night' });
    expect(await osei.textContent()).toMatch(/6:30 AM – 6:50 AM.*Kwame Osei.*Fluttering at night.*booked/);
    await expectNoAxeViolations(page);
    await takePicture(page, 'scribe-day');
    await osei.getByRole('button').click();
    await page.waitForURL(new RegExp(`#/patient/demo-patient-osei\\?encounter=${oseiVisit}$`));
    await page.getByRole('region', { name: 'Problems' }).getByText('Atrial fibrillation').waitFor();
    await page.getByRole('button', { name: 'New visit' }).click();
    await page.getByRole('tab', { name: 'Paste a transcript' }).click();
    await page
      .getByLabel('Transcript')
      .fill(
        'Doctor: Any palpitations?\nPatient: Yes, at night, for two weeks.\nDoctor: It is atrial fibrillation.',
      );
    await page.getByRole('button', { name: 'Create draft' }).click();
    await page.getByText('Drafted by software, not yet reviewed.').waitFor({ timeout: 30_000 });
    await page.getByRole('button', { name: 'Today’s list' }).click();
    await osei.getByText('To be reviewed').waitFor();
    await page.getByRole('button', { name: 'Next day' }).click();
    await page.getByRole('heading', { name: /^List of / }).waitFor();
    await page.getByRole('button', { name: 'Today', exact: true }).click();
    await page.getByText('Walked in with a rash').waitFor();
    expect(faults).toEqual([]);
  },
  240_000,
);

testWith(requiredBrowser)(
  'Results that were measured several times are a line and a table of all values; the chart and the list fit a phone of 360 pixels.',
  async () => {
    for (const [at, value] of [
      ['2025-01-10', 82.1],
      ['2025-09-10', 80.2],
    ] as const)
      await system.call('POST', 'Observation', {
        resourceType: 'Observation',
        status: 'final',
        code: { coding: [{ system: 'http://loinc.org', code: '29463-7', display: 'Body weight' }] },
        subject: { reference: 'Patient/demo-patient' },
        effectiveDateTime: `${at}T09:00:00Z`,
        valueQuantity: { value, unit: 'kg', system: 'http://unitsofmeasure.org', code: 'kg' },
      });
    const { page, faults } = await openPage(browser, PHONE);
    await openScribe(page, system);
    await page.getByText('Maria Alvarez').waitFor();
    await expectNoSidewaysScroll(page);
    await takePicture(page, 'scribe-day-phone');
    await page.getByRole('button', { name: /Alvarez/ }).click();
    const results = page.getByRole('region', { name: 'Results' });
    await results.getByText('138/86 mmHg').waitFor();
    await results.getByText('All values of Body weight').click();
    const table = results.getByRole('table', { name: 'Body weight' });
    expect(await table.getByRole('row').allTextContents()).toEqual([
      'DateValue',
      'May 14, 202678.4 kg',
      'Sep 10, 202580.2 kg',
      'Jan 10, 202582.1 kg',
    ]);
    await page.getByRole('region', { name: 'Allergies' }).getByText('Penicillin').waitFor();
    await page
      .getByRole('region', { name: 'Medications' })
      .getByText(/isinopril/)
      .waitFor();
    await expectNoSidewaysScroll(page);
    await expectNoAxeViolations(page);
    await takePicture(page, 'scribe-chart-phone');
    await page.setViewportSize({ width: 1280, height: 860 });
    await takePicture(page, 'scribe-chart');
    expect(faults).toEqual([]);
  },
  240_000,
);

testWith(requiredBrowser)(
  'A launch for one patient stays with that patient, whatever the address says.',
  async () => {
    const { page } = await openPage(browser, HERE);
    await launchScribe(page, system);
    await page.evaluate(() => {
      location.hash = '#/patient/demo-patient-osei/new';
    });
    await page.getByRole('heading', { name: 'Chart' }).waitFor();
    expect(await page.getByText('Maria Alvarez').count()).toBe(1);
    expect(await page.getByText('Osei').count()).toBe(0);
  },
  240_000,
);

testWith(requiredBrowser)(
  'The chart of a patient with 2,000 resources comes with two requests and says what is more than it shows.',
  async () => {
    const patientId = await storeLargeRecord(system, 2_000);
    const { page } = await openPage(browser, HERE);
    await openScribe(page, system);
    const open = async (): Promise<number> => {
      await page.goto(`${system.demo.urls.scribe}#/`);
      await page
        .getByRole('list', { name: 'Appointments and visits' })
        .getByRole('listitem')
        .first()
        .waitFor();
      return page.evaluate(async (id) => {
        const started = performance.now();
        location.hash = `#/patient/${id}`;
        while (document.querySelector('section[aria-label="Results"] details') === null)
          await new Promise((done) => setTimeout(done, 5));
        return performance.now() - started;
      }, patientId);
    };
    const requests: string[] = [];
    page.on('request', (request) => {
      if (request.url().includes('/fhir/R4')) requests.push(request.method());
    });
    const first = await open();
    expect(requests.filter((method) => method === 'POST')).toHaveLength(2);
    const times = [first, await open(), await open()].map((ms) => Math.round(ms));
    process.stdout.write(`chart of 2,000 resources: interactive after ${times.join(', ')} ms\n`);
    const shown = await page.getByRole('region', { name: 'Results' }).getByRole('listitem').count();
    expect(shown).toBeGreaterThanOrEqual(8);
    expect(await page.getByText('Only the newest are shown.').count()).toBeGreaterThan(1);
    // A regression by an order of magnitude, not the speed of this machine.
    expect(Math.min(...times)).toBeLessThan(10_000);
  },
  240_000,
);
