/** What services of AWS that speak JSON 1.1 have in common: signed calls, targets, typed errors. */
import type { Asked, Behaviour } from './fake-http.ts';

export const ACCESS_KEY = 'AKIAFAKE';

/** The chain of credentials begins with the environment. Returns what puts the environment back. */
export function useCredentials(accessKey = ACCESS_KEY): () => void {
  const values = {
    AWS_ACCESS_KEY_ID: accessKey,
    AWS_SECRET_ACCESS_KEY: 'secret',
    // A token of another key would come along with this one.
    AWS_SESSION_TOKEN: undefined,
  };
  const before = Object.keys(values).map((name) => [name, process.env[name]] as const);
  const use = (entries: readonly (readonly [string, string | undefined])[]): void => {
    for (const [name, value] of entries) {
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
    }
  };
  use(Object.entries(values));
  return () => use(before);
}

/** As JSON 1.1 tells errors; `message` may quote what was sent. */
export const awsError = (
  status: number,
  type: string,
  message = '',
  headers: Readonly<Record<string, string>> = {},
): Behaviour => ({
  status,
  headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': 'fake-request-2', ...headers },
  body: { __type: `com.amazonaws.fake#${type}`, Message: message },
});

export const awsAnswer = (body: object): Behaviour => ({
  status: 200,
  headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': 'fake-request-2' },
  body,
});

/** Undefined when the call is signed with the key that is known. */
export function signatureFault({ headers }: Asked): Behaviour | undefined {
  const signed = /^AWS4-HMAC-SHA256 Credential=([^/]+)\//.exec(headers.authorization ?? '')?.[1];
  return signed === ACCESS_KEY
    ? undefined
    : awsError(400, 'UnrecognizedClientException', 'The security token included in the request is invalid.');
}

export const targetOf = ({ headers }: Asked): string =>
  String(headers['x-amz-target'] ?? '').split('.')[1] ?? '';
