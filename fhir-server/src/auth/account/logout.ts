/** The end of a session: here, of its tokens, and at the identity provider. https://openid.net/specs/openid-connect-rpinitiated-1_0.html */
import type { Configuration, KoaContextWithOIDC } from 'oidc-provider';
import type { Pool } from '../../db/index.ts';
import { html, Html, NOTHING, page } from '../page.ts';
import { PAGE_HEADERS } from '../page-headers.ts';
import type { SecretBox } from '../../platform/secret-box.ts';
import { noteAccountEvent, type SessionServices } from './services.ts';
import { endSession, sessionProvider } from './sessions.ts';

const FORM = 'op.logoutForm';

type LogoutFeature = NonNullable<NonNullable<Configuration['features']>['rpInitiatedLogout']>;

/** The pages; what they lead to is in `completeLogout`. */
export function createLogoutPages(
  pool: Pool,
  providers: readonly { readonly id: string; readonly name: string }[],
): LogoutFeature {
  return {
    enabled: true,
    logoutSource: async (ctx, form) => {
      const uid = ctx.oidc.session?.uid;
      const id = uid === undefined ? undefined : await sessionProvider(pool, uid);
      const provider = providers.find((p) => p.id === id);
      send(
        ctx,
        page(
          'Log out',
          html`<h1>Log out?</h1>
            <p>Apps that may go on only while you are logged in lose their access.</p>
            ${new Html(form)} ${provider === undefined ? NOTHING : atProvider(provider.name)}
            <div class="actions">
              <button form="${FORM}" type="submit" name="logout" value="yes" autofocus>Log out</button>
              <button class="plain" form="${FORM}" type="submit">Stay logged in</button>
            </div>`,
        ),
      );
    },
    postLogoutSuccessSource: (ctx) => {
      send(
        ctx,
        page(
          'Logged out',
          html`<h1>Goodbye</h1>
            <p role="status">You can close this page.</p>`,
        ),
      );
    },
  };
}

const atProvider = (name: string): Html =>
  html`<label
    ><input type="checkbox" name="provider" value="yes" form="${FORM}" /> Log out of ${name} too</label
  >`;

function send(ctx: KoaContextWithOIDC, body: string): void {
  ctx.set(PAGE_HEADERS);
  ctx.type = 'html';
  ctx.body = body;
}

/** After the library has ended the session: its tokens, the audit, and the session at the provider where asked for. */
export async function completeLogout(
  services: SessionServices,
  ctx: Partial<KoaContextWithOIDC> & Pick<KoaContextWithOIDC, 'req' | 'get' | 'set'>,
): Promise<void> {
  const { oidc } = ctx;
  const session = oidc?.session;
  // Whoever stays logged in has ended nothing.
  if (oidc?.route !== 'end_session_confirm' || session?.accountId === undefined) return;
  if (!('destroyed' in session) || session.destroyed !== true) return;
  const { pool, federation, config, box } = services;
  const providerId = await sessionProvider(pool, session.uid);
  await endSession(pool, session.accountId, session.uid);
  await noteAccountEvent(services, ctx.req as Parameters<typeof noteAccountEvent>[1], {
    code: 'logout',
    outcome: '0',
    reason: 'logged out',
    ...(oidc.client === undefined ? {} : { clientId: oidc.client.clientId }),
    user: { id: session.accountId },
  });
  const provider = federation.find(providerId ?? '');
  if (provider === undefined || oidc.body?.['provider'] !== 'yes') return;
  const location = ctx.response?.get('location') ?? '';
  const state = await box.seal(location);
  const url = await federation
    .logoutUrl(provider, `${config.issuer}/federation/logged-out`, state)
    .catch(() => undefined);
  if (url !== undefined) ctx.set('location', url.href);
}

/** Where a browser goes on that comes back from the provider: an address that this server sealed, and no other. */
export const openReturn = (box: SecretBox, state: string): Promise<string | undefined> =>
  box.open(state).catch(() => undefined);
