/** Authenticated reads of one repository of a registry (OCI distribution-spec; Docker's token authentication). */
import { z } from 'zod';
import { AppError } from '../errors.ts';
import { type Challenge, parseChallenges } from './registry-challenge.ts';
import { type FoundCredentials, findCredentials } from './registry-credentials.ts';
import { apiHost, isLocal, type Reference, showReference } from './registry-reference.ts';
import { type Answer, isNoTls, openTransport, showUrl, type TransportOptions } from './registry-transport.ts';

export interface Session extends AsyncDisposable {
  /** GET of `path` below the repository, e.g. `manifests/latest`; any status but 401 is returned. */
  get(path: string, headers: Readonly<Record<string, string>>): Promise<Answer>;
}

const TOKEN_LIMIT = 1024 * 1024;
const Token = z.object({ token: z.string().optional(), access_token: z.string().optional() });

/** Opens a session; nothing is sent before the first `get`. */
export function openSession(reference: Reference, options: TransportOptions): Session {
  const transport = openTransport(options);
  const { host, repository } = reference;
  const name = showReference(reference);
  let base = new URL(`https://${apiHost(host)}`);
  let isBaseKnown = !(options.insecure || isLocal(host));
  let authorization: string | undefined;
  let found: FoundCredentials | undefined;

  async function attempt(path: string, headers: Readonly<Record<string, string>>): Promise<Answer> {
    const ask = { headers: authorization === undefined ? headers : { ...headers, authorization } };
    const at = () => new URL(`/v2/${repository}/${path}`, base);
    try {
      return await transport.ask(at(), ask);
    } catch (error) {
      if (isBaseKnown || !isNoTls(error)) throw error;
      base = new URL(`http://${apiHost(host)}`);
      return await transport.ask(at(), ask);
    } finally {
      isBaseKnown = true;
    }
  }

  async function authorize(challenges: readonly Challenge[]): Promise<string> {
    found ??= await findCredentials(host, repository, options.env, options.signal);
    const { credentials } = found;
    const bearer = challenges.find(({ scheme }) => scheme === 'bearer');
    if (bearer) {
      if (credentials && 'registryToken' in credentials) return `Bearer ${credentials.registryToken}`;
      return `Bearer ${await exchange(bearer, found)}`;
    }
    const isBasic = challenges.some(({ scheme }) => scheme === 'basic');
    if (isBasic && credentials && 'username' in credentials) return basic(credentials);
    throw denied(
      isBasic ? 'the registry wants a login' : 'the registry wants a login of an unknown kind',
      found,
    );
  }

  /** Docker's token specification: GET with basic authentication, or POST of a refresh token. */
  async function exchange({ parameters }: Challenge, known: FoundCredentials): Promise<string> {
    const realm = URL.parse(parameters.get('realm') ?? '');
    if (realm === null || !/^https?:$/.test(realm.protocol))
      throw denied('the registry names no token server', known);
    if (realm.protocol === 'http:' && base.protocol === 'https:' && !options.insecure) {
      throw denied(`the token server ${showUrl(realm)} is not encrypted`, known);
    }
    const { credentials } = known;
    const fields = new URLSearchParams({ scope: `repository:${repository}:pull` });
    const service = parameters.get('service');
    if (service) fields.set('service', service);
    let answer: Answer;
    if (credentials && 'identityToken' in credentials) {
      fields.set('grant_type', 'refresh_token');
      fields.set('client_id', 'clairctl');
      fields.set('refresh_token', credentials.identityToken);
      const headers = { 'content-type': 'application/x-www-form-urlencoded' };
      answer = await transport.ask(realm, { method: 'POST', headers, body: fields.toString() });
    } else {
      for (const [key, value] of fields) realm.searchParams.set(key, value);
      const login = credentials && 'username' in credentials ? { authorization: basic(credentials) } : {};
      answer = await transport.ask(realm, { headers: login });
    }
    if (answer.status !== 200) {
      await answer.discard();
      throw denied(`the token server ${showUrl(realm)} answers ${answer.status}`, known);
    }
    const body = await answer.read(TOKEN_LIMIT);
    const { token, access_token } = parseToken(body);
    const given = token || access_token;
    if (!given || /[^\x21-\x7e]/.test(given))
      throw denied(`the token server ${showUrl(realm)} gives no token`, known);
    return given;
  }

  function denied(why: string, { credentials, problems }: FoundCredentials): AppError {
    const who = credentials ? 'the stored login was used' : `no login for ${host} was found`;
    const advice = credentials ? '' : `; try: docker login ${host === 'docker.io' ? '' : host}`.trimEnd();
    return new AppError('bad-target', `${name}: ${[why, who, ...problems].join('; ')}${advice}`);
  }

  return {
    async get(path, headers) {
      const first = await attempt(path, headers);
      // A 401 of a host that a redirect led to is no question of ours.
      if (first.status !== 401 || first.url.origin !== base.origin) return first;
      await first.discard();
      // Also how a token that ran out is renewed.
      authorization = await authorize(parseChallenges(first.header('www-authenticate')));
      const second = await attempt(path, headers);
      if (second.status !== 401) return second;
      await second.discard();
      throw denied('there is no such image, or it may not be read', found ?? { problems: [] });
    },
    [Symbol.asyncDispose]: () => transport[Symbol.asyncDispose](),
  };
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
