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

let own: readonly string[] | undefined;

/**
 * The certificates of Node, of the system (as Clair: SSL_CERT_FILE and SSL_CERT_DIR are its places) and `more`;
 * undefined: Node's alone, which it has ready.
 */
function trustedCertificates(more: readonly string[]): string[] | undefined {
  // Not by `import`: in a thread that speaks plain HTTP only it is never loaded.
  const { getCACertificates } = process.getBuiltinModule('node:tls');
  const known = getCACertificates('default');
  own ??= withoutKnown(getCACertificates('system'), known);
  const added = withoutKnown([...own, ...more], known);
  return added.length === 0 ? undefined : [...known, ...added];
}

/** Certificates are compared by their content: the same one is written with other line ends elsewhere. */
function withoutKnown(certificates: readonly string[], known: readonly string[]): string[] {
  const seen = new Set(known.map(compact));
  return certificates.filter((each) => !seen.has(compact(each)));
}

function compact(pem: string): string {
  return pem.replace(/\s/g, '');
}

/** The message of a failed connection without Node's advice about its own options, which are not ours to set. */
export function withoutNodeAdvice(message: string): string {
  return message.replace(/; if the root CA is installed locally.*$/s, '');
}
