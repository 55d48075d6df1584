/** Asks a FHIR server to expand value sets, as a SMART Backend Services client where it wants one. */
import type { Parameters, ValueSet } from '@medplum/fhirtypes';
import { ProviderFault } from '../../orchestrator/provider.ts';
import { createTokenSource } from '../../runtime/access-token.ts';
import { HttpFailure } from '../../runtime/http-failure.ts';
import { retryAfterOf } from '../retry-after.ts';
import type { TerminologySettings } from './settings.ts';

const SCOPE = 'system/ValueSet.rs system/CodeSystem.rs';
const NAME = 'the terminology service';

/** Undefined when the server does not have the code system. Throws ProviderFault, or the signal's reason. */
export function createAsk({ url, client }: TerminologySettings) {
  const tokens = client && createTokenSource({ fhirBase: url, ...client, scope: SCOPE });
  return async (parameters: Parameters, signal: AbortSignal): Promise<ValueSet | undefined> => {
    try {
      const token = await tokens?.token();
      const response = await fetch(`${url}/ValueSet/$expand`, {
        method: 'POST',
        headers: {
          accept: 'application/fhir+json',
          'content-type': 'application/fhir+json',
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        },
        body: JSON.stringify(parameters),
        redirect: 'error',
        signal,
      });
      if (response.ok) return JSON.parse(await response.text()) as ValueSet;
      if (response.status === 401 && token !== undefined) tokens?.forget(token);
      await response.body?.cancel();
      if (response.status === 404 || response.status === 422) return undefined;
      throw statusFault(response);
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof ProviderFault) throw error;
      if (error instanceof HttpFailure && error.status < 500)
        throw new ProviderFault('misconfigured', `${NAME} gives its client no token`);
      if (error instanceof SyntaxError) throw new ProviderFault('unusable', `${NAME} answered no JSON`);
      throw new ProviderFault('unavailable', `${NAME} could not be reached or broke off`);
    }
  };
}

function statusFault({ status, headers }: Response): ProviderFault {
  const retryAfterMs = retryAfterOf((name) => headers.get(name));
  const details = retryAfterMs === undefined ? {} : { retryAfterMs };
  if (status === 429) return new ProviderFault('throttled', `${NAME} is asked too often`, details);
  if (status === 401 || status === 403)
    return new ProviderFault('misconfigured', `${NAME} does not allow the call (${status})`);
  if (status >= 500) return new ProviderFault('unavailable', `${NAME} did not answer (${status})`, details);
  return new ProviderFault('rejected', `${NAME} does not take the request (${status})`);
}
