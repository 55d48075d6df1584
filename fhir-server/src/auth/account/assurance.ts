/** How sure the server is of who somebody is: `amr` (RFC 8176) and `acr` (https://refeds.org/profile/mfa). */
import { interactionPolicy } from 'oidc-provider';
import type { Pool } from '../../db/index.ts';
import { isOpenSession } from './sessions.ts';
import { loadUser, type UserAccount } from '../user-store.ts';

export const ACR_ONE_FACTOR = 'https://refeds.org/profile/sfa';
export const ACR_TWO_FACTORS = 'https://refeds.org/profile/mfa';
/** Weakest first. */
export const ACR_VALUES = [ACR_ONE_FACTOR, ACR_TWO_FACTORS];

export const hasTwoFactors = (amr: readonly string[] | undefined): boolean => amr?.includes('mfa') === true;

export const acrOf = (amr: readonly string[]): string =>
  hasTwoFactors(amr) ? ACR_TWO_FACTORS : ACR_ONE_FACTOR;

/** Whether one of the classes that the app asks for is met: two factors are more than one. */
function meetsAcr(amr: readonly string[] | undefined, acrValues: unknown): boolean {
  const asked =
    typeof acrValues === 'string' ? acrValues.split(' ').filter((v) => ACR_VALUES.includes(v)) : [];
  return asked.length === 0 || asked.includes(ACR_ONE_FACTOR) || hasTwoFactors(amr);
}

/** Whether this authorization goes on only with a second factor. */
export const asksSecondFactor = (
  user: Pick<UserAccount, 'role'>,
  mfaRoles: readonly string[],
  acrValues: unknown,
): boolean => mfaRoles.includes(user.role ?? '') || !meetsAcr([], acrValues);

/** The library's checks of the session, and ours: a session with less than what is asked for logs in anew. */
export function createInteractionPolicy(
  pool: Pool,
  mfaRoles: readonly string[],
): interactionPolicy.DefaultPolicy {
  const policy = interactionPolicy.base();
  const checks = policy.get('login')?.checks;
  checks?.add(
    new interactionPolicy.Check('session_ended', 'The session has ended', async (ctx) => {
      const { session, result } = ctx.oidc;
      // It is opened when the log-in at hand is over.
      const isBegun = result?.login !== undefined && result.consent === undefined;
      if (session?.accountId === undefined || isBegun) return false;
      return !(await isOpenSession(pool, session.accountId, session.uid));
    }),
  );
  checks?.add(
    new interactionPolicy.Check('second_factor', 'A second factor is required', async (ctx) => {
      const { session, params } = ctx.oidc;
      if (session?.accountId === undefined || hasTwoFactors(session.amr)) return false;
      if (!meetsAcr(session.amr, params?.['acr_values'])) return true;
      const user = await loadUser(pool, session.accountId);
      return user !== undefined && mfaRoles.includes(user.role ?? '');
    }),
  );
  return policy;
}
