/** VEX documents at work: findings that somebody says do not matter. */
import { open } from 'node:fs/promises';
import { ecosystems } from '../../ecosystems/index.ts';
import { AppError, messageOf } from '../../errors.ts';
import { decodeText } from '../../formats/json/envelope.ts';
import { isLoopback } from '../../image/registry/reference.ts';
import type { Problem } from '../../model/package.ts';
import { canonicalPurl, purlNames } from '../../sbom/canonical-purl.ts';
import { MAX_VEX_BYTES, readVex } from '../../vex/read-vex.ts';
import type { VexStatement } from '../../vex/statement.ts';
import { createVexIndex, type ScannedImage, suppresses } from '../../vex/vex-index.ts';
import type { Suppressor } from './selection.ts';

export interface VexFile {
  readonly path: string;
  readonly statements: readonly VexStatement[];
  readonly problems: readonly Problem[];
}

/** Environment variable with the bearer token of VEX URLs: an argument would be in the list of processes. */
export const VEX_TOKEN = 'CLAIR_VEX_TOKEN';

export interface VexAccess {
  /** Sent to the host of a URL, and to none that it redirects to. */
  readonly token?: string | undefined;
  /** Send it without TLS as well. */
  readonly allowsHttp: boolean;
}

/** `path`: a file, or the URL of a document, such as the one that a console serves. Throws `bad-config` if it cannot be read. */
export async function readVexFile(path: string, access: VexAccess = { allowsHttp: false }): Promise<VexFile> {
  let text: string;
  try {
    if (/^https?:\/\//i.test(path)) return { path, ...readVex(await fetchText(path, access), path) };
    await using file = await open(path);
    if ((await file.stat()).size > MAX_VEX_BYTES) throw new Error(`it exceeds ${MAX_VEX_BYTES >> 20} MiB`);
    text = decodeText(await file.readFile());
  } catch (cause) {
    throw new AppError('bad-config', `cannot read VEX document ${path}: ${messageOf(cause)}`, { cause });
  }
  return { path, ...readVex(text, path) };
}

const FETCH_TIMEOUT = 60_000;

async function fetchText(url: string, { token, allowsHttp }: VexAccess): Promise<string> {
  const { protocol, hostname } = new URL(url);
  if (token && protocol === 'http:' && !allowsHttp && !isLoopback(hostname))
    throw new Error(
      `the token of ${VEX_TOKEN} is not sent without TLS. Use https://, or allow it with --plain-http`,
    );
  const headers: Record<string, string> = token ? { authorization: `Bearer ${token}` } : {};
  const { createHttpClient } = await import('../../lib/http-client.ts');
  await using http = createHttpClient();
  const response = await http.request(url, { headers }, AbortSignal.timeout(FETCH_TIMEOUT));
  if (response.status === 401 || response.status === 403)
    throw new Error(
      `the server returned ${response.status}. ${token ? `Check the token of ${VEX_TOKEN}` : `Pass a token with ${VEX_TOKEN}`}`,
    );
  if (response.status !== 200) throw new Error(`the server returned ${response.status}`);
  return await response.text(MAX_VEX_BYTES);
}

/** Of several files the newest statement about the same holds. */
export function vexRules(files: readonly VexFile[], image: ScannedImage): Suppressor {
  const index = createVexIndex(
    files.flatMap(({ statements }) => statements),
    image,
    { canonical: (purl) => canonicalPurl(purl, ecosystems), names: purlNames(ecosystems) },
  );
  return {
    suppress({ id, aliases, purl, sourcePurl = '', components = [] }) {
      const purls = [purl, sourcePurl, ...components.map((each) => each.purl)].filter((each) => each !== '');
      const refs = components.map(({ ref }) => ref).filter((ref) => ref !== '');
      const statement = index.statementOn({ ids: [id, ...aliases], purls, refs });
      if (statement === undefined || !suppresses(statement)) return undefined;
      return {
        kind: 'vex',
        source: statement.source,
        status: statement.status === 'fixed' ? 'fixed' : 'not_affected',
        justification: statement.justification,
        reason: statement.reason,
      };
    },
    notices() {
      const unused = index.unused();
      const lines = unused
        .slice(0, MAX_NOTICES)
        .map(
          ({ source, ids, products }) =>
            `${source}: ${ids[0]} of ${nameOf(products)} matches no finding. Remove it`,
        );
      const more = unused.length - lines.length;
      return more > 0 ? [...lines, `${more} more VEX statements match no finding`] : lines;
    },
  };
}

/** A vendor's document speaks of all that the vendor has. */
const MAX_NOTICES = 20;

function nameOf(products: VexStatement['products']): string {
  const [first = ''] = products.flatMap(({ identifiers, parts = [] }) => [...parts, ...identifiers]);
  return products.length > 1 ? `${first} and others` : first;
}
