/** A user links his account to his identity at a provider, himself: both are proven in the same browser. */
import { text } from '../interaction-step.ts';
import { ACCOUNT_CLIENT } from './account-client.ts';
import { goHome, type AccountRequest } from './account-request.ts';
import { keepFederation, linkIdentity, takeFederation } from './federation-store.ts';
import { noteAccountEvent, type AccountServices } from './services.ts';

const note = (
  services: AccountServices,
  { request, session }: AccountRequest,
  outcome: '0' | '4',
  reason: string,
): Promise<void> =>
  noteAccountEvent(services, request, {
    code: 'user-change',
    outcome,
    reason,
    clientId: ACCOUNT_CLIENT,
    user: session.user,
  });

export async function beginLink(services: AccountServices, account: AccountRequest): Promise<void> {
  const { federation, pool } = services;
  const { session, form, response } = account;
  const provider = federation.find(text(form['provider']));
  const begun = provider && (await federation.begin(provider).catch(() => undefined));
  if (provider === undefined || begun === undefined) return goHome(account, 'failed');
  await keepFederation(pool, begun.checks, { provider: provider.id, sessionUid: session.uid });
  response.redirect(303, begun.url.href);
}

export async function finishLink(services: AccountServices, account: AccountRequest): Promise<void> {
  const { federation, pool } = services;
  const { request, session } = account;
  const query = new URL(request.originalUrl, 'http://localhost').searchParams;
  const taken = await takeFederation(pool, text(query.get('state')), { sessionUid: session.uid });
  const provider = taken && federation.find(taken.target.provider);
  const identity =
    taken && provider && (await federation.finish(provider, query, taken.checks).catch(() => undefined));
  if (identity === undefined) {
    await note(services, account, '4', 'the answer of the identity provider was refused');
    return goHome(account, 'failed');
  }
  const isLinked = await linkIdentity(pool, session.user.id, identity);
  await note(
    services,
    account,
    isLinked ? '0' : '4',
    isLinked ? 'identity of an identity provider linked' : 'identity belongs to another account',
  );
  goHome(account, isLinked ? 'linked' : 'taken');
}

/** Who has no password would be locked out by it. */
export async function unlink(services: AccountServices, account: AccountRequest): Promise<void> {
  const { user } = account.session;
  const provider = services.federation.find(text(account.form['provider']));
  if (provider === undefined || !user.hasPassword) return goHome(account, 'failed');
  await services.pool.query('delete from auth.federated_identity where user_id = $1 and issuer = $2', [
    user.id,
    provider.issuer,
  ]);
  await note(services, account, '0', 'identity of an identity provider no longer linked');
  goHome(account, 'unlinked');
}
