/** What S3 answers to the requests that the server makes. https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html */
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { Objects, StoredObject } from './objects.ts';
import type { Asked } from './server.ts';

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

const XML = { 'Content-Type': 'application/xml' };
const xml = (name: string, content: string): Answer => ({
  status: 200,
  headers: XML,
  body: `<?xml version="1.0" encoding="UTF-8"?>\n<${name} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${content}</${name}>`,
});

export const errorAnswer = (status: number, code: string): Answer => ({
  status,
  headers: XML,
  body: `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${code}</Message></Error>`,
});

const text = (value: string): string =>
  value.replace(/[&<>]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[c] ?? c);

/** Of a signed request to the bucket. */
export function answerOf(asked: Asked, objects: Objects): Answer {
  const { method, key, query } = asked;
  if (key === '' && method === 'GET')
    return query.has('uploads') ? listUploads(asked, objects) : listObjects(asked, objects);
  const uploadId = query.get('uploadId');
  if (method === 'POST' && query.has('uploads')) {
    const id = objects.begin(key, kept(asked));
    return xml('InitiateMultipartUploadResult', `<Key>${text(key)}</Key><UploadId>${id}</UploadId>`);
  }
  if (uploadId !== null) return ofUpload(asked, uploadId, objects);
  if (method === 'PUT') return sumFault(asked) ?? stored(objects.put(key, asked.body, kept(asked)));
  if (method === 'DELETE') {
    objects.all.delete(key);
    return { status: 204 };
  }
  const object = objects.all.get(key);
  return object === undefined ? errorAnswer(404, 'NoSuchKey') : read(asked, object);
}

const stored = ({ tag, headers }: StoredObject): Answer => ({
  status: 200,
  headers: { ETag: tag, ...headers },
});

/** What S3 keeps of the headers and tells again. */
function kept({ headers }: Asked): Record<string, string> {
  const names = ['x-amz-server-side-encryption', 'x-amz-server-side-encryption-aws-kms-key-id'];
  return Object.fromEntries(names.flatMap((name) => (headers[name] ? [[name, String(headers[name])]] : [])));
}

const SUMS: Readonly<Record<string, (data: Buffer) => string>> = {
  'x-amz-checksum-sha256': (data) => createHash('sha256').update(data).digest('base64'),
  'x-amz-checksum-crc32': (data) => {
    const sum = Buffer.alloc(4);
    sum.writeUInt32BE(crc32(data));
    return sum.toString('base64');
  },
};

/** Content must have a checksum, and be as its checksum and its signed hash say. */
function sumFault({ headers, body }: Asked): Answer | undefined {
  const given = Object.keys(SUMS).filter((name) => name in headers);
  if (given.length === 0) return errorAnswer(400, 'InvalidRequest');
  if (given.some((name) => SUMS[name]!(body) !== headers[name])) return errorAnswer(400, 'BadDigest');
  const hash = String(headers['x-amz-content-sha256']);
  const isSigned = /^[0-9a-f]{64}$/.test(hash);
  const found = createHash('sha256').update(body).digest('hex');
  return isSigned && hash !== found ? errorAnswer(400, 'XAmzContentSHA256Mismatch') : undefined;
}

function ofUpload(asked: Asked, id: string, objects: Objects): Answer {
  const upload = objects.uploads.get(id);
  if (upload === undefined) return errorAnswer(404, 'NoSuchUpload');
  if (asked.method === 'DELETE') {
    objects.uploads.delete(id);
    return { status: 204 };
  }
  if (asked.method === 'PUT') {
    const fault = sumFault(asked);
    if (fault !== undefined) return fault;
    upload.parts.set(Number(asked.query.get('partNumber')), asked.body);
    const sum = asked.headers['x-amz-checksum-sha256'];
    const tag = createHash('md5').update(asked.body).digest('hex');
    return {
      status: 200,
      headers: { ETag: `"${tag}"`, ...(sum === undefined ? {} : { 'x-amz-checksum-sha256': String(sum) }) },
    };
  }
  const numbers = [...asked.body.toString().matchAll(/<PartNumber>(\d+)<\/PartNumber>/g)].map((m) =>
    Number(m[1]),
  );
  const object = objects.complete(id, numbers);
  if (object === undefined) return errorAnswer(400, 'InvalidPart');
  return xml('CompleteMultipartUploadResult', `<Key>${text(upload.key)}</Key><ETag>${object.tag}</ETag>`);
}

function read({ method, headers, query }: Asked, object: StoredObject): Answer {
  if (headers['if-match'] !== undefined && headers['if-match'] !== object.tag)
    return errorAnswer(412, 'PreconditionFailed');
  const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(headers.range ?? '') ?? [];
  const all = object.data.length;
  const start = Number(from ?? 0);
  if (start >= all && from !== undefined) return errorAnswer(416, 'InvalidRange');
  const end = to === undefined || to === '' ? all - 1 : Math.min(Number(to), all - 1);
  const asked = Object.fromEntries(
    [...query].flatMap(([name, value]) => (name.startsWith('response-') ? [[name.slice(9), value]] : [])),
  );
  return {
    status: from === undefined ? 200 : 206,
    headers: {
      ETag: object.tag,
      'Last-Modified': object.modifiedAt.toUTCString(),
      'Content-Length': String(end - start + 1),
      ...(from === undefined ? {} : { 'Content-Range': `bytes ${start}-${end}/${all}` }),
      ...asked,
      ...object.headers,
    },
    ...(method === 'HEAD' ? {} : { body: Buffer.from(object.data.subarray(start, end + 1)) }),
  };
}

/** Pages are short, so that whoever lists must turn them. */
const PAGE = 3;

function listObjects({ query }: Asked, objects: Objects): Answer {
  const prefix = query.get('prefix') ?? '';
  const after = query.get('continuation-token') ?? query.get('start-after') ?? '';
  const delimiter = query.get('delimiter');
  const folderOf = (key: string): string | undefined => {
    const end = delimiter === null ? -1 : key.indexOf(delimiter, prefix.length);
    return end < 0 ? undefined : key.slice(0, end + 1);
  };
  const entries = [...new Set(objects.keys(prefix).map((key) => folderOf(key) ?? key))];
  const left = entries.filter((entry) => Buffer.compare(Buffer.from(entry), Buffer.from(after)) > 0);
  const page = left.slice(0, PAGE);
  const isMore = left.length > PAGE;
  const content = page.map((entry) => {
    const object = objects.all.get(entry);
    return object === undefined
      ? `<CommonPrefixes><Prefix>${text(entry)}</Prefix></CommonPrefixes>`
      : `<Contents><Key>${text(entry)}</Key><Size>${object.data.length}</Size><LastModified>${object.modifiedAt.toISOString()}</LastModified></Contents>`;
  });
  const more = isMore ? `<NextContinuationToken>${text(page.at(-1)!)}</NextContinuationToken>` : '';
  return xml('ListBucketResult', `<IsTruncated>${isMore}</IsTruncated>${more}${content.join('')}`);
}

function listUploads({ query }: Asked, objects: Objects): Answer {
  const prefix = query.get('prefix') ?? '';
  const after = query.get('upload-id-marker') ?? '';
  const number = (id: string): number => Number(id.replace('upload-', '')) || 0;
  const left = [...objects.uploads].filter(
    ([id, { key }]) => key.startsWith(prefix) && number(id) > number(after),
  );
  const page = left.slice(0, PAGE);
  const isMore = left.length > PAGE;
  const content = page.map(
    ([id, { key, begunAt }]) =>
      `<Upload><Key>${text(key)}</Key><UploadId>${id}</UploadId><Initiated>${begunAt.toISOString()}</Initiated></Upload>`,
  );
  const [id = '', upload] = page.at(-1) ?? [];
  const more = isMore
    ? `<NextKeyMarker>${text(upload?.key ?? '')}</NextKeyMarker><NextUploadIdMarker>${id}</NextUploadIdMarker>`
    : '';
  return xml('ListMultipartUploadsResult', `<IsTruncated>${isMore}</IsTruncated>${more}${content.join('')}`);
}
