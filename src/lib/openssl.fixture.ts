/** For tests that make certificates. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Whether this machine has openssl. */
export function hasOpenssl(): boolean {
  try {
    execFileSync('openssl', ['version'], { stdio: 'pipe' });
    return true;
  } catch {
    return false;
  }
}

/** A key and a certificate of its own for 127.0.0.1, in PEM; undefined without openssl. */
export function keyPair(): { readonly cert: Buffer; readonly key: Buffer } | undefined {
  if (!hasOpenssl()) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'key-pair-'));
  try {
    const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
    const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
    execFileSync('openssl', ['req', '-x509', ...ec, ...subject, '-keyout', 'key', '-out', 'cert'], {
      cwd: folder,
      stdio: 'pipe',
    });
    return { cert: readFileSync(join(folder, 'cert')), key: readFileSync(join(folder, 'key')) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
