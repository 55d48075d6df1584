/** What services of AWS that speak JSON 1.1 have in common: signed calls, targets, typed errors. */
import type { Asked, Behaviour } from './fake-http.ts';

export const ACCESS_KEY = 'AKIAFAKE';

/** The chain of credentials begins with the environment. Returns what puts the environment back. */
export function useCredentials(accessKey = ACCESS_KEY): () => void {
  const names = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'] as const;
  const before = names.map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: accessKey, AWS_SECRET_ACCESS_KEY: 'secret' });
  delete process.env['AWS_SESSION_TOKEN'];
  return () => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  };
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
