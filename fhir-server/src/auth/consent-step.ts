/** After the log-in: the patient in context, and what the person allows. https://hl7.org/fhir/smart-app-launch/STU2.2/app-launch.html#obtain-authorization-code */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type Provider from 'oidc-provider';
import { parseScope, type CriteriaContext, type Principal } from '../access/index.ts';
import type { AuditLog } from '../audit/index.ts';
import type { Pool } from '../db/index.ts';
import type { Config } from '../platform/config.ts';
import type { ChartLookup } from './chart-lookup.ts';
import { allowedScopes, STATIC_SCOPES, type ClientDocument } from './client-store.ts';
import { consentPage, pickerPage } from './consent-pages.ts';
import { text, words, type Step } from './interaction-step.ts';
import { keepGrantContext, peekLaunch, redeemLaunch, type LaunchContext } from './launch-store.ts';
import { loadPrincipalFor } from './owner-principal.ts';
import { scopeInWords } from './scope-words.ts';
import { loadUser, type UserAccount } from './user-store.ts';

export interface ConsentOptions extends ChartLookup {
  readonly provider: Provider;
  readonly pool: Pool;
  readonly config: Config;
  readonly criteria: CriteriaContext;
  readonly audit: Pick<AuditLog, 'note'>;
}

export async function consent(options: ConsentOptions, step: Step): Promise<void> {
  const { provider, pool } = options;
  const { response, details, client, form } = step;
  const user = await loadUser(pool, details.session?.accountId ?? '');
  if (user === undefined || form['decision'] === 'deny') {
    await refuse(provider, step, 'access_denied', 'The user did not allow access.');
    return;
  }
  const requested = allowedScopes(client, words(details.params['scope']), options.criteria);
  const picked = await chooseContext(options, step, user, requested);
  if (picked === 'answered') return;
  if (client.skipConsent !== true && form['step'] !== 'consent') {
    const offered = requested.map((scope) => ({ scope, words: scopeInWords(scope) }));
    response.send(
      consentPage(client.name, sealed(options.config, details.uid, picked.patient ?? ''), offered),
    );
    return;
  }
  const chosen =
    client.skipConsent === true ? requested : requested.filter((s) => [form['scope']].flat().includes(s));
  await grant(options, step, user, requested, chosen, picked);
}

/** The patient may have been chosen on an earlier page of this interaction; the seal binds the choice to it. */
async function chooseContext(
  options: ConsentOptions,
  step: Step,
  user: UserAccount,
  requested: readonly string[],
): Promise<LaunchContext | 'answered'> {
  const { details, client, form, request, response } = step;
  const { launch } = details.params;
  const fromEhr =
    typeof launch === 'string' ? await peekLaunch(options.pool, launch, client.clientId) : undefined;
  if (fromEhr?.patient !== undefined) return {};
  const needsPatient =
    requested.includes('launch/patient') || requested.some((s) => parseScope(s)?.level === 'patient');
  if (!needsPatient) return {};
  if (user.fhirUser.startsWith('Patient/')) return { patient: user.fhirUser.slice('Patient/'.length) };
  if (form['step'] === 'consent') {
    const patient = opened(options.config, details.uid, text(form['picked']));
    if (patient !== undefined) return { patient };
  }
  const principal = await readerFor(options.pool, client, user);
  const patient = form['step'] === 'patient' ? text(form['patient']) : '';
  if (patient !== '' && (await options.mayRead(principal, `Patient/${patient}`))) return { patient };
  const name = text(request.query['name']);
  const fault = patient === '' ? undefined : 'There is no such patient among those that you may see.';
  if (fault !== undefined) response.status(403);
  response.send(pickerPage(client.name, name, await options.findPatients(principal, name), fault));
  return 'answered';
}

/** The user's own rights to patients, whatever the app asked for. */
async function readerFor(pool: Pool, client: ClientDocument, user: UserAccount): Promise<Principal> {
  const principal = await loadPrincipalFor(pool, { clientId: client.clientId, userId: user.id });
  if (principal === undefined) throw new Error('the user was disabled meanwhile');
  return { ...principal, scopes: [parseScope('user/Patient.rs')!] };
}

async function grant(
  { provider, pool, config }: ConsentOptions,
  step: Step,
  user: UserAccount,
  requested: readonly string[],
  chosen: readonly string[],
  picked: LaunchContext,
): Promise<void> {
  const { request, response, details, client } = step;
  const launch = details.params['launch'];
  const fromEhr =
    typeof launch === 'string' ? await redeemLaunch(pool, launch, client.clientId, user.id) : undefined;
  if (typeof launch === 'string' && fromEhr === undefined) {
    await refuse(
      provider,
      step,
      'invalid_request',
      'The launch has expired, was used, or belongs to another user.',
    );
    return;
  }
  const granted = new provider.Grant({ accountId: user.id, clientId: client.clientId });
  const denied = requested.filter((s) => !chosen.includes(s));
  for (const scope of chosen) granted.addResourceScope(config.fhirBase, scope);
  for (const scope of denied) granted.rejectResourceScope(config.fhirBase, scope);
  for (const scope of words(details.params['scope']).filter((s) => STATIC_SCOPES.includes(s))) {
    if (chosen.includes(scope)) granted.addOIDCScope(scope);
    else granted.rejectOIDCScope(scope);
  }
  const grantId = await granted.save();
  await keepGrantContext(pool, grantId, { ...picked, ...fromEhr }, fromEhr !== undefined);
  await provider.interactionFinished(
    request,
    response,
    { consent: { grantId } },
    { mergeWithLastSubmission: true },
  );
}

const refuse = (provider: Provider, step: Step, error: string, description: string): Promise<void> =>
  provider.interactionFinished(
    step.request,
    step.response,
    { error, error_description: description },
    { mergeWithLastSubmission: false },
  );

const seal = (config: Config, uid: string, patient: string): string =>
  createHmac('sha256', config.secret).update(`picked\n${uid}\n${patient}`).digest('base64url');

const sealed = (config: Config, uid: string, patient: string): string =>
  patient === '' ? '' : `${patient}~${seal(config, uid, patient)}`;

function opened(config: Config, uid: string, value: string): string | undefined {
  const [patient = '', given = ''] = value.split('~');
  const [a, b] = [Buffer.from(given), Buffer.from(seal(config, uid, patient))];
  return patient !== '' && a.length === b.length && timingSafeEqual(a, b) ? patient : undefined;
}
