/** The flags by which commands reach a registry. */
import { type Command, Option } from 'commander';
import { AppError } from '../../errors.ts';
import type { RegistryFlags } from '../../image/open-target.ts';

export interface RegistryFlagValues {
  readonly insecure: boolean;
  readonly plainHttp: boolean;
  readonly caCert?: string;
  readonly username?: string;
  readonly passwordStdin: boolean;
  readonly registryToken?: string;
}

const PASSWORD = 'CLAIR_REGISTRY_PASSWORD';
const SECRET_LIMIT = 64 * 1024;

export function addRegistryOptions(command: Command): Command {
  return command
    .addOption(new Option('--insecure', 'do not verify certificates, and allow HTTP').default(false))
    .addOption(new Option('--plain-http', 'use HTTP instead of HTTPS').default(false))
    .addOption(new Option('--ca-cert <file>', 'also trust the certificates in this PEM file'))
    .addOption(
      new Option('--username <name>', `log in with this user name; the password is in ${PASSWORD}`).env(
        'CLAIR_REGISTRY_USERNAME',
      ),
    )
    .option('--password-stdin', 'read the password from stdin', false)
    .addOption(new Option('--registry-token <token>', 'authenticate with a bearer token'));
}

/** What the flags say. Throws `bad-target` if a login is incomplete. */
export async function registryFlagsOf(
  { insecure, plainHttp, caCert, username, passwordStdin, registryToken }: RegistryFlagValues,
  env: NodeJS.ProcessEnv = process.env,
  stdin: AsyncIterable<Buffer | string> = process.stdin,
): Promise<RegistryFlags> {
  const reached = { insecure, plainHttp, ...(caCert !== undefined && { caCert }) };
  if (username === undefined) {
    if (passwordStdin) throw new AppError('bad-target', '--password-stdin requires --username');
    return registryToken ? { ...reached, login: { registryToken } } : reached;
  }
  if (registryToken !== undefined)
    throw new AppError('bad-target', '--username and --registry-token exclude each other: use one of them');
  const password = passwordStdin ? await readSecret(stdin) : env[PASSWORD];
  if (password === undefined || password === '')
    throw new AppError(
      'bad-target',
      `--username requires a password. Set ${PASSWORD} or use --password-stdin`,
    );
  return { ...reached, login: { username, password } };
}

/** `echo` ends it with a line end, which is not meant. */
async function readSecret(stdin: AsyncIterable<Buffer | string>): Promise<string> {
  let text = '';
  for await (const piece of stdin) {
    text += piece.toString();
    if (text.length > SECRET_LIMIT) throw new AppError('bad-target', 'the password on stdin exceeds 64 KiB');
  }
  return text.replace(/\r?\n$/, '');
}
