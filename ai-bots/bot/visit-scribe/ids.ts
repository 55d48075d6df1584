/** Ids that follow from what triggered the bot, so that a second delivery writes the same resources. */
import { createHash } from 'node:crypto';

/** 32 hexadecimal digits: the first 128 bits of the SHA-256 of the parts. The separator cannot occur in an id. */
export function derivedId(...parts: readonly string[]): string {
  return createHash('sha256')
    .update(['visit-scribe', ...parts].join('\n'))
    .digest('hex')
    .slice(0, 32);
}
