/** The certificates that the system trusts, where `SSL_CERT_DIR` may name several places. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** A file of certificates is smaller than that; a directory has fewer files. */
const MAX_BYTES = 8 * 1024 * 1024;
const MAX_FILES = 2000;

/**
 * PEM texts. Node takes `SSL_CERT_DIR` for one directory; OpenSSL(1ssl) and Go, and thus those who set it for Clair, for a
 * list. Then the directories are read here, and those that are not there are passed over.
 */
export function systemCertificates(
  ofNode: (type: 'system') => readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): readonly string[] {
  const list = env.SSL_CERT_DIR ?? '';
  if (!list.includes(delimiter)) return ofNode('system');
  const files = list.split(delimiter).flatMap(filesIn);
  return [...new Set([env.SSL_CERT_FILE ?? '', ...files].flatMap(certificatesIn))];
}

function filesIn(directory: string): string[] {
  if (directory === '') return [];
  try {
    return readdirSync(directory)
      .slice(0, MAX_FILES)
      .map((name) => join(directory, name));
  } catch {
    return []; // not there, or not ours to read: as in Go
  }
}

function certificatesIn(file: string): string[] {
  try {
    const found = file === '' ? undefined : statSync(file);
    if (!found?.isFile() || found.size > MAX_BYTES) return [];
    return (
      readFileSync(file, 'latin1').match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
    );
  } catch {
    return [];
  }
}
