/** What a user does on the page of his second factors. */
import { text } from '../interaction-step.ts';
import { allowOwnScript } from '../page-headers.ts';
import { ACCOUNT_CLIENT } from './account-client.ts';
import type { AccountHandler, AccountRequest } from './account-request.ts';
import { hasFactor, loadFactors } from './factors.ts';
import { keepProgress, takeChallenge } from './login-progress.ts';
import { keepPasskey, loadPasskeys, passkeyCreation, removePasskey } from './passkeys.ts';
import { renewRecoveryCodes } from './recovery-codes.ts';
import { secondFactorPage } from './second-factor-page.ts';
import { noteAccountEvent, relyingParty, type AccountServices } from './services.ts';
import { endSessions } from './sessions.ts';
import { beginTotp, checkTotp, removeTotp } from './totp.ts';

interface Outcome {
  readonly message?: string;
  readonly fault?: string;
  readonly codes?: readonly string[];
}

export const createSecondFactorHandlers = (): Readonly<
  Record<string, readonly ['get' | 'post', AccountHandler]>
> => ({
  '': ['get', (services, account) => show(services, account, {})],
  '/totp': ['post', confirmTotp],
  '/remove-totp': ['post', dropTotp],
  '/passkey': ['post', addPasskey],
  '/remove-passkey': ['post', dropPasskey],
  '/recovery-codes': ['post', newCodes],
});

/** Where the challenge of a new passkey is kept. */
const progressId = ({ session }: AccountRequest): string => `session ${session.uid}`;

async function show(
  services: AccountServices,
  account: AccountRequest,
  { message, fault, codes }: Outcome,
): Promise<void> {
  const { pool, box } = services;
  const { response, session, token } = account;
  const { user } = session;
  const factors = await loadFactors(pool, user.id);
  const creation = await passkeyCreation(relyingParty(services), user);
  await keepProgress(pool, progressId(account), {
    userId: user.id,
    amr: session.amr,
    challenge: creation.challenge,
  });
  allowOwnScript(response);
  if (fault !== undefined) response.status(400);
  response.send(
    secondFactorPage({
      token,
      factors,
      enrolment: factors.totp ? undefined : await beginTotp(pool, box, user),
      passkeys: await loadPasskeys(pool, user.id),
      passkeyCreation: JSON.stringify(creation),
      codes,
      fault,
      message,
    }),
  );
}

const note = (
  services: AccountServices,
  { request, session }: AccountRequest,
  reason: string,
  outcome: '0' | '4' = '0',
): Promise<void> =>
  noteAccountEvent(services, request, {
    code: 'user-change',
    outcome,
    reason,
    clientId: ACCOUNT_CLIENT,
    user: session.user,
  });

/** Whoever is logged in elsewhere without the new factor is out, and this browser gets a new cookie. */
async function afterNewFactor(
  services: AccountServices,
  account: AccountRequest,
  isFirst: boolean,
  method: 'otp' | 'pop',
): Promise<Outcome> {
  const { session } = account;
  await endSessions(services.pool, session.user.id, session.uid);
  await session.rotate([...new Set([...session.amr, method, 'mfa'])]);
  return {
    message: 'Your second factor is set up. You are logged out everywhere else.',
    ...(isFirst ? { codes: await renewRecoveryCodes(services.pool, session.user.id) } : {}),
  };
}

async function confirmTotp(services: AccountServices, account: AccountRequest): Promise<void> {
  const { pool, box, limits } = services;
  const { session, form, response } = account;
  const before = await loadFactors(pool, session.user.id);
  const retryAfterSeconds = await limits.secondFactor.consume(session.user.id);
  if (retryAfterSeconds !== undefined) {
    response.setHeader('Retry-After', String(retryAfterSeconds));
    await note(services, account, 'too many attempts at the second factor', '4');
    return show(services, account, { fault: 'Too many attempts. Try again in an hour.' });
  }
  if (before.totp || !(await checkTotp(pool, box, session.user.id, text(form['code']), 'begun'))) {
    await note(services, account, 'second factor not set up', '4');
    return show(services, account, {
      fault: 'That is not the code. Is the clock of your phone right?',
    });
  }
  await limits.secondFactor.reward(session.user.id);
  await note(services, account, 'second factor set up');
  return show(services, account, await afterNewFactor(services, account, !hasFactor(before), 'otp'));
}

async function dropTotp(services: AccountServices, account: AccountRequest): Promise<void> {
  await removeTotp(services.pool, account.session.user.id);
  await note(services, account, 'second factor removed');
  return show(services, account, { message: 'The authenticator app is removed.' });
}

async function addPasskey(services: AccountServices, account: AccountRequest): Promise<void> {
  const { pool } = services;
  const { session, form } = account;
  const before = await loadFactors(pool, session.user.id);
  const challenge = await takeChallenge(pool, progressId(account));
  const name = text(form['name']).trim().slice(0, 60) || 'Passkey';
  const isKept =
    challenge !== undefined &&
    (await keepPasskey(relyingParty(services), session.user.id, challenge, text(form['response']), name));
  await note(services, account, isKept ? 'passkey added' : 'passkey not added', isKept ? '0' : '4');
  return show(
    services,
    account,
    isKept
      ? await afterNewFactor(services, account, !hasFactor(before), 'pop')
      : { fault: 'The passkey could not be added.' },
  );
}

async function dropPasskey(services: AccountServices, account: AccountRequest): Promise<void> {
  const { session, form } = account;
  if (await removePasskey(services.pool, session.user.id, text(form['passkey'])))
    await note(services, account, 'passkey removed');
  return show(services, account, { message: 'The passkey is removed.' });
}

async function newCodes(services: AccountServices, account: AccountRequest): Promise<void> {
  const { user } = account.session;
  if (!hasFactor(await loadFactors(services.pool, user.id)))
    return show(services, account, { fault: 'Set up a second factor first.' });
  const codes = await renewRecoveryCodes(services.pool, user.id);
  await note(services, account, 'recovery codes made anew');
  return show(services, account, { codes });
}
