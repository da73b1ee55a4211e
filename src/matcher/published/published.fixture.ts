/** For tests: a world of feeds that change by the day, databases that loaded it, and what is in their tables. */
import { hash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { folderPlace } from '../../artifact/folder-place.ts';
import { type Layout, openLayout } from '../../artifact/layout.ts';
import type { Ecosystem } from '../../contract/ecosystem.ts';
import type { Enricher } from '../../contract/enricher.ts';
import type { Feed } from '../../contract/feed.ts';
import type { Database } from '../../db/database.ts';
import { inPieces } from '../../feeds/in-pieces.ts';
import type { Advisory } from '../../model/advisory.ts';
import {
  advisory,
  dotted,
  matcherDatabase,
  noHttp,
  TOY_1,
  toyEcosystem,
  toyEnricher,
} from '../matcher.fixture.ts';
import { createMatcher, type Matcher } from '../matcher.ts';
import { type Built, buildDatabase } from './build.ts';
import { openPublished, type PublishedDatabase } from './open-database.ts';
import { type PullOptions, pullDatabase } from './pull.ts';

/** What upstream says on a day. */
export interface Day {
  readonly at: string;
  /** Records of the feed that comes whole, and of the one that comes in pieces (a piece each). */
  readonly whole: readonly Advisory[];
  readonly pieces: readonly (readonly Advisory[])[];
  readonly facts: readonly { tag: string; data: object }[];
  readonly scores: readonly { cve: string; first: number; second: number }[];
}

const OTHER = { ...TOY_1, key: 'other' };

/** Feeds of three sets in two ecosystems, an enricher with records and one with probabilities. */
export function worldOf(day: () => Day): {
  ecosystems: readonly Ecosystem[];
  enrichers: readonly Enricher[];
} {
  const whole: Feed = {
    name: 'toy/updater',
    scopes: [TOY_1],
    versions: dotted,
    fetch: async () => ({ fingerprint: `whole ${day().at}`, records: stream(day().whole) }),
  };
  const pieced: Feed = {
    name: 'shared/pieces',
    scopes: [OTHER],
    versions: dotted,
    fetch: async (_since, _config, context) =>
      inPieces(`pieces ${day().at}`, piecesOf(day().pieces), context),
  };
  const named: Feed = {
    name: 'shared/named',
    scopes: [{ ...TOY_1, key: 'toy:2' }],
    versions: dotted,
    fetch: async () => ({ fingerprint: `named ${day().at}`, records: stream([]) }),
  };
  const other = toyEcosystem([pieced], 'shared');
  return {
    ecosystems: [
      {
        ...toyEcosystem([whole]),
        feeds: [...toyEcosystem([whole]).feeds, ...toyEcosystem([named], 'shared').feeds],
      },
      { ...other, id: 'other', scopes: ['other'], lookups: () => [], advisoriesOf: () => [] },
    ],
    enrichers: [
      {
        ...toyEnricher('facts', { records: [] }),
        fetch: async () => ({ fingerprint: day().at, records: stream(day().facts) }),
      },
      {
        ...toyEnricher('scores', { records: [] }),
        probabilities: ['first', 'second'],
        fetch: async () => ({
          fingerprint: day().at,
          records: stream(day().scores.map((data) => ({ tag: data.cve, data }))),
        }),
      },
    ],
  };
}

async function* stream<T>(records: readonly T[]): AsyncGenerator<T> {
  yield* records;
}

async function* piecesOf(pieces: Day['pieces']) {
  for (const piece of pieces)
    yield {
      content: JSON.stringify(piece),
      *read() {
        yield* piece;
      },
    };
}

/** `count` advisories, of `each` packages each; `salt` changes what they say. */
export function advisories(prefix: string, count: number, each = 2, salt = ''): Advisory[] {
  return Array.from({ length: count }, (_, number) => {
    const name = `CVE-2024-${String(10_000 + number)}`;
    const about = advisory(`${prefix}0`, name, {}).vulnerability;
    const text = {
      ...about,
      description: `${prefix}${salt} ${name} ${hash('sha512', `${salt}${name}`).repeat(2)}`,
    };
    return Array.from({ length: each }, (_, pkg) => ({
      ...advisory(`${prefix}${pkg}`, name, { below: `1.${number}` }),
      vulnerability: text,
    }));
  }).flat();
}

export interface PublishedWorld extends AsyncDisposable {
  readonly ecosystems: readonly Ecosystem[];
  readonly enrichers: readonly Enricher[];
  /** From now on it is this day. */
  day: Day;
  readonly now: () => Date;
  readonly folder: string;
  readonly layout: Layout;
  database(): Promise<Database & { readonly dsn: string }>;
  matcher(db: Database): Matcher;
  build(db: Database): Promise<Built>;
  open(): Promise<PublishedDatabase>;
  pull(db: Database, options?: Partial<PullOptions>): ReturnType<typeof pullDatabase>;
}

export const signal = new AbortController().signal;

export async function createWorld(first: Day): Promise<PublishedWorld> {
  await using resources = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'clair-published-'));
  resources.defer(() => rm(folder, { recursive: true }));
  const layout = await openLayout(folder);
  const world = { day: first };
  const parts = worldOf(() => world.day);
  const now = (): Date => new Date(world.day.at);
  const owned = resources.move();
  return Object.assign(world, {
    ...parts,
    now,
    folder,
    layout,
    database: async () => owned.use(await matcherDatabase()),
    matcher: (db: Database) =>
      createMatcher({ db, ...parts, indexer: { indexReport: async () => undefined }, now, http: noHttp }),
    build: (db: Database) => buildDatabase(db, layout, { tag: 'v1', signal }),
    open: () => openPublished(folderPlace(folder, 'v1'), {}),
    async pull(this: PublishedWorld, db: Database, options: Partial<PullOptions> = {}) {
      return await pullDatabase({ db, ...parts, now }, await this.open(), { signal, ...options });
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  });
}

/** All that the tables hold, by what rows mean and not by their numbers; without what feeds said before if `current`. */
export async function tablesOf(db: Database, current = false): Promise<Record<string, unknown[]>> {
  const rows = (text: string) => db.query<Record<string, unknown>>({ text });
  const feed = '(select name from feed f where f.id = t.feed)';
  return {
    feed_set: await rows('select * from feed_set order by name'),
    feed: (await rows('select * from feed order by kind, name')).map(({ id: _, ...row }) => row),
    feed_run: await rows(
      `select ${feed} as name, fingerprint, row_number() over (partition by feed order by id) as number
       from feed_run t where not ${current} order by 1, 3`,
    ),
    scope: await rows('select key, distribution, repository from scope order by key'),
    feed_scope: await rows(
      `select ${feed} as name, (select key from scope s where s.id = t.scope) as key from feed_scope t order by 1, 2`,
    ),
    advisory_doc: await rows(
      `select hash, name, severity, cves, aliases, wire from advisory_doc d
       where not ${current} or exists (select from advisory a where a.doc = d.id and until_run is null) order by hash`,
    ),
    advisory: await rows(
      `select ${feed} as feed_name, to_jsonb(t) - 'id' - 'feed' - 'since_run' - 'until_run' - 'scope' - 'doc' as row,
         until_run is null as current, s.key, d.hash
       from advisory t join scope s on s.id = t.scope join advisory_doc d on d.id = t.doc
       where until_run is null or not ${current}
       order by 1, until_run is null, t.digest`,
    ),
    feed_piece: await rows(
      `select ${feed} as name, digest,
         array(select a.digest from unnest(advisories) as said (id) join advisory a on a.id = said.id order by 1) as said
       from feed_piece t order by 1, 2, 3`,
    ),
    enrichment: await rows(`select ${feed} as name, tag, data::text from enrichment t order by 1, 2`),
    enrichment_block: await rows(
      `select ${feed} as name, block, record, first, second from enrichment_block t order by 1, 2`,
    ),
  };
}
