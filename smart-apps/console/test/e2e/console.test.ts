/** The console in a real browser, as the user `admin`: resources, users, rights, audit, runs of bots and queries. */
import { afterAll, beforeAll, expect } from '@jest/globals';
import type { Media, Observation, Patient, Task } from '@medplum/fhirtypes';
import type { Browser, Page } from 'playwright-core';
import { packageOf } from '../../../../fhir-server/test/support/package-archive.ts';
import { testWith } from '../../../../fhir-server/test/support/requirement.ts';
import { connect } from '../../../../scripts/seed/backend-client.ts';
import { startWholeSystem, type WholeSystem } from '../../../../scripts/test/support/whole-system.ts';
import { expectNoAxeViolations } from '../../../ui/test/support/axe.ts';
import { openPage, requiredBrowser, startBrowser, takePicture } from '../../../ui/test/support/browser.ts';

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

async function logIn(page: Page): Promise<void> {
  const { urls, users } = system.demo;
  await page.goto(urls.console);
  await page.getByLabel('User name').fill('admin');
  await page.getByLabel('Password').fill(users.find((u) => u.username === 'admin')?.password ?? '');
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByRole('heading', { name: 'Resources' }).waitFor();
}

/** By the navigation; the page is checked when its `settled` text is there. */
async function visit(page: Page, link: string, heading: string): Promise<void> {
  await page
    .getByRole('navigation', { name: 'Pages', exact: true })
    .getByRole('link', { name: link })
    .click();
  await page.getByRole('heading', { level: 1, name: heading }).waitFor();
  await page.getByRole('progressbar').first().waitFor({ state: 'detached' });
}

async function check(page: Page, picture: string): Promise<void> {
  await expectNoAxeViolations(page);
  await takePicture(page, `console-${picture}`);
}

const json = (page: Page) => page.getByRole('textbox', { name: 'JSON' });
const text = async (page: Page): Promise<Patient> => JSON.parse(await json(page).inputValue()) as Patient;

testWith(requiredBrowser)(
  'An administrator finds a patient, mends a faulty edit, saves it, and sees what differs between the versions.',
  async () => {
    const { page, faults } = await openPage(browser);
    await logIn(page);
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
  'A resource is created and deleted after a question; its history stays.',
  async () => {
    const { page, faults } = await openPage(browser);
    await logIn(page);
    await page.goto(`${system.demo.urls.console}#/create/Basic`);
    await page.getByRole('list', { name: 'Remarks' }).waitFor();
    await json(page).fill('{"resourceType": "Basic",\n  "code": {"text": "note"');
    await page.getByText('This is not JSON from here on.').first().waitFor();
    expect(await page.getByRole('button', { name: 'Create' }).isDisabled()).toBe(true);
    await json(page).fill('{"resourceType": "Basic",\n  "code": {"text": "note"}}');
    await page.getByText('Valid.').waitFor();
    await page.getByRole('button', { name: 'Create' }).click();
    await page.getByRole('heading', { level: 1, name: /^Basic\// }).waitFor();
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
    await logIn(page);
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
    await jobs.getByRole('row', { name: /Indexing anew, as it was asked for.*(waiting|running|done)/ }).waitFor();
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

const VISIT = `Doctor: What brings you in?
Patient: I have had a cough for three days. I take lisinopril ten milligrams daily.
Doctor: You have acute bronchitis. Drink a lot and rest.`;

/** A visit that the scribe drafts, and one that it cannot. */
async function haveRuns(): Promise<string[]> {
  const texts = [VISIT, 'thank you for calling. for billing press one. please stay on the line.'];
  const ids: string[] = [];
  for (const text of texts) {
    const media = await system.call<Media>('POST', 'Media', {
      resourceType: 'Media',
      status: 'completed',
      subject: { reference: 'Patient/demo-patient' },
      content: { contentType: 'text/plain', data: Buffer.from(text).toString('base64') },
    });
    const query = `Task?identifier=https://dr-assistant.example/fhir/NamingSystem/visit-scribe-task|Media/${media.id}`;
    const isOver = ([task]: readonly Task[]) => ['completed', 'on-hold'].includes(task?.status ?? '');
    const [task] = await system.find<Task>(query, isOver, 30_000);
    ids.push(task?.id ?? '');
  }
  return ids;
}

testWith(requiredBrowser)(
  'An administrator sees the runs of the bots with the times of their stages, and how the providers did.',
  async () => {
    const [drafted, held] = await haveRuns();
    const { page, faults } = await openPage(browser);
    await logIn(page);
    await visit(page, 'Bot runs', 'Runs of the bots');
    const runs = page.getByRole('table', { name: 'List of runs' });
    await runs.getByRole('row', { name: new RegExp(`${drafted}.*visit-scribe.*completed`) }).waitFor();
    const health = page.getByRole('table', { name: 'Health of the providers' });
    await health.getByRole('row', { name: /embedded draft \d+ 100%/ }).waitFor();
    await page.getByRole('button', { name: `Stages of ${drafted}` }).click();
    const stages = page.getByRole('table', { name: `Stages of ${drafted}` });
    for (const stage of ['transcribe', 'draft', 'extract', 'code'])
      await stages.getByRole('row', { name: new RegExp(`^${stage} .* answered .* (ms|sec)`) }).waitFor();
    await check(page, 'bots');
    await page.getByLabel('Status').selectOption('on-hold');
    await runs.getByRole('row', { name: new RegExp(`${held}.*on hold.*telephone menu`) }).waitFor();
    expect(await runs.getByRole('link', { name: drafted! }).count()).toBe(0);
    await page.getByLabel('Bot', { exact: true }).selectOption('appointment-reminder');
    await page.getByText('There are no such runs.').waitFor();
    await page.getByLabel('Status').selectOption('');
    await page.getByLabel('Woken by').selectOption('tick');
    await page.getByText(/This run asked no provider|The runs below asked no provider/).first().waitFor();
    await check(page, 'bots-ticks');
    expect(faults).toEqual([]);
  },
  240_000,
);

testWith(requiredBrowser)(
  'An administrator watches how the server does, in charts whose values stand in words and tables, too.',
  async () => {
    const { page, faults } = await openPage(browser);
    await logIn(page);
    await page.getByRole('navigation', { name: 'Pages', exact: true }).getByRole('link', { name: 'Metrics' }).click();
    await page.getByRole('heading', { level: 1, name: 'How the server does' }).waitFor();
    await page.getByText('The first figures come in a few seconds.').waitFor();
    await expectNoAxeViolations(page);
    const asking = setInterval(() => void system.call('GET', 'Patient/demo-patient'), 100);
    const chart = page.getByRole('region', { name: 'Requests a second', exact: true });
    await chart.getByText(/^read: [1-9]/).waitFor({ timeout: 30_000 });
    clearInterval(asking);
    for (const title of ['Time of requests', 'Errors a second', 'Connections to the database', 'Delay of the event loop', 'Memory', 'Requests in flight']) // prettier-ignore
      await page.getByRole('heading', { level: 2, name: title }).waitFor();
    await page.getByText(/^whole process: \d+ MB$/).waitFor();
    await chart.getByText('Values: Requests a second').click();
    await chart.getByRole('table').getByRole('row').nth(1).waitFor();
    await check(page, 'metrics');
    expect(faults).toEqual([]);
  },
  240_000,
);

testWith(requiredBrowser)(
  'An administrator sees whose export is how far, and ends it after a question.',
  async () => {
    const { backend, fhirBase, tokenEndpoint } = system.demo;
    const request = await connect({ fhirBase, tokenEndpoint, ...backend, scope: 'system/*.cruds' });
    const begun = await request('GET', 'Patient/$export?_typeFilter=Patient%3Ffamily%3DAlvarez', undefined, { Prefer: 'respond-async' }); // prettier-ignore
    expect(begun.status).toBe(202);
    const { page, faults } = await openPage(browser);
    await logIn(page);
    await visit(page, 'Server', 'Server and jobs');
    const jobs = page.getByRole('table', { name: 'Jobs', exact: true });
    const row = jobs.getByRole('row', { name: /^Export .*demo-backend/ });
    await row.getByText(/resources?$/).first().waitFor();
    expect(await jobs.textContent()).not.toContain('Alvarez');
    await check(page, 'jobs');
    await row.getByRole('button', { name: /End export|Remove files/ }).click();
    await expectNoAxeViolations(page);
    await page.getByRole('dialog').getByRole('button', { name: /End export|Remove files/ }).click();
    await row.waitFor({ state: 'detached' });
    const status = (begun.headers.get('content-location') ?? '').replace(`${fhirBase}/`, '');
    expect((await request('GET', status)).status).toBe(404);
    expect(faults).toEqual([]);
  },
  240_000,
);

testWith(requiredBrowser)(
  'An administrator installs a package from a file, sees what was left out, and finds its value set.',
  async () => {
    const url = 'https://packages.example/fhir/ValueSet/colours';
    const packed = await packageOf('my.package', '1.0.0', {
      resources: [
        { resourceType: 'ValueSet', id: 'colours', url, status: 'active' } as { resourceType: string; id: string },
        { resourceType: 'ValueSet', id: 'faulty' },
      ],
    });
    const { page, faults } = await openPage(browser);
    await logIn(page);
    await visit(page, 'Packages', 'Packages and terminology');
    const install = async (name: string, buffer: Buffer): Promise<void> => {
      await page.getByLabel('Package file').setInputFiles({ name, mimeType: 'application/gzip', buffer });
      await page.getByRole('button', { name: 'Install' }).click();
      await expectNoAxeViolations(page);
      await page.getByRole('dialog').getByRole('button', { name: 'Install' }).click();
    };
    await install('broken.tgz', Buffer.from('no package'));
    await page.getByText(/The package cannot be unpacked/).waitFor();
    await check(page, 'packages-refused');
    await install('my.package-1.0.0.tgz', packed);
    await page.getByText('my.package@1.0.0 is installed: 1 resource stored.').waitFor();
    await page.getByText('1 resource was left out').click();
    await page.getByText(/ValueSet-faulty\.json/).waitFor();
    const list = page.getByRole('table', { name: 'Installed packages' });
    await list.getByRole('row', { name: /^my\.package 1\.0\.0 1 1 .* in use$/ }).waitFor();
    await page.getByLabel('Type').selectOption('ValueSet');
    await page.getByRole('table', { name: 'Stored ValueSets' }).getByRole('link', { name: url }).waitFor();
    await check(page, 'packages');
    // The refused one is a fault of the page's own making.
    expect(faults.filter((fault) => !fault.includes('422'))).toEqual([]);
  },
  240_000,
);
