/** Authenticated reads of one repository of a registry (OCI distribution-spec; Docker's token authentication). */
import { z } from 'zod';
import { AppError } from '../../errors.ts';
import { type CertificateOptions, readTlsSettings } from './certificates.ts';
import { type Challenge, parseChallenges } from './challenge.ts';
import { type Credentials, type FoundCredentials, findCredentials } from './credentials.ts';
import { apiHost, isLocal, type Reference, showReference } from './reference.ts';
import type { TlsSettings } from './tls-settings.ts';
import { type Answer, isNoTls, openTransport, showUrl, type TransportOptions } from './transport.ts';

export interface SessionOptions extends CertificateOptions, Omit<TransportOptions, 'tls'> {
  /** Only plain HTTP. */
  readonly plainHttp?: boolean;
  /** In place of what is stored. */
  readonly login?: Credentials;
}

export interface Session extends AsyncDisposable {
  readonly tls: TlsSettings;
  /** The address of `path`, and what it is asked for with at the moment. */
  address(path: string): { readonly url: URL; readonly authorization: string | undefined };
  /** GET of `path` below the repository, e.g. `manifests/latest`; any status but 401 is returned. */
  get(path: string, headers: Readonly<Record<string, string>>): Promise<Answer>;
}

const TOKEN_LIMIT = 1024 * 1024;
const Token = z.object({ token: z.string().optional(), access_token: z.string().optional() });

/** Opens a session; nothing is sent before the first `get`. Throws `bad-target` if certificates cannot be read. */
export async function openSession(reference: Reference, options: SessionOptions): Promise<Session> {
  const { host, repository } = reference;
  const tls = await readTlsSettings(host, apiHost(host), options);
  const transport = openTransport({ ...options, tls });
  const name = showReference(reference);
  let base = new URL(`${options.plainHttp ? 'http' : 'https'}://${apiHost(host)}`);
  let isBaseKnown = options.plainHttp || !(options.insecure || isLocal(host));
  let authorization: string | undefined;
  let renewal: Promise<void> | undefined;
  let found: FoundCredentials | undefined = options.login && { credentials: options.login, problems: [] };

  const urlOf = (path: string) => new URL(`/v2/${repository}/${path}`, base);

  async function attempt(path: string, headers: Readonly<Record<string, string>>): Promise<Answer> {
    const ask = { headers: authorization === undefined ? headers : { ...headers, authorization } };
    try {
      return await transport.ask(urlOf(path), ask);
    } catch (error) {
      if (isBaseKnown || !isNoTls(error)) throw error;
      base = new URL(`http://${apiHost(host)}`);
      return await transport.ask(urlOf(path), ask);
    } finally {
      isBaseKnown = true;
    }
  }

  /** Also how a token that ran out is renewed: once, however many requests were refused with it. */
  async function renew(refused: Answer): Promise<void> {
    if (refused.sent.authorization !== authorization) return; // there is another one already
    renewal ??= (async () => {
      authorization = await authorize(parseChallenges(refused.header('www-authenticate')));
    })().finally(() => {
      renewal = undefined;
    });
    await renewal;
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
    // A registry behind another one has other names than we know; more than to read is never asked for.
    const named = (parameters.get('scope') ?? '')
      .split(' ')
      .filter((each) => /^repository:\S+:pull$/.test(each));
    const scopes = named.length > 0 ? named : [`repository:${repository}:pull`];
    const service = parameters.get('service');
    let answer: Answer;
    if (credentials && 'identityToken' in credentials) {
      const form = new URLSearchParams({
        scope: scopes.join(' '),
        ...(service && { service }),
        grant_type: 'refresh_token',
        client_id: 'clairctl',
        refresh_token: credentials.identityToken,
      });
      const headers = { 'content-type': 'application/x-www-form-urlencoded' };
      answer = await transport.ask(realm, { method: 'POST', headers, body: form.toString() });
    } else {
      for (const scope of scopes) realm.searchParams.append('scope', scope);
      if (service) realm.searchParams.set('service', service);
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
    const given = options.login ? 'the given login was used' : 'the stored login was used';
    const who = credentials ? given : `no login for ${host} was found`;
    const advice = credentials ? '' : `; try: docker login ${host === 'docker.io' ? '' : host}`.trimEnd();
    return new AppError('bad-target', `${name}: ${[why, who, ...problems].join('; ')}${advice}`);
  }

  return {
    tls,
    address: (path) => ({ url: urlOf(path), authorization }),
    async get(path, headers) {
      const first = await attempt(path, headers);
      // A 401 of a host that a redirect led to is no question of ours.
      if (first.status !== 401 || first.url.origin !== base.origin) return first;
      await first.discard();
      await renew(first);
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
