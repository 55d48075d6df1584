/** Whose browser it is that asks for an account page: the session of the authorization server. */
import type { Request, Response } from 'express';
import type { KoaContextWithOIDC } from 'oidc-provider';
import { sessionCookie } from '../cookies.ts';
import { loadUser, type UserAccount } from '../user-store.ts';
import { acrOf, asksSecondFactor, hasTwoFactors, ACR_TWO_FACTORS } from './assurance.ts';
import { loginUrl, type Demands } from './account-client.ts';
import { hasFactor, loadFactors } from './factors.ts';
import type { AccountServices } from './services.ts';
import { isOpenSession } from './sessions.ts';

/** What touches the account itself needs a log-in not older than this. */
const RECENT_SECONDS = 600;

export interface AccountSession {
  readonly uid: string;
  readonly user: UserAccount;
  readonly amr: readonly string[];
  readonly loginTs: number;
  /** A new cookie for the browser, with what it has shown by now; the old one is worth nothing from here on. */
  rotate(amr: readonly string[]): Promise<void>;
}

async function loadSession(
  { provider, pool, config }: AccountServices,
  request: Request,
  response: Response,
): Promise<AccountSession | undefined> {
  const ctx = provider.createContext(request, response) as unknown as KoaContextWithOIDC;
  const session = await provider.Session.get(ctx);
  const user = session.accountId === undefined ? undefined : await loadUser(pool, session.accountId);
  if (user === undefined || !(await isOpenSession(pool, user.id, session.uid))) return undefined;
  return {
    uid: session.uid,
    user,
    amr: session.amr ?? [],
    loginTs: session.loginTs ?? 0,
    async rotate(amr) {
      session.resetIdentifier();
      session.amr = [...amr];
      session.acr = acrOf(amr);
      await session.persist();
      ctx.cookies.set(provider.cookieName('session'), session.jti, {
        ...sessionCookie(config),
        expires: new Date(session.exp * 1_000),
      });
    },
  };
}

/** The session, when it is good enough for this page; else the browser is sent to log in, and comes back to it. */
export async function requireSession(
  services: AccountServices,
  request: Request,
  response: Response,
  page: string,
  isSensitive: boolean,
): Promise<AccountSession | undefined> {
  const session = await loadSession(services, request, response);
  const demands = session === undefined ? {} : await missing(services, session, isSensitive);
  if (session !== undefined && demands === undefined) return session;
  response.redirect(303, loginUrl(services.config, page, demands ?? {}));
  return undefined;
}

async function missing(
  { pool, config }: AccountServices,
  { user, amr, loginTs }: AccountSession,
  isSensitive: boolean,
): Promise<Demands | undefined> {
  const isOld = isSensitive && Date.now() / 1_000 - loginTs > RECENT_SECONDS;
  const needsTwo =
    asksSecondFactor(user, config.account.mfaRoles, undefined) ||
    (isSensitive && hasFactor(await loadFactors(pool, user.id)));
  const lacksTwo = needsTwo && !hasTwoFactors(amr);
  if (!isOld && !lacksTwo) return undefined;
  return {
    ...(isOld ? { maxAgeSeconds: RECENT_SECONDS } : {}),
    ...(lacksTwo ? { acrValues: ACR_TWO_FACTORS } : {}),
  };
}
