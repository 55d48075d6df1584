/** The SMART session of this page (https://hl7.org/fhir/smart-app-launch/): one FHIR server, one user, one token. */
import FHIR from 'fhirclient';
import type Client from 'fhirclient/lib/Client';
import { holdTokensOf } from './call.ts';
import { keepFirstPlace, returnToKeptPlace } from './log-in-again.ts';

/** How the app is registered, and what it asks for. */
export interface SmartApp {
  readonly clientId: string;
  /** Scopes of a standalone launch, separated by spaces. */
  readonly scope: string;
}

export interface Session {
  /** Without a slash at the end. */
  readonly fhirBase: string;
  /** `Practitioner/123`; empty when the scopes did not ask for it. */
  readonly fhirUser: string;
  /** Granted scopes. */
  readonly scopes: readonly string[];
  readonly patientId?: string;
  readonly encounterId?: string;
}

export type PatientSession = Session & { readonly patientId: string };

function sessionOf(client: Client): Session {
  const [patientId, encounterId] = [client.getPatientId(), client.getEncounterId()];
  return {
    fhirBase: client.state.serverUrl.replace(/\/$/, ''),
    fhirUser: (client.getFhirUser() ?? '').split('/').slice(-2).join('/'),
    scopes: (client.state.tokenResponse?.scope ?? '').split(' ').filter(Boolean),
    ...(patientId === null ? {} : { patientId }),
    ...(encounterId === null ? {} : { encounterId }),
  };
}

/**
 * Completes the launch that led here, goes on with this tab's session, or starts a standalone launch; in the
 * last case the page is left and the promise stays open. Throws Error in the authorization server's words.
 */
export async function openSession({ clientId, scope }: SmartApp): Promise<Session> {
  // A client without a secret says who it is when it renews its token (RFC 6749, section 6).
  const settings = FHIR.oauth2.settings as { refreshTokenWithClientId?: boolean };
  settings.refreshTokenWithClientId = true;
  keepFirstPlace();
  const client = await FHIR.oauth2.init({
    clientId,
    scope,
    iss: `${location.origin}/fhir/R4`,
    redirectUri: new URL('./', location.href).href,
  });
  holdTokensOf(client);
  const session = sessionOf(client);
  returnToKeptPlace(session.patientId);
  return session;
}

/** On the page at which an EHR launch arrives: asks for access to what is in context, and leaves the page. */
export async function launchFromEhr({ clientId, scope }: SmartApp): Promise<void> {
  // A launch is a new patient: nothing of the last one stays in this tab.
  sessionStorage.clear();
  await FHIR.oauth2.authorize({ clientId, scope, redirectUri: new URL('./', location.href).href });
}
