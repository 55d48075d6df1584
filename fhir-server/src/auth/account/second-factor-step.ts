/** Second factors within a log-in: the code of an app, a passkey, a recovery code, and the set-up of the first. */
import { text, type Step } from '../interaction-step.ts';
import { loadUser, type UserAccount } from '../user-store.ts';
import { asksSecondFactor } from './assurance.ts';
import { hasFactor, loadFactors } from './factors.ts';
import { recoveryPage } from './login-pages.ts';
import {
  keepProgress,
  loadProgress,
  noteFailure,
  takeChallenge,
  type LoginProgress,
} from './login-progress.ts';
import type { StepResult } from './login-step.ts';
import { checkPasskey } from './passkeys.ts';
import { renewRecoveryCodes, spendRecoveryCode } from './recovery-codes.ts';
import { noteAccountEvent, relyingParty, type AccountServices } from './services.ts';
import { checkTotp } from './totp.ts';

export const withTotp = (services: AccountServices, step: Step): Promise<StepResult> =>
  checkFactor(services, step, 'otp', ({ id }) =>
    checkTotp(services.pool, services.box, id, text(step.form['code']), 'confirmed'),
  );

export const withRecoveryCode = (services: AccountServices, step: Step): Promise<StepResult> =>
  checkFactor(services, step, 'otp', ({ id }) =>
    spendRecoveryCode(services.pool, id, text(step.form['code'])),
  );

export const withPasskey = (services: AccountServices, step: Step): Promise<StepResult> =>
  checkFactor(services, step, 'pop', async ({ id }) => {
    const challenge = await takeChallenge(services.pool, step.details.uid);
    return (
      challenge !== undefined &&
      checkPasskey(relyingParty(services), id, challenge, text(step.form['response']))
    );
  });

/** One attempt, within the limits of the account and of this log-in. The first factor must have been shown. */
async function checkFactor(
  services: AccountServices,
  step: Step,
  method: 'otp' | 'pop',
  check: (user: UserAccount) => Promise<boolean>,
): Promise<StepResult> {
  const { pool, limits } = services;
  const { uid } = step.details;
  const progress = await loadProgress(pool, uid);
  const user = progress && (await loadUser(pool, progress.userId));
  if (progress === undefined || user === undefined) return { status: 401 };
  const retryAfterSeconds = await limits.secondFactor.consume(user.id);
  if (retryAfterSeconds !== undefined) {
    await noteFailed(services, step, user, 'too many attempts at the second factor');
    return { status: 429, retryAfterSeconds, fault: 'Too many attempts. Try again in an hour.' };
  }
  if (await check(user)) {
    await limits.secondFactor.reward(user.id);
    await keepProgress(pool, uid, withMethod(progress, method));
    return {};
  }
  const isMore = await noteFailure(pool, uid);
  await noteFailed(services, step, user, 'second factor is not right');
  return {
    status: 401,
    fault: isMore ? 'That was not right, or was used before.' : 'Too many attempts. Log in again.',
  };
}

const withMethod = ({ challenge: _used, ...progress }: LoginProgress, method: string): LoginProgress => ({
  ...progress,
  amr: [...new Set([...progress.amr, method, 'mfa'])],
});

const noteFailed = (
  services: AccountServices,
  { request, client }: Step,
  user: UserAccount,
  reason: string,
): Promise<void> =>
  noteAccountEvent(services, request, {
    code: 'login',
    outcome: '4',
    reason,
    clientId: client.clientId,
    user,
  });

/** Only for who has no factor yet, and needs one: who has one shows it. */
export async function enrol(services: AccountServices, step: Step): Promise<StepResult> {
  const { pool, box, config } = services;
  const progress = await loadProgress(pool, step.details.uid);
  const user = progress && (await loadUser(pool, progress.userId));
  if (progress === undefined || user === undefined) return { status: 401 };
  const needs = asksSecondFactor(user, config.account.mfaRoles, step.details.params['acr_values']);
  if (!needs || hasFactor(await loadFactors(pool, user.id))) return {};
  if (!(await checkTotp(pool, box, user.id, text(step.form['code']), 'begun'))) {
    const isMore = await noteFailure(pool, step.details.uid);
    return {
      status: 401,
      fault: isMore ? 'That is not the code. Is the clock of your phone right?' : 'Log in again.',
    };
  }
  await keepProgress(pool, step.details.uid, withMethod(progress, 'otp'));
  await noteAccountEvent(services, step.request, {
    code: 'user-change',
    outcome: '0',
    reason: 'second factor set up',
    clientId: step.client.clientId,
    user,
  });
  step.response.send(recoveryPage(await renewRecoveryCodes(pool, user.id)));
  return 'answered';
}
