/** Reads a security database of apk packages, as Alpine has them: which version of a package fixed which vulnerabilities. */
import { z } from 'zod';
import type { Feed, Piece } from '../../contract/feed.ts';
import { httpUrl, readFeedConfig } from '../../feeds/feed-config.ts';
import { fetchNews } from '../../feeds/fetch-news.ts';
import { inPieces } from '../../feeds/in-pieces.ts';
import { keepBody } from '../../feeds/keep-body.ts';
import { jsonMembers } from '../../formats/json/stream.ts';
import { openSpooled } from '../../lib/spooled-file.ts';
import type { Advisory, Scope } from '../../model/advisory.ts';
import { idsIn } from './ids.ts';
import { apkVersion } from './version.ts';

const Config = z.object({ url: httpUrl.optional() });

// Whoever writes these files by hand leaves a null for an empty list now and then.
const Entry = z.object({
  pkg: z.object({
    name: z.string().min(1).max(1024),
    secfixes: z.record(z.string(), z.array(z.string()).nullable()),
  }),
});

/** One file of such a database. */
export interface Secdb {
  /** Of the feed. */
  readonly name: string;
  readonly scope: Scope;
  /** Unless the feed's own configuration has another. */
  readonly url: string;
  /** The page of a vulnerability. */
  readonly linkOf: (id: string) => string;
}

/** The feed of that file. */
export function secdbFeed(secdb: Secdb): Feed {
  const { name, scope } = secdb;
  return {
    name,
    scopes: [scope],
    versions: apkVersion,
    async fetch(fingerprint, config, context) {
      const url = readFeedConfig(name, Config, config).url ?? secdb.url;
      const news = await fetchNews(context, { url, fingerprint, by: 'etag' });
      if (news === 'unchanged') return news;
      const path = await keepBody(news.response, name, context);
      return inPieces(news.fingerprint, packagesOf(openSpooled(path), secdb), context);
    },
  };
}

async function* packagesOf(body: AsyncIterable<Uint8Array>, secdb: Secdb): AsyncGenerator<Piece<Advisory>> {
  for await (const member of jsonMembers(body, ['packages'])) {
    yield {
      content: member.bytes ?? '',
      *read(problem) {
        const entry = Entry.safeParse(member.value);
        if (entry.success) {
          yield* fixesOf(entry.data.pkg, secdb);
        } else {
          const { path, message } = entry.error.issues[0]!;
          problem({ where: `packages.${[member.key, ...path].join('.')}`, reason: message });
        }
      },
    };
  }
}

type Package = z.infer<typeof Entry>['pkg'];

function* fixesOf({ name, secfixes }: Package, { scope, linkOf }: Secdb): Generator<Advisory> {
  for (const [fixedIn, texts] of Object.entries(secfixes)) {
    // secdb's way to say that no version was ever affected.
    if (fixedIn === '0') continue;
    for (const id of new Set(texts?.flatMap(idsIn))) {
      yield {
        scope: scope.key,
        name,
        kind: 'source',
        ...(fixedIn !== '' && { below: fixedIn }), // a list of what has no fix yet
        fixedInVersion: fixedIn,
        vulnerability: {
          name: id,
          description: '',
          links: linkOf(id),
          severity: '',
          normalizedSeverity: 'Unknown',
        },
      };
    }
  }
}
