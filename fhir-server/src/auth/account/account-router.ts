/** The pages of one's own account: apps, sessions, password, second factor, identities. */
import express, { type NextFunction, type Request, type Response, type Router } from 'express';
import { errorPage } from '../error-page.ts';
import { createFormToken, refuseForeignForms } from '../form-guard.ts';
import { text } from '../interaction-step.ts';
import { PAGE_HEADERS } from '../page-headers.ts';
import { ACCOUNT_CLIENT, forgetAccountGrants } from './account-client.ts';
import { homePage, passwordPage } from './account-pages.ts';
import { goHome, type AccountHandler, type AccountRequest } from './account-request.ts';
import { requireSession } from './account-session.ts';
import { loadAppAccess, revokeAppAccess } from './app-access.ts';
import { loadIdentities } from './federation-store.ts';
import { beginLink, finishLink, unlink } from './link-identity.ts';
import { takeNewPassword } from './new-password.ts';
import { checkPassword } from './login-limits.ts';
import { PASSKEY_SCRIPT, PASSKEY_SCRIPT_TEXT } from './passkey-script.ts';
import { createSecondFactorHandlers } from './second-factor-handlers.ts';
import { noteAccountEvent, type AccountServices } from './services.ts';
import { endSession, endSessions, loadSessions } from './sessions.ts';
import { clientAddress } from '../../platform/client-address.ts';

const MESSAGES: Readonly<Record<string, string>> = {
  revoked: 'The app has no access any more.',
  ended: 'That browser is logged out.',
  password: 'Your password is changed.',
  linked: 'You can log in that way from now on.',
  taken: 'That identity belongs to another account.',
  failed: 'The identity provider did not say who you are.',
  unlinked: 'You no longer log in that way.',
};

/** A state that is empty would not come back. */
const HOME = 'home';

interface Route {
  /** Where the browser comes back to after a log-in. */
  readonly page: string;
  /** Whether the log-in must be fresh. */
  readonly isSensitive: boolean;
  readonly handler: AccountHandler;
}

/** What there is, in which way, and what it asks for. */
const ROUTES: readonly (readonly ['get' | 'post', string, Route])[] = [
  ['get', '', { page: HOME, isSensitive: false, handler: home }],
  ['post', '/apps/revoke', { page: HOME, isSensitive: false, handler: revoke }],
  ['post', '/sessions/end', { page: HOME, isSensitive: false, handler: endOne }],
  ['post', '/sessions/end-all', { page: HOME, isSensitive: false, handler: endAll }],
  ['get', '/password', { page: 'password', isSensitive: true, handler: showPassword }],
  ['post', '/password', { page: 'password', isSensitive: true, handler: changePassword }],
  ['post', '/link', { page: HOME, isSensitive: true, handler: beginLink }],
  ['get', '/linked', { page: HOME, isSensitive: false, handler: finishLink }],
  ['post', '/unlink', { page: HOME, isSensitive: true, handler: unlink }],
  ...Object.entries(createSecondFactorHandlers()).map(
    ([path, [method, handler]]) =>
      [method, `/second-factor${path}`, { page: 'second-factor', isSensitive: true, handler }] as const,
  ),
];

export function createAccountRouter(services: AccountServices): Router {
  const { config } = services;
  const formToken = createFormToken(config.secret);
  const router = express.Router();
  router.get(PASSKEY_SCRIPT.replace('/oauth2', ''), (_request, response) => {
    response.set({ 'X-Content-Type-Options': 'nosniff', 'Cache-Control': 'public, max-age=3600' });
    response.type('text/javascript').send(PASSKEY_SCRIPT_TEXT);
  });
  router.use('/account', pageHeaders, express.urlencoded({ extended: false, limit: '64kb' }));
  router.use('/account', refuseForeignForms(config.baseUrl));
  router.get('/account/callback', (request, response) => comeBack(services, request, response));
  for (const [method, path, { page, isSensitive, handler }] of ROUTES) {
    router[method](`/account${path}`, async (request, response) => {
      const session = await requireSession(services, request, response, page, isSensitive);
      if (session === undefined) return;
      const form = (request.body ?? {}) as Record<string, unknown>;
      if (method === 'post' && !formToken.isRight(session.uid, form['token'])) {
        response
          .status(403)
          .send(errorPage('access_denied', 'This form is not from a page of your session.'));
        return;
      }
      await handler(services, { request, response, session, token: formToken.create(session.uid), form });
    });
  }
  return router;
}

function pageHeaders(_request: Request, response: Response, next: NextFunction): void {
  for (const [name, value] of Object.entries(PAGE_HEADERS)) response.setHeader(name, value);
  response.type('html');
  next();
}

const PAGES = new Set(ROUTES.map(([, , { page }]) => page));

async function comeBack(services: AccountServices, request: Request, response: Response): Promise<void> {
  const { state, error } = request.query;
  if (error !== undefined || typeof state !== 'string' || !PAGES.has(state)) {
    response.status(400).send(errorPage('access_denied', 'The log-in was not finished.'));
    return;
  }
  const session = await requireSession(services, request, response, state, false);
  if (session === undefined) return;
  await forgetAccountGrants(services.pool, session.user.id);
  response.redirect(303, state === HOME ? '/oauth2/account' : `/oauth2/account/${state}`);
}

async function home({ pool, federation }: AccountServices, account: AccountRequest): Promise<void> {
  const { request, response, session, token } = account;
  const { user, uid: sessionUid } = session;
  const [apps, sessions, identities] = await Promise.all([
    loadAppAccess(pool, user.id),
    loadSessions(pool, user.id),
    loadIdentities(pool, user.id),
  ]);
  const { providers } = federation;
  const code = text(request.query['done']);
  const message = Object.hasOwn(MESSAGES, code) ? MESSAGES[code] : undefined;
  response.send(homePage({ user, token, apps, sessions, sessionUid, identities, providers, message }));
}

async function revoke(services: AccountServices, account: AccountRequest): Promise<void> {
  const { user } = account.session;
  const clientId = text(account.form['client']);
  if (await revokeAppAccess(services.pool, user.id, clientId))
    await noteAccountEvent(services, account.request, {
      code: 'access-revoked',
      outcome: '0',
      reason: 'taken back by the user',
      clientId,
      user,
    });
  goHome(account, 'revoked');
}

const noteLogout = (services: AccountServices, { request, session }: AccountRequest, reason: string) =>
  noteAccountEvent(services, request, {
    code: 'logout',
    outcome: '0',
    reason,
    clientId: ACCOUNT_CLIENT,
    user: session.user,
  });

async function endOne(services: AccountServices, account: AccountRequest): Promise<void> {
  const { session, form } = account;
  if (await endSession(services.pool, session.user.id, text(form['session'])))
    await noteLogout(services, account, 'a session ended from another');
  goHome(account, 'ended');
}

async function endAll(services: AccountServices, account: AccountRequest): Promise<void> {
  await endSessions(services.pool, account.session.user.id);
  await noteLogout(services, account, 'all sessions ended');
  account.response.redirect(303, '/oauth2/logout/success');
}

function showPassword({ config }: AccountServices, { response, token }: AccountRequest): Promise<void> {
  response.send(passwordPage(token, config.account.passwordLengthMin));
  return Promise.resolve();
}

async function changePassword(services: AccountServices, account: AccountRequest): Promise<void> {
  const { pool, limits, config } = services;
  const { request, response, session, form, token } = account;
  const { user } = session;
  const address = clientAddress(request, config.account.trustedProxies);
  const known = await checkPassword(pool, limits, user.username, text(form['current']), address);
  const isLimited = typeof known === 'object' && 'retryAfterSeconds' in known;
  const isKnown = typeof known === 'object' && !isLimited;
  const fault = isKnown
    ? await takeNewPassword(services, user, text(form['password']), session.uid)
    : 'The password until now is not right.';
  await noteAccountEvent(services, request, {
    code: 'user-change',
    outcome: fault === undefined ? '0' : '4',
    reason: fault === undefined ? 'password changed' : 'password not changed',
    clientId: ACCOUNT_CLIENT,
    user,
  });
  if (fault === undefined) {
    await session.rotate(session.amr);
    return goHome(account, 'password');
  }
  if (isLimited) response.setHeader('Retry-After', String(known.retryAfterSeconds));
  response
    .status(isLimited ? 429 : isKnown ? 400 : 401)
    .send(passwordPage(token, config.account.passwordLengthMin, fault));
}
