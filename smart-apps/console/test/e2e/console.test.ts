/** The console in a real browser, as the user `admin`: resources, users, rights, audit and queries. */
import { afterAll, beforeAll, expect } from '@jest/globals';
import type { Basic, Observation, Patient } from '@medplum/fhirtypes';
import type { Page } from 'playwright-core';
import { testWith } from '../../../../fhir-server/test/support/requirement.ts';
import { expectNoAxeViolations } from '../../../ui/test/support/axe.ts';
import { openPage, requiredBrowser } from '../../../ui/test/support/browser.ts';
import { check, logIn, startConsole, visit, type ConsoleSystem } from '../support/console-system.ts';

let started: ConsoleSystem | undefined;
let system: ConsoleSystem['system'];
let browser: ConsoleSystem['browser'];

beforeAll(async () => {
  started = await startConsole();
  if (started !== undefined) ({ system, browser } = started);
}, 250_000);

afterAll(() => started?.stop(), 60_000);

const json = (page: Page) => page.getByRole('textbox', { name: 'JSON' });
const text = async (page: Page): Promise<Patient> => JSON.parse(await json(page).inputValue()) as Patient;

testWith(requiredBrowser)(
  'An administrator finds a patient, mends a faulty edit, saves it, and sees what differs between the versions.',
  async () => {
    const { page, faults } = await openPage(browser);
    await logIn(page, system);
    await page.getByRole('link', { name: 'Patient', exact: true }).waitFor();
    await check(page, 'types');
    await page.getByRole('link', { name: 'Patient', exact: true }).click();
    await page.getByRole('heading', { level: 1, name: 'Patient' }).waitFor();
    const first = page.getByRole('group', { name: 'Condition 1' });
    await first.getByLabel('Parameter').selectOption('family');
    await first.getByLabel('Modifier').selectOption('contains');
    await first.getByLabel('Value').fill('lvare');
    expect(await page.getByLabel('Patient?').inputValue()).toBe('family:contains=lvare');
    await page.getByRole('button', { name: 'Search', exact: true }).click();
    const match = page.getByRole('link', { name: 'demo-patient' });
    await page.getByText('Maria Alvarez').waitFor();
    expect(await page.getByRole('table').getByRole('row').count()).toBe(2);
    await check(page, 'search');
    await match.click();
    await page
      .getByText(/Maria Alvarez/)
      .first()
      .waitFor();
    await check(page, 'view');

    await page.getByRole('link', { name: 'JSON' }).click();
    await page.getByText('Valid.').waitFor();
    const before = await text(page);
    await json(page).fill(JSON.stringify({ ...before, birthDate: 'yesterday' }, undefined, 2));
    const remarks = page.getByRole('list', { name: 'Remarks' }).getByRole('listitem');
    const lines = (await json(page).inputValue()).split('\n');
    const faulty = lines.findIndex((line) => line.includes('"birthDate"')) + 1;
    await remarks
      .filter({ hasText: new RegExp(`^Line ${faulty}(?!\\d|Warning)`) })
      .first()
      .waitFor();
    expect(await json(page).getAttribute('aria-invalid')).toBe('true');
    await check(page, 'fault');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('alert').first().waitFor();
    expect((await system.call<Patient>('GET', 'Patient/demo-patient')).birthDate).toBe(before.birthDate);

    // Somebody else is quicker.
    const meanwhile = await system.call<Patient>('GET', 'Patient/demo-patient');
    await system.call('PUT', 'Patient/demo-patient', { ...meanwhile, language: 'es' });
    await json(page).fill(JSON.stringify({ ...before, birthDate: '1961-02-03' }, undefined, 2));
    await page.getByText('Valid.').waitFor();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText(/Somebody else has saved this/).waitFor();
    expect((await text(page)).birthDate).toBe('1961-02-03');
    await check(page, 'overtaken');
    await page.getByRole('button', { name: 'Discard mine, load the newest' }).click();
    await page.waitForFunction(() => document.querySelector('textarea')?.value.includes('"es"'));
    await json(page).fill(JSON.stringify({ ...(await text(page)), birthDate: '1961-02-03' }, undefined, 2));
    await page.getByText('Valid.').waitFor();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Feb 3, 1961').first().waitFor();

    await page.getByRole('link', { name: 'History' }).click();
    const change = page.getByRole('table', { name: 'Changes' }).getByRole('row', { name: /birthDate/ });
    await change.waitFor();
    expect(await change.textContent()).toContain(before.birthDate);
    expect(await change.textContent()).toContain('1961-02-03');
    await check(page, 'history');
    expect(faults).toEqual([]);
  },
  300_000,
);

testWith(requiredBrowser)(
  'A resource is created, changed in a form, and deleted after a question; its history stays.',
  async () => {
    const { page, faults } = await openPage(browser);
    await logIn(page, system);
    await page.goto(`${system.demo.urls.console}#/create/Basic`);
    await page.getByRole('list', { name: 'Remarks' }).waitFor();
    await json(page).fill('{"resourceType": "Basic",\n  "code": {"text": "note"');
    await page.getByText('This is not JSON from here on.').first().waitFor();
    expect(await page.getByRole('button', { name: 'Create' }).isDisabled()).toBe(true);
    const note = { text: 'note', coding: [{ system: 'http://example.org', code: 'n' }] };
    await json(page).fill(JSON.stringify({ resourceType: 'Basic', code: note, created: '2026-01-02' }));
    await page.getByText('Valid.').waitFor();
    await page.getByRole('button', { name: 'Create' }).click();
    await page.getByRole('heading', { level: 1, name: /^Basic\// }).waitFor();
    await fillIn(page);
    await page.getByRole('button', { name: 'Delete' }).click();
    await expectNoAxeViolations(page);
    const address = page.url();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('heading', { level: 1, name: 'Basic', exact: true }).waitFor();
    await page.goto(`${address.replace(/\?show=.*/, '')}?show=history`);
    await page
      .getByRole('table', { name: 'Versions' })
      .getByRole('row', { name: /DELETE/ })
      .waitFor();
    expect(faults).toEqual([]);
  },
  240_000,
);

/** What is wrong stands at its field; what is written in the form is in the JSON, too. */
async function fillIn(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Form' }).click();
  const form = page.getByRole('form', { name: 'Values' });
  await form.getByRole('textbox', { name: 'created' }).fill('tomorrow');
  await form.locator('p[id$=helper-text]').first().waitFor();
  expect(await form.getByRole('textbox', { name: 'created' }).getAttribute('aria-invalid')).toBe('true');
  await form.getByRole('textbox', { name: 'created' }).fill('2026-03-04');
  await form.getByRole('button', { name: 'Copy code.coding[0]' }).click();
  await form.getByRole('group', { name: 'coding 2' }).getByLabel('code', { exact: true }).fill('m');
  await form.getByRole('button', { name: 'Remove code.text' }).click();
  await form.getByText('Valid.').waitFor();
  await check(page, 'form');
  await page.getByRole('link', { name: 'JSON' }).click();
  const written = JSON.parse(await json(page).inputValue()) as Basic;
  expect(written).toMatchObject({ created: '2026-03-04', code: { coding: [{ code: 'n' }, { code: 'm' }] } });
  expect(written.code).not.toHaveProperty('text');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Mar 4, 2026').first().waitFor();
}

const decisionFor = async (page: Page, user: RegExp, id: string): Promise<string> => {
  const option = page.getByLabel('User', { exact: true }).getByRole('option', { name: user });
  await page.getByLabel('User', { exact: true }).selectOption((await option.getAttribute('value')) ?? '');
  await page.getByLabel('Type').selectOption('Observation');
  await page.getByLabel('Id').fill(id);
  await page.getByRole('button', { name: 'Check' }).click();
  return (await page.getByRole('main').getByRole('alert').first().textContent()) ?? '';
};

testWith(requiredBrowser)(
  'An administrator creates a user, asks what others may see, edits a policy, and looks at audit, server and queries.',
  async () => {
    const { page, faults } = await openPage(browser);
    await logIn(page, system);
    await visit(page, 'Users', 'Users');
    await page.getByLabel('User name').fill('nora');
    await page.getByLabel('Role').selectOption('nurse');
    await page.getByLabel(/FHIR user/).fill('Practitioner');
    await page.getByRole('button', { name: 'Create user' }).click();
    await page
      .getByText(/must be a reference/)
      .first()
      .waitFor();
    await page.getByLabel(/FHIR user/).fill('Practitioner/demo-nurse');
    await page.getByRole('button', { name: 'Create user' }).click();
    await page.getByText(/nora has the temporary password/).waitFor();
    await check(page, 'users');
    await page.getByRole('link', { name: 'nora' }).click();
    await page.getByRole('heading', { level: 1, name: 'User nora' }).waitFor();
    await page.getByRole('button', { name: 'Reset second factors' }).click();
    await expectNoAxeViolations(page);
    await page.getByRole('dialog').getByRole('button', { name: 'Reset second factors' }).click();
    await page.getByText('All second factors are removed.').waitFor();
    await page.getByLabel(/^Disabled/).check();
    await page.getByRole('button', { name: 'Save' }).click();
    await check(page, 'user');
    await visit(page, 'Users', 'Users');
    await page.getByRole('row', { name: /nora.*disabled/ }).waitFor();

    await visit(page, 'Apps', 'Apps and services');
    await check(page, 'clients');
    await page.getByRole('link', { name: 'scribe', exact: true }).click();
    await page.getByRole('textbox', { name: 'Registration as JSON' }).waitFor();
    await check(page, 'client');
    await visit(page, 'Grants', 'Access of apps');
    await check(page, 'grants');

    await visit(page, 'Policies', 'Policies');
    await check(page, 'policies');
    const policy = page.getByRole('textbox', { name: 'Policy as JSON' });
    const trainee = { name: 'trainee', rules: [{ resourceType: 'Patient', interactions: ['peek'] }] };
    await policy.fill(JSON.stringify(trainee, undefined, 2));
    await page.getByRole('button', { name: 'Create policy' }).click();
    await page.getByRole('list', { name: 'Remarks' }).getByText('Line 6').waitFor();
    await policy.fill(JSON.stringify(trainee, undefined, 2).replace('peek', 'read'));
    await page.getByRole('button', { name: 'Create policy' }).click();
    await page.getByRole('heading', { level: 1, name: 'Policy trainee' }).waitFor();
    await check(page, 'policy');

    await visit(page, 'Access check', 'What can this user see?');
    const [observation] = await system.find<Observation>('Observation?patient=demo-patient&_count=1', (all) => all.length > 0, 5_000); // prettier-ignore
    expect(await decisionFor(page, /^doctor/, observation?.id ?? '')).toMatch(/^Permitted/);
    await check(page, 'access');
    expect(await decisionFor(page, /^receptionist/, observation?.id ?? '')).toMatch(/^Not permittedThe policy receptionist/); // prettier-ignore
    await check(page, 'access-refused');

    await visit(page, 'Subscriptions', 'Subscriptions');
    await page
      .getByRole('row', { name: /active/ })
      .first()
      .waitFor();
    await check(page, 'subscriptions');
    await visit(page, 'Audit', 'Audit');
    await page.getByLabel('Patient').fill('demo-patient');
    await page.getByLabel('Outcome').selectOption('0');
    await page.getByRole('button', { name: 'Search' }).click();
    await page
      .getByRole('row', { name: /Patient\/demo-patient.*Success/ })
      .first()
      .waitFor();
    await check(page, 'audit');
    await visit(page, 'Server', 'Server and jobs');
    await page.getByRole('button', { name: 'Index everything anew' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Index everything anew' }).click();
    const jobs = page.getByRole('table', { name: 'Jobs', exact: true });
    await jobs
      .getByRole('row', { name: /Indexing anew, as it was asked for.*(waiting|running|done)/ })
      .waitFor();
    await check(page, 'server');

    await visit(page, 'Query', 'Query');
    await page.getByLabel('Path below the FHIR base').fill('Patient/nobody-has-this-id');
    await page.getByRole('button', { name: 'Run' }).click();
    await page.getByText(/^404/).waitFor();
    await page.getByLabel('Path below the FHIR base').fill('Patient/demo-patient');
    await page.getByRole('button', { name: 'Run' }).click();
    await page.getByText(/^200/).waitFor();
    await page.getByRole('button', { name: 'GET Patient/nobody-has-this-id' }).waitFor();
    await check(page, 'query');
    const kept = await page.evaluate(
      () => JSON.stringify({ ...localStorage }) + JSON.stringify({ ...sessionStorage }),
    );
    expect(kept).not.toMatch(/demo-patient|Alvarez/);
    expect(faults).toEqual([]);
  },
  400_000,
);
