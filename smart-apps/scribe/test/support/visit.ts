/** The way of a doctor into the scribe, and visits to give it. */
import type { Page } from 'playwright-core';
import { instantOn, localDay, minutesAfter, timeZone } from '../../../../scripts/seed/day.ts';
import { visitTypes } from '../../../../scripts/seed/note-template.ts';
import type { WholeSystem } from '../../../../scripts/test/support/whole-system.ts';

export const VISIT = `Doctor: Good morning. What brings you in today?
Patient: I've had a cough for five days and a sore throat.
Doctor: Any fever?
Patient: No, no fever. I have been really tired though.
Doctor: Do you take any medications?
Patient: I take lisinopril 10 mg every day for my high blood pressure. My mother had asthma.
Doctor: Your blood pressure is 132 over 84. Your lungs are clear and your throat is red.
Doctor: You have acute bronchitis. I'm going to give you benzonatate for the cough. Come back if you get a fever.
Patient: Okay, thank you.`;

/** @param onChart called while the EHR shows the patient's chart, before the app is launched */
export async function launchScribe(
  page: Page,
  { demo }: WholeSystem,
  onChart: () => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  const doctor = demo.users.find((user) => user.username === 'doctor');
  await page.goto(demo.urls.ehr);
  await page.getByLabel('User name').fill('doctor');
  await page.getByLabel('Password').fill(doctor?.password ?? '');
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByLabel('Search by name').fill('alvar');
  await page.getByRole('button', { name: /Alvarez/ }).click();
  await page.getByRole('heading', { name: 'Problems' }).waitFor();
  await onChart();
  await page.getByRole('button', { name: 'Launch Scribe' }).click();
  // The name stands on the page that is left, too.
  await page.waitForURL(/\/apps\/scribe\/(\?|#|$)/);
  await page.getByText('Maria Alvarez').waitFor();
}

/** The doctor's own way in, without an EHR: leads to the day's list. */
export async function openScribe(page: Page, { demo }: WholeSystem, username = 'doctor'): Promise<void> {
  const user = demo.users.find((u) => u.username === username);
  await page.goto(demo.urls.scribe);
  await page.getByLabel('User name').fill(username);
  await page.getByLabel('Password').fill(user?.password ?? '');
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.waitForURL(/\/apps\/scribe\/(\?|#|$)/);
  await page.getByRole('heading', { level: 1 }).waitFor();
}

/** The demo's day is that of the clock of this machine. */
export const HERE = { timezoneId: timeZone() };

/** An Appointment of today with the doctor, at a time before the demo's own, and its planned Encounter; answers the Encounter's id. */
export async function addVisit(
  system: WholeSystem,
  patientId: string,
  time: string,
  reason: string,
): Promise<string> {
  const id = `${patientId}-of-the-test`;
  const subject = { reference: `Patient/${patientId}` };
  const doctor = { reference: 'Practitioner/demo-doctor' };
  const start = instantOn(localDay(), time);
  await system.call('PUT', `Appointment/${id}`, {
    resourceType: 'Appointment',
    id,
    status: 'booked',
    description: reason,
    start,
    end: minutesAfter(start, 20),
    participant: [
      { actor: subject, status: 'accepted' },
      { actor: doctor, status: 'accepted' },
    ],
  });
  await system.call('PUT', `Encounter/${id}`, {
    resourceType: 'Encounter',
    id,
    status: 'planned',
    class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
    type: [visitTypes.followUp],
    subject,
    participant: [{ individual: doctor }],
    appointment: [{ reference: `Appointment/${id}` }],
    period: { start },
    reasonCode: [{ text: reason }],
  });
  return id;
}
