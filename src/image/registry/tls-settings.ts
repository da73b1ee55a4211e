/** TLS with a registry: whom to trust, and who we are. */
import { trustedCertificates } from '../../lib/trusted-certificates.ts';

/** What TLS with a registry takes, as plain data: threads that fetch layers get a copy. */
export interface TlsSettings {
  /** Certificates are not verified. */
  readonly insecure: boolean;
  /** PEM certificates that are trusted besides the usual ones. */
  readonly ca: readonly string[];
  /** Shown to this host (and port) only. */
  readonly client?: { readonly host: string; readonly cert: string; readonly key: string };
}

/** As `tls.connect` and undici take them. */
export interface TlsOptions {
  readonly rejectUnauthorized: boolean;
  readonly ca?: string[];
  readonly cert?: string;
  readonly key?: string;
}

/** The options for a connection to `host` (with its port, if that is no default). */
export function tlsOptions(settings: TlsSettings | undefined, host: string): TlsOptions {
  const { insecure = false, ca = [], client } = settings ?? {};
  const trusted = trustedCertificates(ca);
  return {
    rejectUnauthorized: !insecure,
    ...(trusted && { ca: trusted }),
    ...(client?.host === host && { cert: client.cert, key: client.key }),
  };
}

/** The message of a failed connection without Node's advice about its own options, which are not ours to set. */
export function withoutNodeAdvice(message: string): string {
  return message.replace(/; if the root CA is installed locally.*$/s, '');
}
