/** Whether a request is signed as AWS demands. https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html */
import { createHash, createHmac } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

export const ACCESS_KEY = 'AKIAFAKE';
export const SECRET_KEY = 'secret of the fake';

/** What is signed of a request: the URL as it came, and the headers as they came. */
export interface Signed {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
}

/** The code of the error; undefined where the signature is right. `now` is compared with a link's end. */
export function signatureFault(request: Signed, now: Date): string | undefined {
  const isLink = request.url.searchParams.has('X-Amz-Signature');
  const authorization = request.headers.authorization;
  if (isLink && authorization !== undefined) return 'InvalidArgument';
  return isLink ? linkFault(request, now) : headerFault(request, authorization);
}

function headerFault(request: Signed, authorization = ''): string | undefined {
  const [, key, scope, names = '', given] =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/([^,]+), SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/.exec(
      authorization,
    ) ?? [];
  if (key === undefined || scope === undefined) return 'AccessDenied';
  if (key !== ACCESS_KEY) return 'InvalidAccessKeyId';
  const hash = String(request.headers['x-amz-content-sha256']);
  const signature = sign(request, {
    scope,
    names: names.split(';'),
    date: String(request.headers['x-amz-date']),
    hash,
  });
  return signature === given ? undefined : 'SignatureDoesNotMatch';
}

function linkFault(request: Signed, now: Date): string | undefined {
  const query = request.url.searchParams;
  const [key, ...scope] = (query.get('X-Amz-Credential') ?? '').split('/');
  if (key !== ACCESS_KEY) return 'InvalidAccessKeyId';
  const date = query.get('X-Amz-Date') ?? '';
  const signature = sign(request, {
    scope: scope.join('/'),
    names: (query.get('X-Amz-SignedHeaders') ?? '').split(';'),
    date,
    hash: query.get('X-Amz-Content-Sha256') ?? 'UNSIGNED-PAYLOAD',
  });
  if (signature !== query.get('X-Amz-Signature')) return 'SignatureDoesNotMatch';
  const [, y, m, d, h, min, s] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(date) ?? [];
  const end = Date.parse(`${y}-${m}-${d}T${h}:${min}:${s}Z`) + Number(query.get('X-Amz-Expires')) * 1_000;
  return end < now.getTime() ? 'AccessDenied' : undefined;
}

interface Signing {
  readonly scope: string;
  readonly names: readonly string[];
  readonly date: string;
  readonly hash: string;
}

function sign({ method, url, headers }: Signed, { scope, names, date, hash }: Signing): string {
  const query = [...url.searchParams]
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]) => `${escape(name)}=${escape(value)}`)
    .toSorted()
    .join('&');
  const lines = names.map((name) => `${name}:${String(headers[name] ?? '').trim()}\n`);
  const canonical = [method, url.pathname, query, lines.join(''), names.join(';'), hash].join('\n');
  const text = ['AWS4-HMAC-SHA256', date, scope, createHash('sha256').update(canonical).digest('hex')].join(
    '\n',
  );
  let key: Buffer | string = `AWS4${SECRET_KEY}`;
  for (const part of scope.split('/')) key = createHmac('sha256', key).update(part).digest();
  return createHmac('sha256', key).update(text).digest('hex');
}

const escape = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
