/** The clinician's whole way in a real browser: log in, launch from the EHR, paste, review, reject, sign. */
import { afterAll, beforeAll, expect } from '@jest/globals';
import type { Composition, Condition, DocumentReference, Provenance } from '@medplum/fhirtypes';
import type { Browser, Page } from 'playwright-core';
import { testWith } from '../../../../fhir-server/test/support/requirement.ts';
import { startWholeSystem, type WholeSystem } from '../../../../scripts/test/support/whole-system.ts';
import { expectNoAxeViolations } from '../../../ui/test/support/axe.ts';
import { openPage, requiredBrowser, startBrowser, takePicture } from '../../../ui/test/support/browser.ts';
import { launchScribe, VISIT } from '../support/visit.ts';

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
    await page.getByRole('button', { name: 'Chart' }).click();
    await page.getByRole('region', { name: 'Visits' }).getByText('Signed').waitFor();
    expect(await page.title()).toBe('Chart – Scribe');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Chart');
    await expectNoAxeViolations(page);
    expect(faults).toEqual([]);
    await expectFinalState();
  },
  120_000,
);

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
  90_000,
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
  const [composition] = await found<Composition>(
    'Composition?patient=demo-patient&type=http://loinc.org|11506-3',
  );
  expect(composition).toMatchObject({ status: 'final', attester: [{ mode: 'legal' }] });
  const verified = await found<Provenance>(
    `Provenance?target=DocumentReference/${note!.id}&agent=Practitioner/demo-doctor`,
  );
  expect(verified[0]?.agent[0]?.type?.coding?.[0]?.code).toBe('verifier');
}
