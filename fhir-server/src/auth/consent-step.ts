/** After the log-in: what the person allows, scope by scope. https://hl7.org/fhir/smart-app-launch/STU2.2/app-launch.html#obtain-authorization-code */
import type Provider from 'oidc-provider';
import type { CriteriaContext } from '../access/index.ts';
import type { AuditLog, Outcome } from '../audit/index.ts';
import { clientAddress } from '../platform/client-address.ts';
import { ACCOUNT_CLIENT } from './account/account-client.ts';
import { noRolePage } from './account/account-pages.ts';
import { grantableScopes } from './admin-scope.ts';
import { allowedScopes, SMART_SCOPES } from './client-store.ts';
import { consentPage } from './consent-pages.ts';
import { chooseContext, type ContextOptions } from './context-step.ts';
import { text, words, type Step } from './interaction-step.ts';
import { keepGrantContext, redeemLaunch, type LaunchContext } from './launch-store.ts';
import { chosenScopes, narrowerScopes } from './narrowing.ts';
import { scopeInWords } from './scope-words.ts';
import { seal, unseal } from './seal.ts';
import { noteSecurityEvent } from './security-event.ts';
import { loadUser, type UserAccount } from './user-store.ts';

export interface ConsentOptions extends ContextOptions {
  readonly provider: Provider;
  readonly criteria: CriteriaContext;
  readonly audit: Pick<AuditLog, 'note'>;
}

/** Answers the request: with a page, with the code, or with a refusal to the app. */
export async function consent(options: ConsentOptions, step: Step): Promise<void> {
  const { details, client, form } = step;
  const user = await loadUser(options.pool, details.session?.accountId ?? '');
  if (user === undefined || form['decision'] === 'deny')
    return refuse(options, step, user, 'access_denied', 'The user did not allow access.');
  if (user.role === undefined && client.clientId !== ACCOUNT_CLIENT) {
    step.response.status(403).send(noRolePage());
    return;
  }
  const requested = allowedScopes(client, words(details.params['scope']), options.criteria);
  const grantable = await grantableScopes(options.pool, user.role, requested);
  if (grantable.length === 0)
    return refuse(
      options,
      step,
      user,
      'invalid_scope',
      'None of the scopes is one that this app may ask for.',
    );
  const picked = await chooseContext(options, step, user, requested);
  if (picked === 'answered') return;
  const isAsked = client.skipConsent !== true;
  const key = { secret: options.config.secret, uid: details.uid };
  // The seal shows that the form is of this interaction's page.
  if (isAsked && !(form['step'] === 'consent' && unseal(key, text(form['picked'])) !== undefined)) {
    sendConsentPage(step, user, grantable, seal(key, picked.patient ?? ''));
    return;
  }
  const chosen = isAsked ? chosenScopes(grantable, fields(form['scope']), fields(form['narrow'])) : grantable;
  if (chosen.length === 0)
    return refuse(options, step, user, 'access_denied', 'The user allowed nothing of what was asked for.');
  await grant(options, step, user, { requested, chosen, picked });
}

const fields = (value: unknown): ReadonlySet<string> => new Set([value].flat().map(text));

function sendConsentPage(
  { response, details, client }: Step,
  user: UserAccount,
  requested: readonly string[],
  picked: string,
): void {
  const reader = user.fhirUser?.startsWith('Patient/') === true ? 'patient' : 'clinician';
  response.send(
    consentPage({
      app: client.name,
      redirect: text(details.params['redirect_uri']),
      picked,
      isOffline: requested.includes('offline_access'),
      scopes: requested.map((scope) => ({
        scope,
        words: scopeInWords(scope, reader),
        narrower: narrowerScopes(scope),
      })),
    }),
  );
}

interface Decision {
  readonly requested: readonly string[];
  readonly chosen: readonly string[];
  readonly picked: LaunchContext;
}

async function grant(
  options: ConsentOptions,
  step: Step,
  user: UserAccount,
  { requested, chosen, picked }: Decision,
): Promise<void> {
  const { provider, pool, config } = options;
  const { request, response, details, client } = step;
  const { launch } = details.params;
  const fromEhr =
    typeof launch === 'string' ? await redeemLaunch(pool, launch, client.clientId, user.id) : undefined;
  if (typeof launch === 'string' && fromEhr === undefined) {
    const why = 'The launch has expired, was used, or belongs to another user.';
    return refuse(options, step, user, 'invalid_request', why);
  }
  const granted = new provider.Grant({ accountId: user.id, clientId: client.clientId });
  const denied = requested.filter((s) => !chosen.includes(s));
  for (const scope of chosen) granted.addResourceScope(config.fhirBase, scope);
  for (const scope of denied) granted.rejectResourceScope(config.fhirBase, scope);
  for (const scope of requested.filter((s) => SMART_SCOPES.includes(s))) {
    if (chosen.includes(scope)) granted.addOIDCScope(scope);
    else granted.rejectOIDCScope(scope);
  }
  const grantId = await granted.save();
  const context = { ...picked, ...fromEhr };
  await keepGrantContext(pool, grantId, context, fromEhr !== undefined);
  // What was narrowed down takes the place of what was asked for: scopes that are not in the request are not granted.
  details.params['scope'] = chosen.join(' ');
  await details.save(details.exp - Math.floor(Date.now() / 1000));
  await noteConsent(options, step, user, { outcome: '0', patient: context.patient });
  await provider.interactionFinished(
    request,
    response,
    { consent: { grantId } },
    { mergeWithLastSubmission: true },
  );
}

/** Back to the app, without any right. */
async function refuse(
  options: ConsentOptions,
  step: Step,
  user: UserAccount | undefined,
  error: string,
  description: string,
): Promise<void> {
  await noteConsent(options, step, user, { outcome: '4', reason: description });
  await options.provider.interactionFinished(
    step.request,
    step.response,
    { error, error_description: description },
    { mergeWithLastSubmission: false },
  );
}

function noteConsent(
  { audit, config }: ConsentOptions,
  { request, client }: Step,
  user: UserAccount | undefined,
  { outcome, reason, patient }: { outcome: Outcome; reason?: string; patient?: string | undefined },
): Promise<void> {
  return noteSecurityEvent(audit, {
    code: 'consent',
    outcome,
    ...(reason === undefined ? {} : { reason }),
    agent: {
      clientId: client.clientId,
      userId: user?.id,
      fhirUser: user?.fhirUser,
      address: clientAddress(request, config.account.trustedProxies),
    },
    ...(patient === undefined ? {} : { touched: [[`Patient/${patient}`]] }),
  });
}
