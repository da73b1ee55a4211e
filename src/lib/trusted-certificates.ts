/** Whom to trust in TLS: one answer for registries, feeds, other services, key servers, brokers and webhooks. */
import { systemCertificates } from './system-certificates.ts';

let own: readonly string[] | undefined;

/**
 * The certificates of Node, of the system (as Clair: SSL_CERT_FILE and SSL_CERT_DIR are its places) and `more`;
 * undefined: Node's alone, which it has ready.
 */
export function trustedCertificates(more: readonly string[] = []): string[] | undefined {
  // Not by `import`: in a thread that speaks plain HTTP only it is never loaded.
  const { getCACertificates } = process.getBuiltinModule('node:tls');
  const known = getCACertificates('default');
  own ??= withoutKnown(systemCertificates(getCACertificates), known);
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
