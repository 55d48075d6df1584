/** Consent, recording and its way to the server in a real browser with a microphone that beeps. */
import { afterAll, beforeAll, expect } from '@jest/globals';
import type { Consent, Media, Provenance } from '@medplum/fhirtypes';
import type { Browser, Page } from 'playwright-core';
import { testWith } from '../../../../fhir-server/test/support/requirement.ts';
import { startWholeSystem, type WholeSystem } from '../../../../scripts/test/support/whole-system.ts';
import { expectNoAxeViolations } from '../../../ui/test/support/axe.ts';
import { openPage, requiredBrowser, startBrowser, takePicture } from '../../../ui/test/support/browser.ts';
import { addVisit, HERE, openScribe } from '../support/visit.ts';

let system: WholeSystem;
let browser: Browser;

beforeAll(async () => {
  if (requiredBrowser.path === undefined) return;
  system = await startWholeSystem();
  browser = await startBrowser(['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream']);
}, 250_000);

afterAll(async () => {
  if (requiredBrowser.path === undefined) return;
  await browser.close();
  await system.stop();
}, 60_000);

/** From the day's list, where the visit is known by its reason; answers the Encounter's id. */
async function openNewVisit(page: Page, patientId: string, time: string): Promise<string> {
  const reason = `Visit of the test at ${time}`;
  const encounterId = await addVisit(system, patientId, time, reason);
  await openScribe(page, system);
  await page.getByRole('button', { name: reason }).click();
  await page.getByRole('button', { name: 'New visit' }).click();
  return encounterId;
}

const agree = async (page: Page): Promise<void> => {
  await page.getByRole('button', { name: 'The patient agrees to the recording' }).click();
  await page.getByText(/^The patient agreed to the recording/).waitFor();
};

/** Records until the clock shows at least so many seconds. */
async function record(page: Page, seconds: number): Promise<void> {
  await page.getByRole('button', { name: 'Start recording' }).click();
  await page
    .getByRole('timer')
    .getByText(new RegExp(`00:0[${seconds}-9]`))
    .waitFor();
}

const mediaOf = (patient: string, count = 1): Promise<Media[]> =>
  system.find<Media>(`Media?patient=${patient}`, (all) => all.length >= count, 20_000);

/** How much of recordings the browser holds. */
const keptRows = (page: Page): Promise<number> =>
  page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        const request = indexedDB.open('scribe-recording');
        request.onsuccess = () => {
          const stores = request.result.transaction(['recordings', 'pieces']);
          const recordings = stores.objectStore('recordings').count();
          const pieces = stores.objectStore('pieces').count();
          stores.oncomplete = () => {
            request.result.close();
            resolve(recordings.result + pieces.result);
          };
        };
      }),
  );

testWith(requiredBrowser)(
  'Nothing is recorded before the patient agrees; the agreement is a Consent that hides nothing, and ends the possibility when it is withdrawn.',
  async () => {
    const { page, faults } = await openPage(browser, HERE);
    await openNewVisit(page, 'demo-patient-lindqvist', '06:00');
    await page.getByRole('button', { name: 'The patient agrees to the recording' }).waitFor();
    expect(await page.getByRole('button', { name: 'Start recording' }).count()).toBe(0);
    await page.getByRole('tab', { name: 'Upload a file' }).click();
    expect(await page.getByText('Choose a recording or transcript').count()).toBe(0);
    await page.getByRole('tab', { name: 'Record' }).click();
    await expectNoAxeViolations(page);
    await takePicture(page, 'scribe-consent');
    await agree(page);
    await page.getByRole('button', { name: 'Start recording' }).waitFor();
    await expectNoAxeViolations(page);
    const [consent] = await system.find<Consent>(
      'Consent?patient=demo-patient-lindqvist',
      (all) => all.length > 0,
      5_000,
    );
    expect(consent).toMatchObject({
      status: 'active',
      scope: { coding: [{ code: 'patient-privacy' }] },
      performer: [{ reference: 'Patient/demo-patient-lindqvist' }],
      verification: [{ verified: true, verifiedWith: { reference: 'Patient/demo-patient-lindqvist' } }],
      provision: { type: 'permit', data: [{ meaning: 'related' }] },
    });
    const [confirmed] = await system.find<Provenance>(
      `Provenance?target=Consent/${consent!.id}`,
      (all) => all.length > 0,
      5_000,
    );
    expect(confirmed?.agent[0]?.who?.reference).toBe('Practitioner/demo-doctor');
    await record(page, 1);
    await page.getByRole('button', { name: 'Withdraw' }).click();
    await expectNoAxeViolations(page);
    await page.getByRole('dialog').getByRole('button', { name: 'Withdraw' }).click();
    await page.getByRole('button', { name: 'The patient agrees to the recording' }).waitFor();
    expect(await page.getByRole('button', { name: 'Start recording' }).count()).toBe(0);
    await page.waitForTimeout(1_500);
    expect(await keptRows(page)).toBe(0);
    const withdrawn = await system.call<Consent>('GET', `Consent/${consent!.id}`);
    expect(withdrawn.status).toBe('inactive');
    expect(faults).toEqual([]);
  },
  240_000,
);

testWith(requiredBrowser)(
  'A reload in the middle of a recording loses nothing: it is offered, uploaded with its Consent, and then no longer kept.',
  async () => {
    const { page, faults } = await openPage(browser, HERE);
    const encounterId = await openNewVisit(page, 'demo-patient-osei', '06:20');
    await agree(page);
    await record(page, 3);
    await page.reload();
    const kept = page.getByText(
      /^A recording of \d+ seconds from .* with Kwame Osei is here\. It was interrupted/,
    );
    await kept.waitFor();
    await expectNoAxeViolations(page);
    await takePicture(page, 'scribe-interrupted');
    await page.getByRole('button', { name: 'Upload', exact: true }).click();
    const [media] = await mediaOf('demo-patient-osei');
    await kept.waitFor({ state: 'detached' });
    expect(await keptRows(page)).toBe(0);
    expect(media?.duration).toBeGreaterThanOrEqual(2);
    expect(media?.content.contentType).toMatch(/^audio\/webm/);
    expect(media?.encounter?.reference).toBe(`Encounter/${encounterId}`);
    const [made] = await system.find<Provenance>(
      `Provenance?target=Media/${media!.id}&entity:missing=false`,
      (all) => all.length > 0,
      5_000,
    );
    const [consent] = await system.find<Consent>(
      'Consent?patient=demo-patient-osei',
      (all) => all.length > 0,
      5_000,
    );
    expect(made?.entity?.[0]?.what.reference).toBe(`Consent/${consent!.id}`);
    expect(faults).toEqual([]);
  },
  240_000,
);

testWith(requiredBrowser)(
  'Without a connection a recording waits and says so; when it is back, it is uploaded by itself, once, and leads to the visit.',
  async () => {
    const { page } = await openPage(browser, HERE);
    await openNewVisit(page, 'demo-patient-nguyen', '06:40');
    await agree(page);
    await record(page, 2);
    await page.context().setOffline(true);
    await page.getByRole('button', { name: 'Finish and send' }).click();
    await page.getByText(/It could not be uploaded yet; it is tried again by itself\./).waitFor();
    expect(await system.call('GET', 'Media?patient=demo-patient-nguyen&_summary=count')).toMatchObject({
      total: 0,
    });
    await expectNoAxeViolations(page);
    await page.context().setOffline(false);
    await page.waitForURL(/\/visit\//);
    expect(await mediaOf('demo-patient-nguyen')).toHaveLength(1);
    expect(await keptRows(page)).toBe(0);
  },
  240_000,
);

testWith(requiredBrowser)(
  'The app can be installed, and opens without a connection: what was recorded is there, and is sent when the connection is back.',
  async () => {
    const { page } = await openPage(browser, HERE);
    await openNewVisit(page, 'demo-patient-haddad', '07:00');
    await agree(page);
    await record(page, 2);
    await page.evaluate(async () => {
      await navigator.serviceWorker.ready;
    });
    const chromium = await page.context().newCDPSession(page);
    const { installabilityErrors } = await chromium.send('Page.getInstallabilityErrors');
    // A test's session is a private one, in which nothing can be installed.
    expect(installabilityErrors.map((e) => e.errorId).filter((id) => id !== 'in-incognito')).toEqual([]);
    await page.context().setOffline(true);
    await page.reload();
    await page.getByText(/^A recording of \d+ seconds? .*It was interrupted/).waitFor();
    await expectNoAxeViolations(page);
    await takePicture(page, 'scribe-offline');
    await page.getByRole('button', { name: 'Upload', exact: true }).click();
    await page.getByText(/It could not be uploaded yet; it is tried again by itself\./).waitFor();
    await page.context().setOffline(false);
    expect(await mediaOf('demo-patient-haddad')).toHaveLength(1);
    expect(await cachedAddresses(page)).toEqual([]);
  },
  240_000,
);

/** Of what the browser keeps of the server's answers, all but the app's own files. */
const cachedAddresses = (page: Page): Promise<string[]> =>
  page.evaluate(async () => {
    const caches = await Promise.all((await window.caches.keys()).map((name) => window.caches.open(name)));
    const requests = await Promise.all(caches.map((cache) => cache.keys()));
    return requests
      .flat()
      .map(({ url }) => new URL(url).pathname)
      .filter((path) => !path.startsWith('/apps/scribe/'));
  });

testWith(requiredBrowser)(
  'A nurse’s closed tab leaves the recording to her; logging out deletes what was not sent.',
  async () => {
    const { page } = await openPage(browser, HERE);
    // A nurse may do the same; the visits of the test are the doctor's.
    await openScribe(page, system, 'nurse');
    await page.evaluate(() => {
      location.hash = '#/patient/demo-patient-kowalska/new';
    });
    await agree(page);
    await record(page, 2);
    const again = await page.context().newPage();
    await page.close();
    await openScribeAgain(again);
    await again
      .getByText(/A recording of \d+ seconds? .*with Zofia Kowalska is here\. It was interrupted/)
      .waitFor();
    await again.getByRole('button', { name: 'Log out' }).click();
    await expectNoAxeViolations(again);
    await again.getByRole('dialog').getByRole('button', { name: 'Log out' }).click();
    await again.waitForURL(/\/oauth2\/logout/);
    expect(await keptRows(again)).toBe(0);
    expect(await system.call('GET', 'Media?patient=demo-patient-kowalska&_summary=count')).toMatchObject({
      total: 0,
    });
  },
  240_000,
);

/** In a tab of its own, with the session of the authorization server's cookie. */
async function openScribeAgain(page: Page): Promise<void> {
  await page.goto(system.demo.urls.scribe);
  await page.getByRole('heading', { name: 'Today’s list' }).waitFor();
}
