/** What went wrong at an endpoint, as a ProviderFault. The service's own words are left out: they may quote what was sent. */
import { APIConnectionError, APIError, OpenAIError } from 'openai';
import { ProviderFault, type FaultKind } from '../../orchestrator/provider.ts';
import { retryAfterOf } from '../retry-after.ts';

/** @param name of the endpoint. Throws the signal's reason when it aborted. */
export function endpointFault(error: unknown, name: string, signal: AbortSignal): ProviderFault {
  signal.throwIfAborted();
  if (error instanceof ProviderFault) return error;
  if (error instanceof SyntaxError) return new ProviderFault('unusable', `${name} answered no JSON`);
  // The library's own complaint before anything is sent: the file with the token could not be read, or is empty.
  if (error instanceof OpenAIError && !(error instanceof APIError))
    return new ProviderFault('misconfigured', `${name} cannot be asked: its credential could not be read`);
  if (error instanceof APIConnectionError || !(error instanceof APIError))
    return new ProviderFault('unavailable', `${name} could not be reached or broke off`);
  const status = Number(error.status);
  const [kind, why] = statusFault(status, error.code ?? error.type ?? '', error.param ?? '');
  const headers = error.headers as Headers | undefined;
  const retryAfterMs = retryAfterOf((header) => headers?.get(header));
  const request = /^[\w.-]{1,80}$/.test(error.requestID ?? '') ? `, request ${error.requestID}` : '';
  return new ProviderFault(kind, `${name} ${why} (${status}${request})`, {
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

function statusFault(status: number, code: string, param: string): readonly [FaultKind, string] {
  if (code === 'content_filter') return ['rejected', 'refused the text by its content filter'];
  if (code === 'insufficient_quota') return ['misconfigured', 'says that its quota is used up'];
  if (status === 429) return ['throttled', 'is asked too often'];
  if (status === 401) return ['misconfigured', 'does not accept the key'];
  if (status === 403) return ['misconfigured', 'does not allow the call'];
  if (status === 404 || code === 'DeploymentNotFound')
    return ['misconfigured', 'does not know the deployment or model'];
  if (status >= 300 && status < 400) return ['misconfigured', 'redirects elsewhere, which is not followed'];
  if (status === 413 || code === 'context_length_exceeded')
    return ['rejected', 'takes no text or recording of this length'];
  // A model that cannot do what is asked of it can do it for no input.
  if (/^(response_format|temperature|model)\b/.test(param))
    return ['misconfigured', `does not take the parameter ${param.split(/\W/)[0]}`];
  if (status === 400 || status === 422) return ['rejected', 'does not take the request'];
  if (status === 408 || status === 409 || status >= 500) return ['unavailable', 'did not answer'];
  return ['rejected', 'does not take the request'];
}
