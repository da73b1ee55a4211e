/** Connections whose TLS trusts what this program trusts, made ready once: it is 300 certificates. */
import type { SecureContext } from 'node:tls';
import { buildConnector } from 'undici';
import { HTTP1 } from './dispatcher.ts';
import { trustedCertificates } from './trusted-certificates.ts';

let context: SecureContext | undefined;

/** The same trust for TLS inside the tunnel of a proxy. */
export function trustedTls(): { readonly secureContext?: SecureContext } {
  const ca = trustedCertificates();
  return ca === undefined ? {} : { secureContext: contextOf(ca) };
}

function contextOf(ca: string[]): SecureContext {
  context ??= process.getBuiltinModule('node:tls').createSecureContext({ ca });
  return context;
}

/** `options` as undici takes them for each connection. Certificates are read at the first one by TLS. */
export function trustingConnector(options: buildConnector.BuildOptions): buildConnector.connector {
  const ca = trustedCertificates();
  const plain = buildConnector({ ...HTTP1, ...options });
  if (ca === undefined) return plain;
  let secure: buildConnector.connector | undefined;
  return (target, done) => {
    if (target.protocol !== 'https:') return plain(target, done);
    secure ??= buildConnector({ ...HTTP1, ...options, secureContext: contextOf(ca) });
    return secure(target, done);
  };
}
