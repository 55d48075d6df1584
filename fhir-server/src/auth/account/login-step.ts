/** The log-in of an authorization: whose browser it is. https://openid.net/specs/openid-connect-core-1_0.html#Authenticates */
import type Provider from 'oidc-provider';
import type { AuditLog } from '../../audit/index.ts';
import type { Pool } from '../../db/index.ts';
import { text, type Step } from '../interaction-step.ts';
import { loginPage } from '../pages.ts';
import { noteSecurityEvent } from '../security-event.ts';
import { checkPassword } from '../user-store.ts';

export interface LoginOptions {
  readonly provider: Provider;
  readonly pool: Pool;
  readonly audit: Pick<AuditLog, 'note'>;
}

/** Answers the request: with a page, or with the way on when the person is known. */
export async function logIn({ provider, pool, audit }: LoginOptions, step: Step): Promise<void> {
  const { request, response, client, form } = step;
  if (form['step'] !== 'login') {
    response.send(loginPage(client.name, ''));
    return;
  }
  const username = text(form['username']).trim();
  const address = request.socket.remoteAddress ?? '';
  const result = await checkPassword(pool, username, text(form['password']), address);
  const isIn = typeof result === 'object';
  await noteSecurityEvent(audit, {
    code: 'login',
    outcome: isIn ? '0' : '4',
    ...(isIn
      ? {}
      : { reason: result === 'limited' ? 'too many attempts' : 'user name or password is not right' }),
    agent: {
      clientId: client.clientId,
      address,
      ...(isIn ? { userId: result.id, fhirUser: result.fhirUser } : {}),
    },
  });
  if (result === 'limited') {
    response.setHeader('Retry-After', '900');
    response
      .status(429)
      .send(loginPage(client.name, username, 'Too many attempts. Try again in a quarter of an hour.'));
  } else if (result === 'refused') {
    response
      .status(401)
      .send(loginPage(client.name, username, 'The user name or the password is not right.'));
  } else {
    await provider.interactionFinished(request, response, { login: { accountId: result.id, amr: ['pwd'] } });
  }
}
