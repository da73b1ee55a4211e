/** What a registry wants to see: the `Authorization` header that answers its challenges (Docker's token authentication). */
import { z } from 'zod';
import { AppError } from '../../errors.ts';
import type { Challenge } from './challenge.ts';
import type { Credentials, FoundCredentials } from './credentials.ts';
import { showUrl } from './show-url.ts';
import type { RegistryResponse, RegistryTransport } from './transport.ts';

export interface AuthorizeParts {
  readonly transport: Pick<RegistryTransport, 'ask'>;
  readonly host: string;
  readonly repository: string;
  /** What messages call the image. */
  readonly name: string;
  /** Tokens are for reading only, for writing too, or for the list of repositories. */
  readonly access: 'pull' | 'push' | 'catalog';
  /** Whether the credentials were given rather than stored. */
  readonly isGiven: boolean;
  /** Whether a token server may be asked without encryption. */
  readonly plainTokens: () => boolean;
}

const TOKEN_LIMIT = 1024 * 1024;
const Token = z.object({ token: z.string().optional(), access_token: z.string().optional() });

/** Returns the header. Throws `bad-target` if there is none that will do. */
export async function authorize(
  parts: AuthorizeParts,
  challenges: readonly Challenge[],
  found: FoundCredentials,
): Promise<string> {
  const { credentials } = found;
  const bearer = challenges.find(({ scheme }) => scheme === 'bearer');
  if (bearer) {
    if (credentials && 'registryToken' in credentials) return `Bearer ${credentials.registryToken}`;
    return `Bearer ${await exchange(parts, bearer, found)}`;
  }
  const isBasic = challenges.some(({ scheme }) => scheme === 'basic');
  if (isBasic && credentials && 'username' in credentials) return basic(credentials);
  const wants = isBasic
    ? 'authentication required'
    : 'authentication required, by a method that is not supported';
  throw denied(parts, wants, found);
}

/** Returns the error for a registry that lets nobody in with what was found: it says whose login was used, and what to do. */
export function denied(
  { host, name, isGiven }: Pick<AuthorizeParts, 'host' | 'name' | 'isGiven'>,
  why: string,
  { credentials, problems }: FoundCredentials,
): AppError {
  const used = isGiven ? 'the given credentials were rejected' : 'the stored credentials were rejected';
  const who = credentials ? used : `no credentials for ${host} found`;
  const advice = credentials
    ? ''
    : `. Run "docker login${host === 'docker.io' ? '' : ` ${host}`}", or use --username`;
  return new AppError('bad-target', `${name}: ${[why, who, ...problems].join('; ')}${advice}`);
}

/** Returns a token of the token server that the registry names. */
async function exchange(
  parts: AuthorizeParts,
  challenge: Challenge,
  found: FoundCredentials,
): Promise<string> {
  const realm = URL.parse(challenge.parameters.get('realm') ?? '');
  if (realm === null || !/^https?:$/.test(realm.protocol)) {
    throw denied(parts, 'the registry does not name a token server', found);
  }
  if (realm.protocol === 'http:' && !parts.plainTokens()) {
    throw denied(parts, `the token server ${showUrl(realm)} does not use HTTPS`, found);
  }
  const answer = await askForToken(parts, realm, challenge, found.credentials);
  if (answer.status !== 200) {
    await answer.discard();
    throw denied(parts, `the token server ${showUrl(realm)} returned status ${answer.status}`, found);
  }
  const { token, access_token } = parseToken(await answer.read(TOKEN_LIMIT));
  const given = token || access_token;
  if (!given || /[^\x21-\x7e]/.test(given)) {
    throw denied(parts, `the token server ${showUrl(realm)} returned no token`, found);
  }
  return given;
}

/** Docker's token specification: GET with basic authentication, or POST of a refresh token. */
async function askForToken(
  parts: AuthorizeParts,
  realm: URL,
  { parameters }: Challenge,
  credentials: Credentials | undefined,
): Promise<RegistryResponse> {
  const service = parameters.get('service');
  const scopes = scopesFor(parts, parameters.get('scope') ?? '');
  if (credentials && 'identityToken' in credentials) {
    const form = new URLSearchParams({
      scope: scopes.join(' '),
      ...(service && { service }),
      grant_type: 'refresh_token',
      client_id: 'clairctl',
      refresh_token: credentials.identityToken,
    });
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    return await parts.transport.ask(realm, { method: 'POST', headers, body: form.toString() });
  }
  for (const scope of scopes) realm.searchParams.append('scope', scope);
  if (service) realm.searchParams.set('service', service);
  const login = credentials && 'username' in credentials ? { authorization: basic(credentials) } : {};
  return await parts.transport.ask(realm, { headers: login });
}

/** Docker's scope for `/v2/_catalog`. */
const CATALOG = 'registry:catalog:*';

function scopesFor({ repository, access }: AuthorizeParts, wanted: string): string[] {
  if (access === 'catalog') return [CATALOG];
  // A registry behind another one has other names than we know; more than what is to be done is never asked for.
  const actions = access === 'push' ? 'pull,push' : 'pull';
  const own = `repository:${repository}`;
  const named = wanted
    .split(' ')
    .flatMap((each) => /^(repository:\S+):(?:pull|push|pull,push|push,pull)$/.exec(each)?.[1] ?? []);
  const ours = named.includes(own) ? own : (named[0] ?? own);
  // What is not ours is where a blob is mounted from.
  return [...new Set([ours, ...named])].map((each) => `${each}:${each === ours ? actions : 'pull'}`);
}

function basic({ username, password }: { username: string; password: string }): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

function parseToken(body: Buffer): z.infer<typeof Token> {
  try {
    return Token.parse(JSON.parse(body.toString('utf8')));
  } catch {
    return {};
  }
}
