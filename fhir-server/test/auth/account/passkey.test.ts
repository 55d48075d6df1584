/** A passkey in a real browser, with an authenticator that the browser plays. https://www.w3.org/TR/webauthn-3/ */
import { afterAll, beforeAll, expect } from '@jest/globals';
import { chromium as browsers, type Browser, type Page } from 'playwright-core';
import { ACCOUNT } from '../../support/account.ts';
import { chromium, testWith } from '../../support/requirement.ts';
import { PASSWORD, startTestServer, type TestServer } from '../../support/server.ts';

const found = chromium();
let server: TestServer;
let browser: Browser | undefined;

beforeAll(async () => {
  if (found.path === undefined) return;
  server = await startTestServer();
  browser = await browsers.launch({ executablePath: found.path, args: ['--no-sandbox'] });
}, 60_000);
afterAll(async () => {
  await browser?.close();
  await server?.close();
});

async function logIn(page: Page): Promise<void> {
  await page.getByLabel('User name').fill('patient');
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Log in' }).click();
}

testWith(found)(
  'A passkey is set up, asked for at the next log-in, and opens it; the pages run no other script (smart 175).',
  async () => {
    const context = await browser!.newContext();
    const page = await context.newPage();
    const blocked: string[] = [];
    page.on('console', (message) => {
      if (/Content Security Policy/i.test(message.text())) blocked.push(message.text());
    });
    const devtools = await context.newCDPSession(page);
    await devtools.send('WebAuthn.enable');
    await devtools.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        transport: 'usb',
        hasResidentKey: false,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    });
    await page.goto(`${server.baseUrl}${ACCOUNT}`);
    await logIn(page);
    await page.getByRole('heading', { name: 'Your account' }).waitFor();
    await page.getByRole('link', { name: /Second factor/ }).click();
    await page.getByLabel('Name of the new one').fill('Key ring');
    await page.getByRole('button', { name: 'Add a passkey' }).click();
    await page.getByRole('heading', { name: 'Your recovery codes' }).waitFor();
    expect(await page.getByText('Key ring', { exact: true }).count()).toBe(1);
    await context.clearCookies();
    await page.goto(`${server.baseUrl}${ACCOUNT}`);
    await logIn(page);
    await page.getByRole('button', { name: 'Use a passkey' }).waitFor();
    await page.getByRole('button', { name: 'Use a passkey' }).click();
    await page.getByRole('heading', { name: 'Your account' }).waitFor();
    await page.getByRole('link', { name: 'Log out', exact: true }).click();
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.getByRole('heading', { name: 'Goodbye' }).waitFor();
    expect(blocked).toEqual([]);
  },
  60_000,
);
