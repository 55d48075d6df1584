/** An app of somebody else: a page of its own origin that finishes SMART launches, of an EHR and its own, with nothing but the browser, and shows its context. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { commandLine } from '../../../../fhir-server/test/support/command-line.ts';
import type { WholeSystem } from '../../../../scripts/test/support/whole-system.ts';

export interface ForeignApp {
  readonly origin: string;
  readonly clientId: string;
  /** How often somebody asked for its logo, and with which Referer. */
  readonly logoRequests: readonly (string | undefined)[];
  close(): void;
}

const LOGO = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==',
  'base64',
);

/** Registers itself as its maker would, with an initial access token of the clinic. */
export async function startForeignApp(
  system: WholeSystem,
  metadata: Readonly<Record<string, unknown>> = {},
): Promise<ForeignApp> {
  const logoRequests: (string | undefined)[] = [];
  let clientId = '';
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://app');
    if (pathname === '/logo.png') {
      logoRequests.push(request.headers.referer);
      response.setHeader('Content-Type', 'image/png');
      response.end(LOGO);
      return;
    }
    response.setHeader('Content-Type', 'text/html');
    response.end(page(system.demo.fhirBase, clientId));
  });
  await listening(server);
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  clientId = await register(system, {
    client_name: 'Growth charts',
    application_type: 'native',
    redirect_uris: [`${origin}/callback`],
    launch_uris: [`${origin}/launch`],
    launch_intents: ['percentiles'],
    client_uri: `${origin}/home`,
    policy_uri: `${origin}/privacy`,
    logo_uri: `${origin}/logo.png`,
    token_endpoint_auth_method: 'none',
    scope: 'launch launch/patient patient/Patient.rs patient/Observation.rs',
    ...metadata,
  });
  return { origin, clientId, logoRequests, close: () => void server.close() };
}

const listening = (server: Server): Promise<void> =>
  new Promise((resolve) => void server.listen(0, '127.0.0.1', resolve));

async function register({ demo, databaseUrl }: WholeSystem, metadata: object): Promise<string> {
  const cli = commandLine({ DATABASE_URL: databaseUrl });
  const { code, told } = await cli.run([
    'registration',
    'token',
    'openid launch launch/patient patient/*.rs',
  ]);
  if (code !== 0) throw new Error(told);
  const response = await fetch(`${demo.issuer}/register`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${told.trim()}`, 'Content-Type': 'application/json' },
    body: JSON.stringify(metadata),
  });
  const answer = (await response.json()) as { client_id?: string };
  if (answer.client_id === undefined) throw new Error(JSON.stringify(answer));
  return answer.client_id;
}

/** https://hl7.org/fhir/smart-app-launch/STU2.2/app-launch.html, with PKCE, as small as it can be. */
const page = (fhirBase: string, clientId: string): string => `<!doctype html>
<html lang="en"><title>Growth charts</title><main><h1>Growth charts</h1><p id="context"></p></main><script type="module">
const query = new URLSearchParams(location.search);
const redirect_uri = location.origin + '/callback';
const client_id = ${JSON.stringify(clientId)};
const base64 = (bytes) => btoa(String.fromCharCode(...bytes)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
if (location.pathname === '/launch' || location.pathname === '/home') {
  const iss = query.get('iss') ?? ${JSON.stringify(fhirBase)};
  const launch = query.get('launch');
  const smart = await (await fetch(iss + '/.well-known/smart-configuration')).json();
  const verifier = base64(crypto.getRandomValues(new Uint8Array(32)));
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier));
  sessionStorage.setItem('launch', JSON.stringify({ verifier, token: smart.token_endpoint }));
  location.replace(smart.authorization_endpoint + '?' + new URLSearchParams({
    response_type: 'code', client_id, redirect_uri, aud: iss, state: 'x',
    scope: (launch === null ? 'openid launch/patient' : 'launch') + ' patient/Patient.rs', ...(launch === null ? {} : { launch }),
    code_challenge: base64(new Uint8Array(digest)), code_challenge_method: 'S256' }));
} else if (location.pathname === '/callback') {
  const { verifier, token } = JSON.parse(sessionStorage.getItem('launch'));
  const body = new URLSearchParams({ grant_type: 'authorization_code', client_id, redirect_uri, code: query.get('code'), code_verifier: verifier });
  const { patient, encounter, intent } = await (await fetch(token, { method: 'POST', body })).json();
  document.querySelector('#context').textContent = JSON.stringify({ patient, encounter, intent });
}
</script></html>`;
