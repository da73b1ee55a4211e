/** TLS with a broker: whom to trust, and who we are. */
import { readFile } from 'node:fs/promises';
import { messageOf } from '../errors.ts';
import { trustedCertificates } from '../lib/trusted-certificates.ts';

/** Paths of PEM files. */
export interface TlsFiles {
  readonly root_ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

/** Returns the files of the setting `tls`, by the keys that name them. */
export function tlsFiles(files: TlsFiles | null | undefined): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(files ?? {}).map(([key, path]) => [`tls.${key}`, path]));
}

/** As `tls.connect` takes them. */
export interface ClientTlsOptions {
  readonly ca?: string[];
  readonly cert?: Buffer;
  /** Bytes: what node:tls keeps of it is not in V8's heap. */
  readonly key?: Buffer;
  readonly minVersion: 'TLSv1.2';
}

/** Read anew for each connection: certificates are renewed while the service runs. */
export async function clientTlsOptions(files: TlsFiles | null | undefined): Promise<ClientTlsOptions> {
  const { root_ca: rootCa, cert, key } = files ?? {};
  const more = rootCa ? [(await readPem(rootCa)).toString()] : [];
  const ca = trustedCertificates(more);
  return {
    ...(ca && { ca }),
    ...(cert && { cert: await readPem(cert) }),
    ...(key && { key: await readPem(key) }),
    minVersion: 'TLSv1.2',
  };
}

async function readPem(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new Error(`a file of its tls settings cannot be read: ${messageOf(error)}`, { cause: error });
  }
}
