/** An artifact in a folder that a web server or an object store serves: an OCI layout. */
import { AppError, messageOf } from '../errors.ts';
import type { HttpClient } from '../lib/http-client.ts';
import { readAll } from '../lib/read-all.ts';
import { redact } from '../lib/redact.ts';
import { blobPath, parseLayoutIndex, taggedIn } from './layout.ts';
import { MANIFEST_LIMIT } from './manifest.ts';
import { type ArtifactPlace, verified } from './place.ts';
import { referrersIn } from './referrers.ts';
import { wholeBlobs } from './whole-blobs.ts';

const TRIES = 4;

/** `reference`: a tag in the layout. */
export function webPlace(
  address: string,
  reference: string,
  { http, signal }: { readonly http: HttpClient; readonly signal: AbortSignal },
): ArtifactPlace {
  const base = address.endsWith('/') ? address : `${address}/`;
  const name = redact(base.slice(0, -1));
  const wholes = wholeBlobs();

  /** The body; undefined: there is none. */
  async function get(
    path: string,
    limit: number,
    range?: readonly [from: number, to: number],
  ): Promise<Buffer | undefined> {
    for (let tries = 1; ; tries++) {
      try {
        const headers = range && { range: `bytes=${range[0]}-${range[1] - 1}` };
        const response = await http.request(`${base}${path}`, headers ? { headers } : {}, signal);
        if (response.status === 404) {
          await response.discard();
          return undefined;
        }
        const isPart = response.status === 206 && range !== undefined;
        if (response.status !== 200 && !isPart) {
          await response.discard();
          throw new AppError('bad-target', `${name}/${path} answers ${response.status}`);
        }
        const tooLong = () => new AppError('bad-target', `${name}/${path} has more than ${limit} bytes`);
        if (isPart) return await readAll(response.body, range[1] - range[0], tooLong);
        if (range === undefined) return await readAll(response.body, limit, tooLong);
        // A server that gives no parts.
        const whole = await wholes.keep(path, (most) => readAll(response.body, most, tooLong));
        return whole.subarray(...range);
      } catch (cause) {
        signal.throwIfAborted();
        if (tries === TRIES || (cause instanceof AppError && cause.code === 'bad-target'))
          throw cause instanceof AppError
            ? cause
            : new AppError('bad-target', `${name}/${path} could not be read: ${messageOf(cause)}`, { cause });
      }
    }
  }

  const manifest: ArtifactPlace['manifest'] = async (wanted) => {
    let digest: string | undefined = wanted;
    if (!wanted.startsWith('sha256:')) digest = taggedIn(await index(), wanted);
    if (digest === undefined) return undefined;
    const bytes = await get(blobPath(digest), MANIFEST_LIMIT);
    return bytes && verified(bytes, digest, name);
  };

  async function index() {
    const bytes = await get('index.json', MANIFEST_LIMIT);
    if (bytes === undefined)
      throw new AppError(
        'bad-target',
        `${name} is not a directory of a published database: index.json not found`,
      );
    return parseLayoutIndex(bytes, name);
  }

  return {
    name,
    reference,
    manifest,
    async read(digest, from, to) {
      const path = blobPath(digest);
      const known = wholes.get(path);
      if (known !== undefined) return (await known).subarray(from, to);
      const bytes = await get(path, to, [from, to]);
      if (bytes?.length === to - from) return bytes;
      throw new AppError('bad-target', `${name}/${path} is ${bytes === undefined ? 'missing' : 'cut short'}`);
    },
    referrers: async (digest) => await referrersIn(await index(), digest, manifest),
    async [Symbol.asyncDispose]() {},
  };
}
