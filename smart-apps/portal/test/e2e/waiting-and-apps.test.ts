/** What others have a part in, in a real browser: times from the waiting list, and apps that the patient connects. */
import { afterAll, beforeAll, expect } from '@jest/globals';
import type { Appointment, Bundle, Slot } from '@medplum/fhirtypes';
import type { Browser } from 'playwright-core';
import { testWith } from '../../../../fhir-server/test/support/requirement.ts';
import { startWholeSystem, type WholeSystem } from '../../../../scripts/test/support/whole-system.ts';
import {
  openPage,
  requiredBrowser,
  startBrowser,
  takePicture,
  type WatchedPage,
} from '../../../ui/test/support/browser.ts';
import { startForeignApp } from '../../../ui/test/support/foreign-app.ts';
import { expectSoundPage, goTo, inDays, logIn } from '../support/portal.ts';

let system: WholeSystem;
let browser: Browser;
let watched: WatchedPage;

beforeAll(async () => {
  if (requiredBrowser.path === undefined) return;
  // The app of the test is on this machine.
  system = await startWholeSystem({ EGRESS_ALLOW_PRIVATE: 'true' });
  browser = await startBrowser();
  watched = await openPage(browser);
  // The bot has made the Slots of all weeks: none becomes free by itself any more.
  await system.find<Slot>(
    `Slot?schedule=Schedule/demo-nurse-times&status=free&_count=1&start=ge${inDays(57)}`,
    (found) => found.length > 0,
    90_000,
  );
  await logIn(watched.page, system);
}, 300_000);

afterAll(async () => {
  if (requiredBrowser.path === undefined) return;
  await browser.close();
  await system.stop();
}, 60_000);

/** A free Slot of the doctor, two weeks ahead, that somebody takes and, when asked for, gives back. */
async function takenTime(nth: number): Promise<{ slot: Slot; giveBack: () => Promise<void> }> {
  const found = await system.find<Slot>(
    `Slot?schedule=Schedule/demo-doctor-times&status=free&_sort=start&_count=${nth}&start=ge${inDays(14)}`,
    (all) => all.length === nth,
    5_000,
  );
  const slot = found[nth - 1]!;
  const booked = await system.call<Appointment>('POST', 'Appointment', {
    resourceType: 'Appointment',
    status: 'booked',
    slot: [{ reference: `Slot/${slot.id}` }],
    start: slot.start,
    end: slot.end,
    participant: [{ actor: { reference: 'Patient/demo-patient-osei' }, status: 'accepted' }],
  });
  return { slot, giveBack: async () => void (await system.call('POST', `Appointment/${booked.id}/$cancel`)) };
}

testWith(requiredBrowser)(
  'She waits for a time, declines one that becomes free, takes the next, and leaves another list.',
  async () => {
    const { page } = watched;
    const first = await takenTime(1);
    const second = await takenTime(4);
    await page.goto(system.demo.urls.portal);
    await goTo(page, 'Appointments');
    await page.getByRole('button', { name: 'Book an appointment' }).click();
    await page.getByLabel('Whom would you like to see?').selectOption('Schedule/demo-doctor-times');
    const join = page.getByRole('button', { name: 'Put me on the waiting list' });
    await join.click();
    await page.getByText('Say in a few words why you come, then choose a time.').waitFor();
    await page.getByLabel('Why do you come?').fill('A sore knee');
    await expectSoundPage(watched);
    await join.click();
    await page.getByRole('heading', { name: 'Appointments', level: 1 }).waitFor();
    const waiting = page.getByRole('region', { name: 'Waiting list' });
    await waiting.getByText('A sore knee').waitFor();
    await waiting.getByText('With Dr. Ana Novak').waitFor();
    await expectSoundPage(watched);
    expect(await page.getByRole('region', { name: 'Offered to you' }).count()).toBe(0);

    const offered = async (slot: Slot): Promise<Appointment> => {
      const search = `Appointment?patient=demo-patient&status=pending&slot=Slot/${slot.id}`;
      return (await system.find<Appointment>(search, (all) => all.length > 0, 60_000))[0]!;
    };
    await first.giveBack();
    await offered(first.slot);
    await page.reload();
    const offers = page.getByRole('region', { name: 'Offered to you' });
    await offers.getByText(/^Kept for you until/).waitFor();
    await expectSoundPage(watched);
    await takePicture(page, 'portal-offer');
    await goTo(page, 'Home', 'Hello, Maria Alvarez');
    await page.getByRole('link', { name: 'A time has become free for you' }).click();
    await offers.getByRole('button', { name: 'Decline' }).click();
    await page.getByText('You declined the time. You stay on the waiting list.').waitFor();
    await waiting.getByText('A sore knee').waitFor();

    await second.giveBack();
    await offered(second.slot);
    await page.reload();
    await offers.getByRole('button', { name: 'Take it' }).click();
    await page.getByText('The appointment is booked.').waitFor();
    const entry = page.getByRole('region', { name: 'Upcoming' }).getByRole('listitem').filter({ hasText: 'A sore knee' }); // prettier-ignore
    await entry.waitFor();
    expect(await waiting.count()).toBe(0);
    expect(
      await page.getByRole('region', { name: 'Past and cancelled' }).getByText('A sore knee').count(),
    ).toBe(0);
    expect((await system.call<Slot>('GET', `Slot/${second.slot.id}`)).status).toBe('busy');
    expect((await system.call<Slot>('GET', `Slot/${first.slot.id}`)).status).toBe('free');

    await page.getByRole('button', { name: 'Book an appointment' }).click();
    await page.getByLabel('Why do you come?').fill('A sore thumb');
    await join.click();
    await waiting.getByRole('button', { name: 'Leave the list' }).click();
    await expectSoundPage(watched);
    await page.getByRole('dialog').getByRole('button', { name: 'Leave the list' }).click();
    await page.getByText('You are no longer on the waiting list.').waitFor();
    expect(await waiting.count()).toBe(0);
  },
  240_000,
);

testWith(requiredBrowser)(
  'Who keeps as many times as she may is told so, and not that somebody was faster.',
  async () => {
    const { page } = watched;
    const slots = await system.find<Slot>(
      `Slot?schedule=Schedule/demo-nurse-times&status=free&_sort=start&_count=5&start=ge${inDays(21)}`,
      (all) => all.length === 5,
      5_000,
    );
    const held = await Promise.all(
      slots.map((slot) =>
        system.call<Bundle<Appointment>>('POST', 'Appointment/$hold', {
          resourceType: 'Parameters',
          parameter: [
            {
              name: 'appt-resource',
              resource: {
                resourceType: 'Appointment',
                status: 'proposed',
                slot: [{ reference: `Slot/${slot.id}` }],
                participant: [{ actor: { reference: 'Patient/demo-patient' }, status: 'accepted' }],
              },
            },
          ],
        }),
      ),
    );
    await goTo(page, 'Appointments');
    await page.getByRole('button', { name: 'Book an appointment' }).click();
    await page.getByRole('button', { name: 'A week later' }).click();
    await page.getByLabel('Why do you come?').fill('A cough');
    await page.getByRole('button', { name: /Novak/ }).first().click();
    await page.getByText('You keep as many times as you may.').waitFor();
    await expectSoundPage(watched);
    for (const bundle of held)
      await system.call('POST', `Appointment/${bundle.entry?.[0]?.resource?.id}/$cancel`);
  },
  240_000,
);

testWith(requiredBrowser)(
  'She sees which apps she can connect and what they would ask for, connects one, and takes it back.',
  async () => {
    const { page } = watched;
    const scope = 'openid launch/patient patient/Patient.rs patient/Observation.rs';
    const app = await startForeignApp(system, { scope });
    try {
      await page.goto(system.demo.urls.portal);
      await goTo(page, 'Privacy');
      const card = page.getByRole('article', { name: 'Growth charts' });
      await card.getByText('It would ask to be allowed to:').waitFor();
      expect(await card.getByRole('listitem').count()).toBe(3);
      expect(await page.getByRole('article').count()).toBe(1);
      await expectSoundPage(watched);
      await takePicture(page, 'portal-apps');
      await card.getByRole('link', { name: 'Open Growth charts' }).click();
      await page.getByRole('button', { name: 'Allow', exact: true }).click();
      await page.getByText('{"patient":"demo-patient"}').waitFor();
      await page.goto(system.demo.urls.portal);
      await goTo(page, 'Privacy');
      const access = page.getByRole('region', { name: 'Apps with access' });
      const entry = access.getByRole('listitem').filter({ hasText: 'Growth charts' }).first();
      await entry.getByText(/^Since /).waitFor();
      await entry.getByText('Read and search your personal details').waitFor();
      await access.getByText('You are using it now.').waitFor();
      await expectSoundPage(watched);
      await entry.getByRole('button', { name: 'Take access back from Growth charts' }).click();
      await expectSoundPage(watched);
      await page.getByRole('dialog').getByRole('button', { name: 'Take access back' }).click();
      await access.getByText('Growth charts has no access any more.').waitFor();
      expect(await entry.count()).toBe(0);
      await page.getByRole('link', { name: /^My account/ }).click();
      await page.getByText('Patient portal').first().waitFor();
      expect(await page.getByText('Growth charts').count()).toBe(0);
    } finally {
      app.close();
    }
  },
  240_000,
);
