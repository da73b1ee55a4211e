/** What the user is logged in with at a registry: the files and helpers of Docker and Podman (docker-login(1), containers-auth.json(5)). */
import { spawn } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { messageOf } from '../../errors.ts';

export type Credentials =
  | { readonly username: string; readonly password: string }
  /** A refresh token, to be exchanged for an access token. */
  | { readonly identityToken: string }
  /** Sent as it is. */
  | { readonly registryToken: string };

export interface FoundCredentials {
  readonly credentials?: Credentials;
  /** Why a file or helper did not help; never a secret. */
  readonly problems: readonly string[];
}

const FILE_LIMIT = 4 * 1024 * 1024;
const HELPER_OUTPUT_LIMIT = 1024 * 1024;
const HELPER_MS = 30_000;

const Entry = z.object({
  auth: z.string().optional(),
  username: z.string().optional(),
  password: z.string().optional(),
  identitytoken: z.string().optional(),
  registrytoken: z.string().optional(),
});
const AuthFile = z.object({
  auths: z.record(z.string(), Entry.catch({})).nullish(),
  credHelpers: z.record(z.string(), z.string().catch('')).nullish(),
  credsStore: z.string().nullish(),
});
const HelperAnswer = z.object({ Username: z.string(), Secret: z.string() });

interface HelperRun {
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  /** Milliseconds. */
  readonly time: number;
}

/** Asks the files in Clair's order; the first that knows the registry answers. */
export async function findCredentials(
  host: string,
  repository: string,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
  helperTime: number = HELPER_MS,
): Promise<FoundCredentials> {
  const problems: string[] = [];
  for (const path of authFiles(env)) {
    const file = await readAuthFile(path, problems);
    if (file === undefined) continue;
    const credentials =
      (await fromHelper(file, host, { env, signal, time: helperTime }, problems)) ??
      fromAuths(file.auths ?? {}, host, repository);
    if (credentials) return { credentials, problems };
  }
  return { problems };
}

// clair-service.md#global-options; the last one: containers-auth.json(5)
function authFiles(env: NodeJS.ProcessEnv): string[] {
  const config = env.XDG_CONFIG_HOME || (env.HOME && join(env.HOME, '.config'));
  const docker = env.DOCKER_CONFIG || (env.HOME && join(env.HOME, '.docker'));
  return [
    docker && join(docker, 'config.json'),
    env.REGISTRY_AUTH_FILE,
    env.XDG_RUNTIME_DIR && join(env.XDG_RUNTIME_DIR, 'containers', 'auth.json'),
    config && join(config, 'containers', 'auth.json'),
  ].filter((path): path is string => Boolean(path));
}

async function readAuthFile(path: string, problems: string[]) {
  try {
    const { size } = await stat(path);
    if (size > FILE_LIMIT) throw new Error(`it has ${size} bytes, the limit is ${FILE_LIMIT}`);
    return AuthFile.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    const isAbsent = ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '');
    // The message of a JSON error quotes the file, which holds secrets.
    if (!isAbsent)
      problems.push(
        `${path} could not be read: ${error instanceof SyntaxError ? 'not valid JSON' : shape(error)}`,
      );
    return undefined;
  }
}

function shape(error: unknown): string {
  return error instanceof z.ZodError ? 'not a valid credentials file' : messageOf(error);
}

/** Docker Hub is known by the address of its first API. */
function keysOf(host: string): string[] {
  return host === 'docker.io' ? ['index.docker.io', 'docker.io', 'registry-1.docker.io'] : [host];
}

/** `https://index.docker.io/v1/` is `index.docker.io`; Podman's keys may go on with a repository. */
function bareKey(key: string): string {
  return key.replace(/^https?:\/\//, '').replace(/(?:\/v[12])?\/*$/, '');
}

function fromAuths(auths: Record<string, z.infer<typeof Entry>>, host: string, repository: string) {
  const entries = new Map(Object.entries(auths).map(([key, entry]) => [bareKey(key), entry]));
  const parts = repository.split('/');
  const paths = parts.map((_, index) => `/${parts.slice(0, parts.length - index).join('/')}`);
  for (const path of [...paths, '']) {
    for (const key of keysOf(host)) {
      const entry = entries.get(key + path);
      const credentials = entry && fromEntry(entry);
      if (credentials) return credentials;
    }
  }
  return undefined;
}

function fromEntry(entry: z.infer<typeof Entry>): Credentials | undefined {
  if (entry.registrytoken) return { registryToken: entry.registrytoken };
  if (entry.identitytoken) return { identityToken: entry.identitytoken };
  const pair = entry.auth ? Buffer.from(entry.auth, 'base64').toString('utf8') : '';
  const colon = pair.indexOf(':');
  // Docker pads the password with zero bytes.
  if (colon > 0)
    return { username: pair.slice(0, colon), password: pair.slice(colon + 1).replace(/\0+$/, '') };
  const { username, password } = entry;
  return username && password !== undefined ? { username, password } : undefined;
}

async function fromHelper(
  file: z.infer<typeof AuthFile>,
  host: string,
  run: HelperRun,
  problems: string[],
): Promise<Credentials | undefined> {
  const helpers = new Map(Object.entries(file.credHelpers ?? {}).map(([key, name]) => [bareKey(key), name]));
  const own = keysOf(host)
    .map((key) => helpers.get(key))
    .find(Boolean);
  const helper = own ?? file.credsStore;
  if (!helper) return undefined;
  if (!/^[A-Za-z0-9_.-]+$/.test(helper)) {
    problems.push(`the credential helper ${JSON.stringify(helper)} has no usable name`);
    return undefined;
  }
  const program = `docker-credential-${helper}`;
  try {
    const server = host === 'docker.io' ? 'https://index.docker.io/v1/' : host;
    const { code, output } = await runHelper(program, server, run);
    if (code !== 0) {
      if (!/credentials not found/i.test(output)) problems.push(`${program} failed with exit code ${code}`);
      return undefined;
    }
    const { Username, Secret } = HelperAnswer.parse(JSON.parse(output));
    return Username === '<token>' ? { identityToken: Secret } : { username: Username, password: Secret };
  } catch (error) {
    run.signal.throwIfAborted();
    const isOdd = error instanceof SyntaxError || error instanceof z.ZodError;
    problems.push(
      `${program} returned no credentials: ${isOdd ? 'its output cannot be parsed' : messageOf(error)}`,
    );
    return undefined;
  }
}

/** docker-credential-helpers: `get` reads the server from stdin and writes JSON to stdout. */
function runHelper(program: string, input: string, { env, signal, time }: HelperRun) {
  return new Promise<{ code: number; output: string }>((done, fail) => {
    // Not spawn's own timeout: its timer outlives a program that is not there, and holds up the process.
    const limit = AbortSignal.any([signal, AbortSignal.timeout(time)]);
    const child = spawn(program, ['get'], { env, signal: limit, stdio: ['pipe', 'pipe', 'ignore'] });
    const chunks: Buffer[] = [];
    let length = 0;
    child.on('error', (error) => {
      // What it started itself may live on, and have its end of the pipe.
      child.stdout.destroy();
      child.unref();
      fail(error.name === 'AbortError' ? new Error('it took too long') : error);
    });
    child.stdin.on('error', () => {}); // It may end without reading; its exit code says what happened.
    child.stdout.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > HELPER_OUTPUT_LIMIT) child.kill();
      else chunks.push(chunk);
    });
    child.on('close', (code, killed) => {
      if (killed) fail(new Error('it was stopped: its output exceeds the limit'));
      else done({ code: code ?? 1, output: Buffer.concat(chunks).toString('utf8') });
    });
    child.stdin.end(input);
  });
}
