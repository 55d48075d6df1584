/** The log-in of an authorization: nothing goes on until all factors are shown. https://openid.net/specs/openid-connect-core-1_0.html#Authenticates */
import { clientAddress } from '../../platform/client-address.ts';
import { text, type Step } from '../interaction-step.ts';
import { allowOwnScript } from '../page-headers.ts';
import { loadUser, type UserAccount } from '../user-store.ts';
import { acrOf, asksSecondFactor, hasTwoFactors } from './assurance.ts';
import { hasFactor, loadFactors } from './factors.ts';
import { beginFederation, finishFederation } from './federation-step.ts';
import { enrolPage, factorPage, loginPage, newPasswordPage } from './login-pages.ts';
import { checkPassword } from './login-limits.ts';
import {
  endProgress,
  keepChallenge,
  keepProgress,
  loadProgress,
  type LoginProgress,
} from './login-progress.ts';
import { passkeyRequest } from './passkeys.ts';
import { takeNewPassword } from './new-password.ts';
import { enrol, withPasskey, withRecoveryCode, withTotp } from './second-factor-step.ts';
import { noteAccountEvent, relyingParty, type AccountServices } from './services.ts';
import { beginTotp } from './totp.ts';

export type { AccountServices as LoginOptions } from './services.ts';

/** What a form led to: on with the log-in, or once more with what was wrong; `answered` when it sent its own page. */
export type StepResult =
  'answered' | { readonly fault?: string; readonly status?: number; readonly retryAfterSeconds?: number };

type Form = (services: AccountServices, step: Step) => Promise<StepResult>;

const FORMS: Readonly<Record<string, Form | undefined>> = {
  login: withPassword,
  federate: beginFederation,
  totp: withTotp,
  recovery: withRecoveryCode,
  passkey: withPasskey,
  enrol,
  'new-password': newPassword,
  again: async ({ pool }, { details }) => {
    await endProgress(pool, details.uid);
    return {};
  },
};

/** Answers the request: with a page, or with the way on when the person is known. */
export async function logIn(services: AccountServices, step: Step): Promise<void> {
  const { form, request, response } = step;
  const name = text(form['step']);
  const isAnswer = request.method === 'GET' && typeof request.query['state'] === 'string';
  const take = isAnswer ? finishFederation : Object.hasOwn(FORMS, name) ? FORMS[name] : undefined;
  const result = (await take?.(services, step)) ?? {};
  if (result === 'answered') return;
  if (result.status !== undefined) response.status(result.status);
  if (result.retryAfterSeconds !== undefined)
    response.setHeader('Retry-After', String(result.retryAfterSeconds));
  await proceed(services, step, result.fault);
}

/** What is missing still: the next page, or the end. */
async function proceed(services: AccountServices, step: Step, fault: string | undefined): Promise<void> {
  const { pool, config } = services;
  const { response, details } = step;
  const progress = (await loadProgress(pool, details.uid)) ?? (await fromSession(services, step));
  const user = progress && (await loadUser(pool, progress.userId));
  if (progress === undefined || user === undefined) {
    await showLogin(services, step, fault);
    return;
  }
  const needs = asksSecondFactor(user, config.account.mfaRoles, details.params['acr_values']);
  const factors = await loadFactors(pool, user.id);
  const hasSecond = hasTwoFactors(progress.amr);
  if (!hasSecond && hasFactor(factors)) {
    let request: string | undefined;
    if (factors.passkeys > 0) {
      const options = await passkeyRequest(relyingParty(services), user.id);
      await keepChallenge(pool, details.uid, options.challenge);
      request = JSON.stringify(options);
      allowOwnScript(response);
    }
    response.send(factorPage({ totp: factors.totp, passkeyRequest: request, fault }));
  } else if (!hasSecond && needs) {
    response.send(enrolPage(await beginTotp(pool, services.box, user), fault));
  } else if (user.mustChangePassword && progress.amr.includes('pwd')) {
    response.send(newPasswordPage(config.account.passwordLengthMin, fault));
  } else {
    await finish(services, step, user, progress);
  }
}

/** A session that lacks nothing but the second factor is not asked for the password again. */
async function fromSession({ pool }: AccountServices, step: Step): Promise<LoginProgress | undefined> {
  const { session, prompt, uid } = step.details;
  const isStepUp = prompt.reasons.length > 0 && prompt.reasons.every((reason) => reason === 'second_factor');
  if (!isStepUp || session?.accountId === undefined || text(step.form['step']) === 'again') return undefined;
  const progress = { userId: session.accountId, amr: session['amr'] ?? [] };
  await keepProgress(pool, uid, progress);
  return progress;
}

async function showLogin(services: AccountServices, step: Step, fault: string | undefined): Promise<void> {
  const { form, details, client, response } = step;
  const { session, params } = details;
  const user = session && (await loadUser(services.pool, session.accountId));
  response.send(
    loginPage({
      app: client.name,
      username: text(form['username']).trim() || user?.username || text(params['login_hint']),
      providers: services.federation.providers,
      fault,
    }),
  );
}

async function withPassword(services: AccountServices, step: Step): Promise<StepResult> {
  const { pool, limits, config } = services;
  const { request, details, client, form } = step;
  const address = clientAddress(request, config.account.trustedProxies);
  const username = text(form['username']).trim();
  const result = await checkPassword(pool, limits, username, text(form['password']), address);
  const isLimited = typeof result === 'object' && 'retryAfterSeconds' in result;
  if (typeof result === 'object' && !isLimited) {
    await keepProgress(pool, details.uid, { userId: result.id, amr: ['pwd'] });
    return {};
  }
  await endProgress(pool, details.uid);
  await noteAccountEvent(services, request, {
    code: 'login',
    outcome: '4',
    reason: isLimited ? 'too many attempts' : 'user name or password is not right',
    clientId: client.clientId,
  });
  if (!isLimited) return { status: 401, fault: 'The user name or the password is not right.' };
  return {
    status: 429,
    retryAfterSeconds: result.retryAfterSeconds,
    fault: 'Too many attempts. Try again in a quarter of an hour.',
  };
}

async function newPassword(services: AccountServices, step: Step): Promise<StepResult> {
  const progress = await loadProgress(services.pool, step.details.uid);
  const user = progress && (await loadUser(services.pool, progress.userId));
  if (progress === undefined || user === undefined || !progress.amr.includes('pwd')) return { status: 401 };
  // The factor comes first: a password alone changes no password.
  const needs = asksSecondFactor(user, services.config.account.mfaRoles, undefined);
  if (!hasTwoFactors(progress.amr) && (needs || hasFactor(await loadFactors(services.pool, user.id))))
    return {};
  const fault = await takeNewPassword(services, user, text(step.form['password']));
  if (fault !== undefined) return { status: 400, fault };
  await keepProgress(services.pool, step.details.uid, progress);
  await noteAccountEvent(services, step.request, {
    code: 'user-change',
    outcome: '0',
    reason: 'password changed',
    clientId: step.client.clientId,
    user,
  });
  return {};
}

async function finish(
  services: AccountServices,
  { request, response, details, client }: Step,
  user: UserAccount,
  { amr, identityProvider }: LoginProgress,
): Promise<void> {
  await endProgress(services.pool, details.uid);
  await noteAccountEvent(services, request, { code: 'login', outcome: '0', clientId: client.clientId, user });
  await services.provider.interactionFinished(request, response, {
    login: {
      accountId: user.id,
      amr: [...amr],
      acr: acrOf(amr),
      ts: Math.floor(Date.now() / 1_000),
      ...(identityProvider === undefined ? {} : { identityProvider }),
    },
  });
}
