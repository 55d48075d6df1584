/** What a bucket holds: objects, and uploads in parts. https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html */
import { createHash } from 'node:crypto';

export interface StoredObject {
  readonly data: Buffer;
  readonly tag: string;
  readonly modifiedAt: Date;
  readonly headers: Readonly<Record<string, string>>;
}

export interface StartedUpload {
  readonly key: string;
  readonly begunAt: Date;
  readonly headers: Readonly<Record<string, string>>;
  readonly parts: Map<number, Buffer>;
}

export class Objects {
  readonly all = new Map<string, StoredObject>();
  readonly uploads = new Map<string, StartedUpload>();
  #number = 0;
  /** By which times of the bucket differ from the clock. */
  ageMs = 0;

  get now(): Date {
    return new Date(Date.now() - this.ageMs);
  }

  put(key: string, data: Buffer, headers: Readonly<Record<string, string>>, tag = md5(data)): StoredObject {
    const object = { data, tag: `"${tag}"`, modifiedAt: this.now, headers };
    this.all.set(key, object);
    return object;
  }

  begin(key: string, headers: Readonly<Record<string, string>>): string {
    this.#number += 1;
    const id = `upload-${this.#number}`;
    this.uploads.set(id, { key, begunAt: this.now, headers, parts: new Map() });
    return id;
  }

  /** Undefined where S3 would refuse: parts that were not sent, out of order, or too small. */
  complete(id: string, numbers: readonly number[]): StoredObject | undefined {
    const upload = this.uploads.get(id);
    const parts = numbers.map((number) => upload?.parts.get(number));
    const isGood = parts.every(
      (part, i) => part !== undefined && (i === parts.length - 1 || part.length >= 5 * 2 ** 20),
    );
    const isOrdered = numbers.every((number, i) => i === 0 || number > numbers[i - 1]!);
    if (upload === undefined || !isGood || !isOrdered || parts.length === 0) return undefined;
    this.uploads.delete(id);
    const data = Buffer.concat(parts as Buffer[]);
    return this.put(upload.key, data, upload.headers, `${md5(data)}-${parts.length}`);
  }

  keys(prefix: string): string[] {
    return [...this.all.keys()].filter((key) => key.startsWith(prefix)).toSorted(byBytes);
  }
}

const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

const md5 = (data: Buffer): string => createHash('md5').update(data).digest('hex');
