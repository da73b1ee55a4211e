/** The flags by which commands reach a running Clair, and the key that they sign with. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Config } from '../../config/schema.ts';
import { AppError } from '../../errors.ts';
import { addSharedOptions, isFile, issuerOption } from '../flags/global-options.ts';

export interface ApiFlags {
  readonly host: string;
  readonly config?: string;
  readonly issuer: string;
  readonly debug: boolean;
  readonly quiet: boolean;
}

export function addApiOptions(command: Command): Command {
  command.addOption(
    new Option('--host <url>', 'the API; also --server')
      .default('http://localhost:6060/')
      .argParser(readUrl)
      .env('CLAIR_API'),
  );
  return addSharedOptions(command).addOption(issuerOption());
}

function readUrl(text: string): string {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new InvalidArgumentError('expected a URL that begins with http:// or https://.');
  if (url.username !== '' || url.password !== '')
    throw new InvalidArgumentError(
      'expected a URL without credentials: requests are signed with the key of --config.',
    );
  return text;
}

/** The configuration of the server that is talked to, if there is one. Throws `bad-config`. */
export async function serverConfigOf(
  { config }: Pick<ApiFlags, 'config'>,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Config | undefined> {
  if (config === undefined) return undefined;
  if (isFile(config)) {
    const { loadConfig } = await import('../../config/load-config.ts');
    return (await loadConfig(config)).config;
  }
  // The image of Clair sets CLAIR_CONF whether there is a file or not.
  if (config === env.CLAIR_CONF) return undefined;
  // differs: a configuration that a flag names must exist (clair-service.md#reports-of-a-server)
  throw new AppError('bad-config', `cannot read --config ${config}: file not found`);
}

/** What signs requests as the configuration says; undefined: they go unsigned. */
export function signOf(auth: Config['auth'], issuer: string): (() => Promise<string>) | undefined {
  const { keyserver, psk } = auth ?? {};
  const key = keyserver ? keyserver.intraservice : psk?.key;
  if (key === undefined) return undefined;
  return async () => {
    const { INTRASERVICE, mintBearer } = await import('../../http/auth/tokens.ts');
    return await mintBearer(key, keyserver ? INTRASERVICE : issuer, new Date());
  };
}
