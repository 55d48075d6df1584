/** Texts that lie where others may write: sealed for their place and their time, so that none can be forged, moved or kept longer. */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

export interface Kept {
  readonly text: string;
  /** Milliseconds since 1970, by the clock of whoever kept it. */
  readonly until: number;
}

export interface SealedTexts {
  seal(place: string, kept: Kept): Buffer;
  /** Undefined for what is over, is of another place, or was not sealed under this secret. */
  open(place: string, sealed: Buffer | null | undefined): Kept | undefined;
}

/** A JWE (platform/secret-box.ts) would take ten times as long, and longer than to ask the database. */
const CIPHER = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;
const UNTIL_BYTES = 8;

export function createSealedTexts(secret: string): SealedTexts {
  const key = new Uint8Array(hkdfSync('sha256', secret, '', 'shared cache', 32));
  return {
    seal(place, { text, until }) {
      const iv = randomBytes(IV_BYTES);
      const cipher = createCipheriv(CIPHER, key, iv, { authTagLength: TAG_BYTES }).setAAD(Buffer.from(place));
      const time = Buffer.alloc(UNTIL_BYTES);
      time.writeDoubleBE(until);
      const sealed = [cipher.update(time), cipher.update(text, 'utf8'), cipher.final()];
      return Buffer.concat([iv, cipher.getAuthTag(), ...sealed]);
    },
    open(place, sealed) {
      if (!sealed || sealed.length < IV_BYTES + TAG_BYTES + UNTIL_BYTES) return undefined;
      const [iv, tag, body] = [
        sealed.subarray(0, IV_BYTES),
        sealed.subarray(IV_BYTES, IV_BYTES + TAG_BYTES),
        sealed.subarray(IV_BYTES + TAG_BYTES),
      ];
      const decipher = createDecipheriv(CIPHER, key, iv, { authTagLength: TAG_BYTES })
        .setAAD(Buffer.from(place))
        .setAuthTag(tag);
      try {
        const opened = Buffer.concat([decipher.update(body), decipher.final()]);
        const until = opened.readDoubleBE();
        return until > Date.now() ? { text: opened.toString('utf8', UNTIL_BYTES), until } : undefined;
      } catch {
        return undefined;
      }
    },
  };
}
