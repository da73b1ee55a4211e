import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { testDatabase } from '../../db/database.fixture.ts';
import { connect } from '../../db/database.ts';
import { AppError } from '../../errors.ts';
import { startRegistry } from '../../image/registry/server.fixture.ts';
import { image, layout } from '../../image/target/builder.fixture.ts';
import type { Digest } from '../../model/digest.ts';
import type { Manifest } from '../../model/manifest.ts';
import { NotIndexed } from '../remote/clair-api.ts';
import { manifestsOfClair, type Reindexed, reindex } from './reindex.ts';

const images = ['a', 'b', 'c'].map((text) => image([text]));
const nowhere = `sha256:${'0'.repeat(64)}` as Digest;

/** A service: what it has indexed, and what it makes of what it is sent. */
function service(refuse: (manifest: Manifest) => void = () => {}) {
  const has = new Map<string, Manifest>();
  return {
    has,
    api: {
      indexReport: async (digest: Digest) =>
        ({ status: has.has(digest) ? 'known' : 'unknown', etag: '' }) as const,
      index: async (manifest: Manifest) => {
        refuse(manifest);
        has.set(manifest.hash, manifest);
        return { etag: '' };
      },
    },
  };
}

describe('reindex', () => {
  /** Of Clair's tables what is read; its names are those of its migrations. */
  async function run<T>(
    work: (about: {
      dsn: string;
      host: string;
      go: (api: ReturnType<typeof service>['api'], more?: object) => Promise<Reindexed & { notes: string[] }>;
    }) => Promise<T>,
  ): Promise<T> {
    await using database = await testDatabase();
    await using db = await connect(database.dsn, { applicationName: 'test' });
    await db.query({ text: 'create table libindex_migrations (version int)' });
    await db.query({ text: 'create table manifest (id serial, hash text)' });
    const digests = [...images.map(({ digest }) => digest), nowhere];
    await db.query({ text: 'insert into manifest (hash) select unnest($1::text[])', values: [digests] });
    await using registry = await startRegistry({});
    registry.content.pushLayout('team/one', layout([images[0]!.descriptor], images[0]!.blobs));
    for (const each of images.slice(1)) {
      registry.content.pushLayout(
        'team/two',
        layout([each.descriptor], each.blobs),
        each.digest.slice(7, 17),
      );
    }
    const { host } = registry;
    return await work({
      dsn: database.dsn,
      host,
      async go(api, more = {}) {
        const notes: string[] = [];
        const result = await reindex(manifestsOfClair(database.dsn), {
          api,
          repositories: [`${host}/team/one`, `docker://${host}/team/two:v1`, `${host}/team/none`],
          registry: { plainHttp: true },
          signal: AbortSignal.timeout(60_000),
          show: () => {},
          note: (text) => void notes.push(text),
          ...more,
        });
        return { ...result, notes };
      },
    });
  }

  it('indexes what some repository has, says what none has, and skips what is there', async () => {
    await run(async ({ go, host }) => {
      const { api, has } = service();
      const { notes, ...first } = await go(api);
      assert.deepEqual(first, { known: 0, indexed: 3, missing: 1, failed: 0 });
      assert.deepEqual(notes, [`${nowhere}: in none of the repositories`]);
      assert.match(
        has.get(images[1]!.digest)!.layers[0]!.uri,
        new RegExp(`^http://${host}/v2/team/two/blobs/`),
      );
      const { notes: _, ...second } = await go(api);
      assert.deepEqual(second, { known: 3, indexed: 0, missing: 1, failed: 0 });
    });
  });

  it('goes on where it was stopped, and after an image that cannot be indexed', async () => {
    await run(async ({ go }) => {
      let left = 1;
      const broken = service(() => {
        left -= 1;
        if (left < 0) throw new AppError('service', 'cannot be reached');
      });
      await assert.rejects(go(broken.api), /cannot be reached/);
      assert.equal(broken.has.size, 1);
      const picky = service(({ hash }) => {
        if (hash === images[2]!.digest) throw new NotIndexed(400, 'bad layer');
      });
      for (const [digest, manifest] of broken.has) picky.has.set(digest, manifest);
      const { known, indexed, failed, notes } = await go(picky.api);
      const wasBad = broken.has.has(images[2]!.digest);
      assert.deepEqual([known, indexed, failed], wasBad ? [1, 2, 0] : [1, 1, 1]);
      assert.equal(
        notes.some((note) => note.includes('bad layer')),
        !wasBad,
      );
    });
  });

  it('only lists', async () => {
    await run(async ({ go }) => {
      const { api, has } = service();
      const listed: string[] = [];
      const { missing } = await go(api, { list: async (digest: string) => void listed.push(digest) });
      assert.deepEqual([missing, has.size], [4, 0]);
      assert.deepEqual(listed.sort(), [...images.map(({ digest }) => digest), nowhere].sort());
    });
  });

  it('refuses another database', async () => {
    await using database = await testDatabase();
    const { api } = service();
    const options = {
      api,
      repositories: [],
      registry: {},
      signal: AbortSignal.timeout(9000),
      show() {},
      note() {},
    };
    await assert.rejects(reindex(manifestsOfClair(database.dsn), options), {
      code: 'database',
      message: /libindex_migrations/,
    });
  });
});
