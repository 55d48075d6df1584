/** What went wrong at a service of AWS, as a ProviderFault. Its own words are left out: they may quote what was sent. */
import { ProviderFault, type FaultKind, type Usage } from '../../orchestrator/provider.ts';
import { retryAfterOf } from '../retry-after.ts';

const KINDS: readonly (readonly [names: RegExp, kind: FaultKind, why: string])[] = [
  [
    /Throttl|TooManyRequests|LimitExceededException$|RequestLimit|SlowDown|BandwidthLimit/,
    'throttled',
    'is asked too often',
  ],
  [
    /AccessDenied|UnrecognizedClient|InvalidSignature|SignatureDoesNotMatch|ExpiredToken|InvalidAccessKeyId|InvalidClientTokenId|NotAuthorized|MissingAuthentication|OptInRequired|CredentialsProviderError|TokenProviderError/,
    'misconfigured',
    'does not accept the credentials, or they lack a right',
  ],
  [
    /NoSuchBucket|^KMS|PermanentRedirect|AuthorizationHeaderMalformed|UnknownOperation/,
    'misconfigured',
    'is not set up for the call',
  ],
  [
    /InternalServer|InternalFailure|InternalError|ServiceUnavailable|RequestTimeout|TimeoutError/,
    'unavailable',
    'did not answer',
  ],
  [
    /Validation|InvalidRequest|BadRequest|InvalidEncoding|EntityTooLarge/,
    'rejected',
    'does not take the request',
  ],
];

interface AwsError {
  readonly name?: string;
  readonly $metadata?: { readonly httpStatusCode?: number; readonly requestId?: string };
  readonly $response?: { readonly headers?: Readonly<Record<string, string | undefined>> };
}

/** @param name of the service. Throws the signal's reason when it aborted. */
export function awsFault(error: unknown, name: string, signal: AbortSignal, usage?: Usage): ProviderFault {
  signal.throwIfAborted();
  if (error instanceof ProviderFault) return error;
  const { name: code = '', $metadata: metadata = {}, $response: response } = error as AwsError;
  const [kind, why] = kindOf(code, metadata.httpStatusCode);
  const retryAfterMs = retryAfterOf((header) => response?.headers?.[header]);
  return new ProviderFault(kind, `${name} ${why}${detailsOf(code, metadata)}`, {
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(usage === undefined ? {} : { usage }),
  });
}

/** The size limit is a ValidationException of its own kind, so its name comes before all others. */
function kindOf(code: string, status: number | undefined): readonly [FaultKind, string] {
  if (code.startsWith('TextSizeLimitExceeded')) return ['rejected', 'takes no text of this length'];
  if (code === 'SyntaxError') return ['unusable', 'answered no JSON'];
  const known = KINDS.find(([names]) => names.test(code));
  if (known !== undefined) return [known[1], known[2]];
  if (status === 429) return ['throttled', 'is asked too often'];
  if (status === 401 || status === 403) return ['misconfigured', 'does not allow the call'];
  if (status !== undefined && status >= 400 && status < 500) return ['rejected', 'does not take the request'];
  return ['unavailable', 'could not be reached or broke off'];
}

/** Only what has the form of a code: nothing of a message. */
function detailsOf(code: string, { httpStatusCode, requestId }: NonNullable<AwsError['$metadata']>): string {
  const parts = [code, httpStatusCode, requestId].filter((part) => /^[\w.-]{1,80}$/.test(String(part ?? '')));
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`;
}
