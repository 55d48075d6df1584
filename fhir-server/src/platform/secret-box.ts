/** Secrets that the server must read again (TOTP, headers of Subscriptions), encrypted under its own. https://www.rfc-editor.org/rfc/rfc7516 */
import { hkdfSync } from 'node:crypto';
import { CompactEncrypt, compactDecrypt } from 'jose';

export interface SecretBox {
  seal(text: string): Promise<string>;
  /** Throws when it was not sealed under this secret and for this purpose. */
  open(sealed: string): Promise<string>;
}

/** @param purpose what is sealed for one purpose cannot be opened for another */
export function createSecretBox(
  secret: string,
  purpose: 'account secrets' | 'subscription secrets',
): SecretBox {
  const key = new Uint8Array(hkdfSync('sha256', secret, '', purpose, 32));
  return {
    seal: (text) =>
      new CompactEncrypt(new TextEncoder().encode(text))
        .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
        .encrypt(key),
    async open(sealed) {
      const { plaintext } = await compactDecrypt(sealed, key, {
        keyManagementAlgorithms: ['dir'],
        contentEncryptionAlgorithms: ['A256GCM'],
      });
      return new TextDecoder().decode(plaintext);
    },
  };
}
