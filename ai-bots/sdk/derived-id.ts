/** Ids that follow from what made a bot work, so that a second run writes the same resources. */
import { createHash } from 'node:crypto';

/** 32 hexadecimal digits: the first 128 bits of the SHA-256 of bot and parts. The separator cannot occur in an id. */
export function derivedId(bot: string, ...parts: readonly string[]): string {
  return createHash('sha256')
    .update([bot, ...parts].join('\n'))
    .digest('hex')
    .slice(0, 32);
}
