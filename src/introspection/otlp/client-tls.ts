/** Whom an exporter trusts, and the certificate that it shows. */
import { readFileSync } from 'node:fs';
import { AppError, messageOf } from '../../errors.ts';
import { trustedCertificates } from '../../lib/trusted-certificates.ts';
import type { OtlpTarget } from './target.ts';

export interface ClientTls {
  readonly ca?: string[];
  readonly cert?: Buffer;
  readonly key?: Buffer;
}

/** Throws `bad-config` if the client certificate cannot be read. */
export function clientTls(files: OtlpTarget['client_tls']): ClientTls {
  const ca = trustedCertificates();
  const trusted = ca === undefined ? {} : { ca };
  if (!files?.cert || !files.key) return trusted;
  try {
    return { ...trusted, cert: readFileSync(files.cert), key: readFileSync(files.key) };
  } catch (cause) {
    throw new AppError('bad-config', `otlp: cannot read the client certificate: ${messageOf(cause)}`, {
      cause,
    });
  }
}
