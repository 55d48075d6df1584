/** A read of content that is whole and as it was written, or is broken off before its end. */
import { createHash } from 'node:crypto';
import { Transform } from 'node:stream';

export class ContentDamaged extends Error {
  constructor() {
    super('Stored content is not what was written');
    this.name = 'ContentDamaged';
  }
}

/** Passes all on but holds the last chunk back until the SHA-256 is known: whoever gets everything gets what was stored. */
export function verifying(sha256: Buffer): Transform {
  const hash = createHash('sha256');
  let held: Buffer | undefined;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      const before = held;
      held = chunk;
      done(null, before);
    },
    flush(done) {
      if (hash.digest().equals(sha256)) done(null, held);
      else done(new ContentDamaged());
    },
  });
}
