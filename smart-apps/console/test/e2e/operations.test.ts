/** What an administrator sees of the work of server and bots: runs, figures, jobs and packages, in a real browser. */
import { afterAll, beforeAll, expect } from '@jest/globals';
import type { Media, Task } from '@medplum/fhirtypes';
import { packageOf } from '../../../../fhir-server/test/support/package-archive.ts';
import { testWith } from '../../../../fhir-server/test/support/requirement.ts';
import { connect } from '../../../../scripts/seed/backend-client.ts';
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
    await logIn(page, system);
    await visit(page, 'Bot runs', 'Runs of the bots');
    const runs = page.getByRole('table', { name: 'List of runs' });
    await runs.getByRole('row', { name: new RegExp(`${drafted}.*visit-scribe.*completed`) }).waitFor();
    const health = page.getByRole('table', { name: 'Health of the providers' });
    await health.getByRole('row', { name: /embedded draft \d+ 100%/ }).waitFor();
    await page.getByRole('button', { name: new RegExp(`^4 stages of ${drafted}`) }).click();
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
    await page
      .getByText(/This run asked no provider|The runs below asked no provider/)
      .first()
      .waitFor();
    await check(page, 'bots-ticks');
    expect(faults).toEqual([]);
  },
  240_000,
);

testWith(requiredBrowser)(
  'An administrator watches how the server does, in charts whose values stand in words and tables, too.',
  async () => {
    const { page, faults } = await openPage(browser);
    await logIn(page, system);
    await page
      .getByRole('navigation', { name: 'Pages', exact: true })
      .getByRole('link', { name: 'Metrics' })
      .click();
    await page.getByRole('heading', { level: 1, name: 'How the server does' }).waitFor();
    await page.getByText('The first figures come in a few seconds.').waitFor();
    await expectNoAxeViolations(page);
    const asking = setInterval(() => void system.call('GET', 'Patient/demo-patient'), 100);
    const chart = page.getByRole('region', { name: 'Requests a second', exact: true });
    await chart.getByText(/^read: [1-9]/).waitFor({ timeout: 30_000 });
    clearInterval(asking);
    for (const title of [
      'Time of requests',
      'Errors a second',
      'Connections to the database',
      'Delay of the event loop',
      'Memory',
      'Requests in flight',
    ])
      // prettier-ignore
      await page.getByRole('heading', { level: 2, name: title }).waitFor();
    await page.getByText(/^whole process: \d+ MB$/).waitFor();
    await chart.getByText('Values: Requests a second').click();
    await chart.getByRole('table').getByRole('row').nth(3).waitFor();
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
    await logIn(page, system);
    await visit(page, 'Server', 'Server and jobs');
    const jobs = page.getByRole('table', { name: 'Jobs', exact: true });
    const row = jobs.getByRole('row', { name: /^Export .*demo-backend/ });
    await row
      .getByText(/resources?$/)
      .first()
      .waitFor();
    expect(await jobs.textContent()).not.toContain('Alvarez');
    await check(page, 'jobs');
    await row.getByRole('button', { name: /End export|Remove files/ }).click();
    await expectNoAxeViolations(page);
    const ended = page.waitForResponse((response) => response.request().method() === 'DELETE');
    await page
      .getByRole('dialog')
      .getByRole('button', { name: /End export|Remove files/ })
      .click();
    expect((await ended).status()).toBe(204);
    // What is behind a dialog has no role.
    await page.getByRole('dialog').waitFor({ state: 'detached' });
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
        { resourceType: 'ValueSet', id: 'colours', url, status: 'active' } as {
          resourceType: string;
          id: string;
        },
        { resourceType: 'ValueSet', id: 'faulty' },
      ],
    });
    const { page, faults } = await openPage(browser);
    await logIn(page, system);
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
    expect(faults).toEqual([]);
  },
  240_000,
);
