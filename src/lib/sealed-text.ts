/** Texts that are kept where others can read them, and that only who knows the key can open: AES-256-GCM. */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

export interface Sealer {
  /** `context`: what it belongs to; it cannot be opened as something else's. */
  seal(text: string, context: string): Buffer;
  /** undefined: it was sealed with another key, for another context, or is damaged. */
  open(sealed: Uint8Array, context: string): string | undefined;
}

const IV = 12;
const TAG = 16;

/** `secret`: any text, from which the key is derived (HKDF, RFC 5869) for `purpose`. */
export function createSealer(secret: string, purpose: string): Sealer {
  const key = Buffer.from(hkdfSync('sha256', secret, '', purpose, 32));
  return {
    seal(text, context) {
      const iv = randomBytes(IV);
      const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(context));
      const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return Buffer.concat([iv, cipher.getAuthTag(), sealed]);
    },
    open(sealed, context) {
      if (sealed.length < IV + TAG) return undefined;
      try {
        const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, IV))
          .setAAD(Buffer.from(context))
          .setAuthTag(sealed.subarray(IV, IV + TAG));
        const text = Buffer.concat([decipher.update(sealed.subarray(IV + TAG)), decipher.final()]);
        return text.toString('utf8');
      } catch {
        return undefined;
      }
    },
  };
}
