/** The SMART session of this page: one FHIR server, one patient, one user. */
import type Client from 'fhirclient/lib/Client';

export interface Session {
  readonly patientId: string;
  /** `Practitioner/123`. */
  readonly fhirUser: string;
  readonly encounterId?: string;
}

export class ApiError extends Error {
  readonly status: number;
  constructor(status: number, text: string) {
    super(text);
    this.status = status;
  }
}

let client: Client | undefined;

/** Throws Error when the launch gave no patient. */
export function openSession(opened: Client): Session {
  client = opened;
  const patientId = opened.getPatientId();
  if (patientId === null) throw new Error('The launch names no patient. Start again from the EHR.');
  const fhirUser = (opened.getFhirUser() ?? '').split('/').slice(-2).join('/');
  const encounterId = opened.getEncounterId();
  return { patientId, fhirUser, ...(encounterId === null ? {} : { encounterId }) };
}

export interface Call {
  readonly method?: 'GET' | 'POST' | 'PUT';
  readonly body?: BodyInit;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Relative to the FHIR base. Renews the access token when it is about to end. Throws ApiError in the server's words. */
export async function call(
  url: string,
  { method = 'GET', body, headers = {} }: Call = {},
): Promise<Response> {
  if (client === undefined) throw new ApiError(401, 'There is no session.');
  await client.refreshIfNeeded();
  const token = client.state.tokenResponse?.access_token ?? '';
  const response = await fetch(`${client.state.serverUrl}/${url}`, {
    method,
    headers: { Authorization: `Bearer ${token}`, Accept: 'application/fhir+json', ...headers },
    ...(body === undefined ? {} : { body }),
  });
  if (response.ok) return response;
  const outcome = (await response.json().catch(() => undefined)) as
    { issue?: { diagnostics?: string }[] } | undefined;
  const text = outcome?.issue
    ?.map((i) => i.diagnostics)
    .filter(Boolean)
    .join(' ');
  throw new ApiError(
    response.status,
    text === undefined || text === '' ? `The server answered ${response.status}.` : text,
  );
}

export async function callJson<T>(
  url: string,
  sent?: { method: 'POST' | 'PUT'; resource: object },
): Promise<T> {
  const response = await call(
    url,
    sent && {
      method: sent.method,
      body: JSON.stringify(sent.resource),
      headers: { 'Content-Type': 'application/fhir+json' },
    },
  );
  return (await response.json()) as T;
}
