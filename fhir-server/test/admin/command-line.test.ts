/** Administration from the command line: the first administrator, and what the operator does without the API. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import pg from 'pg';
import { ADMINISTRATION } from '../../src/cli/administration-commands.ts';
import { loadConfig, type Config } from '../../src/platform/config.ts';
import { adminRequest, consoleTokens, provisionAdministrators, serviceTokens } from '../support/admin.ts';
import { commandLine, type CommandLine, type Ran } from '../support/command-line.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const PASSWORD = 'a long and winding password';
let server: TestServer;
let database: pg.Client;
let folder: string;
let cli: CommandLine;
let config: Config;

const file = (name: string, content: unknown): string => {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
};

beforeAll(async () => {
  server = await startTestServer();
  await provisionAdministrators(server);
  database = new pg.Client({ connectionString: server.databaseUrl });
  await database.connect();
  folder = mkdtempSync(join(tmpdir(), 'dr-assistant-admin-'));
  const settings = { DATABASE_URL: server.databaseUrl, BASE_URL: server.baseUrl };
  cli = commandLine(settings);
  config = loadConfig({ ...settings, COOKIE_SECRET: 'x'.repeat(32), LOG_LEVEL: 'fatal' });
}, 60_000);

afterAll(async () => {
  await database.end();
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

/** With the text on the standard input of a process of its own. */
async function withInput(args: readonly string[], input: string): Promise<Ran> {
  const child = cli.start(args);
  let told = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => (told += String(part)));
  child.stdin.end(input);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, told };
}

/** The same commands in this process, which need not load everything anew; 2 is for arguments that they do not take. */
async function run(args: readonly string[]): Promise<Ran> {
  const lines: string[] = [];
  const keep = (line: unknown): void => void lines.push(String(line));
  const spies = [jest.spyOn(console, 'log'), jest.spyOn(console, 'error')];
  for (const spy of spies) spy.mockImplementation(keep);
  try {
    const command = ADMINISTRATION.find(({ words }) => words.every((word, i) => args[i] === word));
    const running = command?.run(() => config, args.slice(command.words.length));
    if (running === undefined) return { code: 2, told: '' };
    await running;
    return { code: Number(process.exitCode ?? 0), told: lines.join('\n') };
  } finally {
    process.exitCode = undefined;
    for (const spy of spies) spy.mockRestore();
  }
}

test('The first administrator gets a password from the standard input or a file, administers, and is in the audit.', async () => {
  const create = ['admin', 'create', 'ada', '--fhir-user', 'Practitioner/ada'];
  const created = await withInput(create, `${PASSWORD}\n`);
  expect([created.code, created.told]).toEqual([0, expect.stringContaining('ada is created with the role admin')]);
  expect(created.told).not.toContain(PASSWORD);
  const { access_token: token } = await consoleTokens(server, 'ada', 'admin/users.read', PASSWORD);
  expect((await adminRequest(server, token, 'GET', '/users')).status).toBe(200);
  const again = await run([...create, '--password-file', file('password', PASSWORD)]);
  expect([again.code, again.told]).toEqual([1, 'There is a user of this name']);
  const weak = await run([...create, '--password-file', file('weak', 'short')]);
  expect([weak.code, weak.told]).toEqual([1, expect.stringContaining('at least')]);
  const { rows } = await database.query<{ record: string }>(`select record::text from audit.pending where record::text like '%command-line%'`); // prettier-ignore
  expect(rows.some(({ record }) => record.includes('user-change') && !record.includes(PASSWORD))).toBe(true);
  for (const args of [['admin', 'create', 'x'], ['admin', 'create', 'x', '--fhir-user', 'Practitioner/1', '--password', PASSWORD], ['user', 'disable'], ['user', 'password', '--all']])
    expect([args, (await run(args)).code]).toEqual([args, 2]);
}, 60_000); // prettier-ignore

test('Users, clients and policies are kept by the rules of the API.', async () => {
  const user = await run(['user', 'create', 'nick', 'nurse', 'Practitioner/nick']);
  expect([user.code, user.told]).toEqual([0, expect.stringMatching(/Temporary password of nick: \S{20}/)]);
  expect((await run(['user', 'role', 'nick', 'nothing'])).told).toContain('role names no policy');
  expect((await run(['user', 'role', 'nick', 'doctor'])).code).toBe(0);
  expect((await run(['user', 'disable', 'nick'])).code).toBe(0);
  expect((await run(['user', 'list'])).told).toMatch(/^nick {2}doctor {2}Practitioner\/nick .* disabled$/m);
  expect((await run(['user', 'disable', 'nobody'])).told).toContain('no such user');
  const made = await run(['client', 'create', file('client.json', { clientId: 'by-hand', name: 'By hand', scope: 'system/Patient.rs', secret: true })]); // prettier-ignore
  const secret = /^Secret: (\S+)$/m.exec(made.told)?.[1] ?? '';
  expect((await serviceTokens(server, 'by-hand', 'system/Patient.rs', secret)).access_token).toBeDefined();
  const bad = await run(['client', 'create', file('bad.json', { name: 'x', scope: 'root', redirectUris: ['http://x.example/'] })]); // prettier-ignore
  expect([bad.code, bad.told]).toEqual([1, expect.stringMatching(/redirectUris\[0\] must be https[^]*scope has a scope/)]); // prettier-ignore
  expect((await run(['client', 'delete', 'by-hand'])).code).toBe(0);
  const policy = { name: 'by-hand', rules: [{ resourceType: 'Patient', interactions: ['read'] }] };
  expect((await run(['policy', 'put', file('policy.json', policy)])).code).toBe(0);
  expect(JSON.parse((await run(['policy', 'show', 'by-hand'])).told)).toEqual(policy);
  const broken = await run(['policy', 'put', file('broken.json', { ...policy, rules: [{ resourceType: 'Patient', interactions: ['read'], criteria: 'nothing=x' }] })]); // prettier-ignore
  expect([broken.code, broken.told]).toEqual([1, expect.stringContaining('rules[0].criteria')]);
  expect((await run(['policy', 'delete', 'by-hand'])).code).toBe(0);
}, 60_000);
