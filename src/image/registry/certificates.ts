/** The certificates that a user set up for a registry: `--ca-cert`, and the certs.d folders of Docker and Podman. */
import { X509Certificate } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError, messageOf } from '../../errors.ts';
import type { TlsSettings } from './tls-settings.ts';

export interface CertificateOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly insecure: boolean;
  /** A PEM file. */
  readonly caCert?: string;
}

const FILE_LIMIT = 4 * 1024 * 1024;
const PEM = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** The settings for the registry `host`, which is reached at `apiHost`. Throws `bad-target` that names the file. */
export async function readTlsSettings(
  host: string,
  apiHost: string,
  { env, insecure, caCert }: CertificateOptions,
): Promise<TlsSettings> {
  const ca: string[] = caCert === undefined ? [] : await certificatesIn(caCert);
  for (const folder of folders(env, host)) {
    const names = await readdir(folder).catch((): string[] => []);
    // containers-certs.d(5): *.crt are CAs, *.cert with the *.key of the same name are ours.
    for (const name of names.filter((each) => each.endsWith('.crt')).sort())
      ca.push(...(await certificatesIn(join(folder, name))));
    const [own] = names.filter((each) => each.endsWith('.cert')).sort();
    if (own === undefined) continue;
    const keyName = own.replace(/cert$/, 'key');
    if (!names.includes(keyName)) throw new AppError('bad-target', `${join(folder, own)} has no ${keyName}`);
    const client = {
      host: new URL(`https://${apiHost}`).host,
      cert: (await certificatesIn(join(folder, own))).join('\n'),
      key: await readText(join(folder, keyName)),
    };
    return { insecure, ca, client };
  }
  return { insecure, ca };
}

/** The user's own first; the port belongs to the name of the folder. */
function folders(env: NodeJS.ProcessEnv, host: string): string[] {
  const config = env.XDG_CONFIG_HOME || (env.HOME && join(env.HOME, '.config'));
  return [
    config && join(config, 'containers/certs.d'),
    config && join(config, 'docker/certs.d'),
    '/etc/containers/certs.d',
    '/etc/docker/certs.d',
  ].flatMap((folder) => (folder ? [join(folder, host)] : []));
}

async function certificatesIn(path: string): Promise<string[]> {
  const found = (await readText(path)).match(PEM) ?? [];
  if (found.length === 0) throw new AppError('bad-target', `${path} has no PEM certificate`);
  for (const pem of found) {
    try {
      new X509Certificate(pem);
    } catch (error) {
      throw new AppError('bad-target', `${path} has a certificate that cannot be read: ${messageOf(error)}`);
    }
  }
  return [...found];
}

async function readText(path: string): Promise<string> {
  try {
    const { size } = await stat(path);
    if (size > FILE_LIMIT) throw new Error(`it has ${size} bytes, the limit is ${FILE_LIMIT}`);
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new AppError('bad-target', `cannot read certificate file ${path}: ${messageOf(error)}`);
  }
}
