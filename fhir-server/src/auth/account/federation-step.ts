/** The part of a log-in that happens at an identity provider, and what comes back from there. */
import { text, type Step } from '../interaction-step.ts';
import { loadUser } from '../user-store.ts';
import { ACR_TWO_FACTORS, hasTwoFactors } from './assurance.ts';
import { createFederatedUser, findIdentity, keepFederation, takeFederation } from './federation-store.ts';
import type { VerifiedIdentity } from './identity-provider.ts';
import { keepProgress } from './login-progress.ts';
import type { StepResult } from './login-step.ts';
import { noteAccountEvent, type AccountServices } from './services.ts';

export async function beginFederation(services: AccountServices, step: Step): Promise<StepResult> {
  const { federation, pool } = services;
  const provider = federation.find(text(step.form['provider']));
  if (provider === undefined) return { status: 400, fault: 'There is no such identity provider.' };
  const begun = await federation.begin(provider).catch(() => undefined);
  if (begun === undefined) return { status: 502, fault: `${provider.name} cannot be reached at the moment.` };
  await keepFederation(pool, begun.checks, { provider: provider.id, interaction: step.details.uid });
  step.response.redirect(303, begun.url.href);
  return 'answered';
}

/** The answer is good once, and for the browser that was sent there: its interaction must be this one. */
export async function finishFederation(services: AccountServices, step: Step): Promise<StepResult> {
  const { federation, pool } = services;
  const { request, details } = step;
  const query = new URL(request.originalUrl, 'http://localhost').searchParams;
  const taken = await takeFederation(pool, text(query.get('state')), { interaction: details.uid });
  const provider = taken && federation.find(taken.target.provider);
  if (taken === undefined || provider === undefined)
    return { status: 400, fault: 'This answer of the identity provider has expired or was used.' };
  const identity = await federation.finish(provider, query, taken.checks).catch(() => undefined);
  if (identity === undefined) return refuse(services, step, provider.name);
  const known = await findIdentity(pool, identity);
  const userId = known ?? (await createFederatedUser(pool, provider.id, identity));
  const user = await loadUser(pool, userId);
  if (user === undefined) return refuse(services, step, provider.name);
  if (known === undefined)
    await noteAccountEvent(services, request, {
      code: 'user-change',
      outcome: '0',
      reason: 'account made for an identity of an identity provider, without a role',
      clientId: step.client.clientId,
      user,
    });
  const amr = provider.trustsSecondFactor && showsTwoFactors(identity) ? ['mfa'] : [];
  await keepProgress(pool, details.uid, { userId, amr, identityProvider: provider.id });
  return {};
}

const showsTwoFactors = ({ amr, acr }: VerifiedIdentity): boolean =>
  hasTwoFactors(amr) || acr === ACR_TWO_FACTORS;

async function refuse(services: AccountServices, step: Step, provider: string): Promise<StepResult> {
  await noteAccountEvent(services, step.request, {
    code: 'login',
    outcome: '4',
    reason: 'the answer of the identity provider was refused',
    clientId: step.client.clientId,
  });
  return { status: 401, fault: `The log-in with ${provider} did not succeed.` };
}
