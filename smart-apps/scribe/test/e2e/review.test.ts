/** The clinician's whole way in a real browser: log in, launch from the EHR, paste, review, reject, sign. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from '@jest/globals';
import type { Composition, Condition, DocumentReference, Provenance } from '@medplum/fhirtypes';
import { chromium as browserType, type Browser, type Page } from 'playwright-core';
import { chromium, testWith } from '../../../../fhir-server/test/support/requirement.ts';
import { startWholeSystem, type WholeSystem } from '../../../../scripts/test/support/whole-system.ts';

const ARGUMENTS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const VISIT = `Doctor: Good morning. What brings you in today?
Patient: I've had a cough for five days and a sore throat.
Doctor: Any fever?
Patient: No, no fever. I have been really tired though.
Doctor: Do you take any medications?
Patient: I take lisinopril 10 mg every day for my high blood pressure. My mother had asthma.
Doctor: Your blood pressure is 132 over 84. Your lungs are clear and your throat is red.
Doctor: You have acute bronchitis. I'm going to give you benzonatate for the cough. Come back if you get a fever.
Patient: Okay, thank you.`;

const required = chromium();
let system: WholeSystem;
let browser: Browser;

beforeAll(async () => {
  if (required.path === undefined) return;
  system = await startWholeSystem();
  browser = await browserType.launch({ executablePath: required.path, args: ARGUMENTS });
}, 250_000);

afterAll(async () => {
  if (required.path === undefined) return;
  await browser.close();
  await system.stop();
}, 60_000);

/** Pictures for the README, when a folder is named. */
async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env['SCREENSHOTS'];
  if (folder === undefined) return;
  await page.waitForTimeout(600);
  await page.screenshot({ path: join(folder, `${name}.png`) });
}

async function launchFromEhr(page: Page): Promise<void> {
  const doctor = system.demo.users.find((user) => user.username === 'doctor');
  await page.goto(system.demo.urls.ehr);
  await page.getByLabel('User name').fill('doctor');
  await page.getByLabel('Password').fill(doctor?.password ?? '');
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByLabel('Search by name').fill('alvar');
  await page.getByRole('button', { name: /Alvarez/ }).click();
  await page.getByRole('heading', { name: 'Problems' }).waitFor();
  await picture(page, 'ehr');
  await page.getByRole('button', { name: 'Launch Scribe' }).click();
  // The name stands on the page that is left, too.
  await page.waitForURL(/\/apps\/scribe\/(\?|#|$)/);
  await page.getByText('Maria Alvarez').waitFor();
}

async function pasteVisit(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'New visit' }).click();
  await page.getByRole('tab', { name: 'Paste a transcript' }).click();
  await page.getByLabel('Transcript').fill(VISIT);
  await page.reload();
  expect(await page.getByLabel('Transcript').inputValue()).toBe(VISIT);
  await picture(page, 'scribe-new-visit');
  await page.getByRole('button', { name: 'Create draft' }).click();
  await page.getByText('Drafted by software, not yet reviewed.').waitFor({ timeout: 30_000 });
}

testWith(required)(
  'A doctor launches the scribe from the EHR, reviews the draft and signs it; the record then has the final state.',
  async () => {
    const page = await browser.newPage({ viewport: { width: 1280, height: 860 } });
    page.setDefaultTimeout(20_000);
    const faults: string[] = [];
    page.on('pageerror', (error) => faults.push(error.message));
    await launchFromEhr(page);
    await pasteVisit(page);
    await page.getByText(/Transcript: written transcript 1\. Note: Dr\. Assistant embedded/).waitFor();
    const note = page.getByRole('region', { name: 'History of present illness' });
    await note
      .getByRole('button', { name: /^(?!Edit|Add).*cough/i })
      .first()
      .click();
    const marked = page.getByRole('region', { name: 'Transcript' }).locator('[aria-current=true]');
    expect(await marked.first().textContent()).toContain('cough for five days');
    await picture(page, 'scribe-review');
    await page.getByRole('button', { name: 'Reject sore throat' }).click();
    await page.reload();
    const rejected = page.getByRole('button', { name: 'Reject sore throat' });
    expect(await rejected.getAttribute('aria-pressed')).toBe('true');
    for (const button of await page.getByRole('button', { name: /^Accept / }).all())
      if (!(await button.getAttribute('aria-label'))?.includes('sore throat')) await button.click();
    await page.getByRole('button', { name: 'Sign note' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Sign', exact: true }).click();
    await page.getByText(/^Signed by/).waitFor();
    await picture(page, 'scribe-signed');
    expect(faults).toEqual([]);
    await expectFinalState();
  },
  120_000,
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
  const conditions = await found<Condition>('Condition?patient=demo-patient&_lastUpdated=gt2020&_count=100');
  const status = (text: string): string | undefined =>
    conditions.find((c) => c.code?.text === text && c.evidence !== undefined)?.verificationStatus?.coding?.[0]
      ?.code;
  expect(status('sore throat')).toBe('entered-in-error');
  expect(status('acute bronchitis')).toBe('confirmed');
  const [composition] = await found<Composition>('Composition?patient=demo-patient&type=http://loinc.org|11506-3');
  expect(composition).toMatchObject({ status: 'final', attester: [{ mode: 'legal' }] });
  const verified = await found<Provenance>(
    `Provenance?target=DocumentReference/${note!.id}&agent=Practitioner/demo-doctor`,
  );
  expect(verified[0]?.agent[0]?.type?.coding?.[0]?.code).toBe('verifier');
}
