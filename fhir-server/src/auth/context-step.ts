/** Whose record an app will see: from the EHR's launch, from who the user is, or by his choice. https://hl7.org/fhir/smart-app-launch/STU2.2/scopes-and-launch-context.html */
import { parseScope, type Principal } from '../access/index.ts';
import type { Pool } from '../db/index.ts';
import { FhirError } from '../fhir/outcome.ts';
import type { Config } from '../platform/config.ts';
import type { ChartLookup } from './chart-lookup.ts';
import type { ClientDocument } from './client-store.ts';
import { noPatientPage, pickerPage, type OfferedPatient } from './consent-pages.ts';
import { text, type Step } from './interaction-step.ts';
import { peekLaunch, type LaunchContext } from './launch-store.ts';
import { loadPrincipalFor } from './owner-principal.ts';
import { unseal } from './seal.ts';
import type { UserAccount } from './user-store.ts';

export interface ContextOptions extends ChartLookup {
  readonly pool: Pool;
  readonly config: Config;
}

/**
 * `answered` when a page was sent on which to choose. The patient may have been chosen on an earlier page of this
 * interaction: the seal binds the choice to it. Nothing for a launch whose patient the EHR has chosen.
 */
export async function chooseContext(
  options: ContextOptions,
  step: Step,
  user: UserAccount,
  requested: readonly string[],
): Promise<LaunchContext | 'answered'> {
  const { details, client, form } = step;
  const { launch } = details.params;
  const fromEhr =
    typeof launch === 'string' ? await peekLaunch(options.pool, launch, client.clientId) : undefined;
  if (fromEhr?.patient !== undefined) return {};
  const needsPatient =
    requested.includes('launch/patient') || requested.some((s) => parseScope(s)?.level === 'patient');
  if (!needsPatient) return {};
  const patient = user.fhirUser?.startsWith('Patient/')
    ? user.fhirUser.slice('Patient/'.length)
    : form['step'] === 'consent'
      ? unseal({ secret: options.config.secret, uid: details.uid }, text(form['picked']))
      : undefined;
  if (patient) return withEncounter(options, step, user, requested, patient);
  return pickPatient(options, step, user, requested);
}

async function pickPatient(
  options: ContextOptions,
  step: Step,
  user: UserAccount,
  requested: readonly string[],
): Promise<LaunchContext | 'answered'> {
  const { client, form, request, response } = step;
  const principal = await readerFor(options.pool, client, user, 'Patient');
  const patient = form['step'] === 'patient' ? text(form['patient']) : '';
  if (patient !== '' && (await options.mayRead(principal, `Patient/${patient}`)))
    return withEncounter(options, step, user, requested, patient);
  const name = text(request.query['name']);
  const offered = await offeredPatients(options, principal, name);
  const fault = patient === '' ? undefined : 'There is no such patient among those that you may see.';
  if (fault !== undefined) response.status(403);
  response.send(
    offered.length === 0 && name === ''
      ? noPatientPage(client.name)
      : pickerPage(client.name, name, offered, fault),
  );
  return 'answered';
}

/** None for whose role sees no patients at all. */
async function offeredPatients(
  options: ContextOptions,
  principal: Principal,
  name: string,
): Promise<readonly OfferedPatient[]> {
  try {
    return await options.findPatients(principal, name);
  } catch (error) {
    if (error instanceof FhirError && error.status === 403) return [];
    throw error;
  }
}

/** Who asks for a visit gets the one that goes on at present, if there is one. */
async function withEncounter(
  options: ContextOptions,
  { client }: Step,
  user: UserAccount,
  requested: readonly string[],
  patient: string,
): Promise<LaunchContext> {
  if (!requested.includes('launch/encounter')) return { patient };
  const principal = await readerFor(options.pool, client, user, 'Encounter');
  return { patient, encounter: await options.currentEncounter(principal, patient) };
}

/** The user's own rights to a type, whatever the app asked for. */
async function readerFor(
  pool: Pool,
  client: ClientDocument,
  user: UserAccount,
  resourceType: string,
): Promise<Principal> {
  const principal = await loadPrincipalFor(pool, { clientId: client.clientId, userId: user.id });
  if (principal === undefined) throw new Error('the user was disabled meanwhile');
  return { ...principal, scopes: [parseScope(`user/${resourceType}.rs`)!] };
}
