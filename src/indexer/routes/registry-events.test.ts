/** Events of a registry over HTTP, on a real database. */
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import type { FastifyInstance } from 'fastify';
import { connect, type Database } from '../../db/database.ts';
import { createServer } from '../../http/server.ts';
import { noLog } from '../../lib/log.ts';
import { Secret } from '../../lib/secret.ts';
import type { Digest } from '../../model/digest.ts';
import { indexerDatabase, testIndexer } from '../indexing.fixture.ts';
import { forgetImages } from '../pulls/forget-images.ts';
import { createRegistryImageStore, type RegistryImageStore } from '../pulls/images-store.ts';
import { showImage } from '../pulls/pull.ts';
import { createPulls } from '../pulls/pulls.ts';
import type { ConfiguredRegistry } from '../pulls/registry-access.ts';
import { renameRepository } from '../pulls/rename-repository.ts';
import { createPullStore } from '../pulls/store.ts';
import { registryEventRoutes } from './registry-events.ts';

const HOST = 'registry.example.com';
const SECRET = 'a secret of the registry';
const REGISTRY: ConfiguredRegistry = {
  ...{ host: HOST, plain_http: false, insecure: false, repositories: ['team/*'], platforms: [] },
  ...{ walk_interval: 0, forget_deleted: false, artifactory_access: 'host' },
};
const digestOf = (n: number): Digest => `sha256:${String(n).padStart(64, '0')}` as Digest;

describe('events of a registry', () => {
  const open = new AsyncDisposableStack();
  let db: Database;
  let images: RegistryImageStore;
  let app: FastifyInstance;
  let save: (n: number, repository: string, name: string) => Promise<void>;

  before(async () => {
    const { dsn } = open.use(await indexerDatabase());
    const { indexer } = open.use(await testIndexer(dsn));
    db = open.use(await connect(dsn, { applicationName: 'events-test' }));
    images = createRegistryImageStore(db);
    const pulls = createPulls({
      ...{ store: createPullStore(db), images, indexer, registries: [REGISTRY], airgap: true, log: noLog },
      ...{ timeout: 60_000, concurrency: 0, retention: 60_000, loginOf: () => undefined },
    });
    save = async (n, repository, name) => {
      const source = { host: HOST, repository, name };
      const digest = digestOf(n);
      await images.save(source, { digest, images: [{ manifest: digest, platform: '' }], skipped: [] });
      await indexer.saveNames(digest, { names: [showImage(source)], labels: {} });
    };
    app = createServer({ log: noLog });
    registryEventRoutes(app, {
      ...{ registries: [REGISTRY], secret: new Secret(SECRET), pulls },
      forget: forgetImages({ images, indexer, jobs: { cancel: async () => {} }, log: noLog }),
      rename: renameRepository({ images, indexer }),
    });
    await app.listen({ port: 0, host: '127.0.0.1' });
    open.defer(() => app.close());
  });
  after(() => open.disposeAsync());

  const post = async (
    body: string,
    headers: Record<string, string> = { authorization: `Bearer ${SECRET}` },
  ): Promise<{ status: number; answer: unknown }> => {
    const { port } = app.server.address() as AddressInfo;
    const response = await fetch(`http://127.0.0.1:${port}/indexer/api/v1/events/${HOST}`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/vnd.docker.distribution.events.v2+json', ...headers },
    });
    const text = await response.text();
    return { status: response.status, answer: text === '' ? '' : JSON.parse(text) };
  };
  const send = async (action: string, target: object) =>
    (await post(JSON.stringify({ events: [{ action, target }] }))).answer;
  const known = async (repository: string): Promise<string[]> =>
    (await images.below(HOST, repository)).map((each) => `${each.repository} ${each.name}`).sort();

  it('that delete a tag leave the other tags of the image, and those that delete it leave none', async () => {
    await save(1, 'team/app', '1.0');
    await save(1, 'team/app', 'latest');
    const gone = await send('delete', { repository: 'team/app', tag: '1.0', digest: digestOf(1) });
    assert.deepEqual(gone, { format: 'distribution', queued: 0, deleted: 1, ignored: [] });
    assert.deepEqual(await known('team/app'), ['team/app latest']);
    await send('delete', { repository: 'team/app', digest: digestOf(1) });
    assert.deepEqual(await known('team/app'), []);
  });

  it('that delete a repository forget all of it', async () => {
    await save(2, 'team/gone', '1.0');
    await save(3, 'team/gone', digestOf(3));
    await save(4, 'team/gone-not', '1.0');
    await send('delete', { repository: 'team/gone' });
    assert.deepEqual([await known('team/gone'), (await known('team/gone-not')).length], [[], 1]);
  });

  it('that delete a tag take its name from an image that has another, never its last', async () => {
    for (const tag of ['1.0', '1.1']) await save(9, 'team/named', tag);
    await save(10, 'team/named', '2.0');
    const tags = async (n: number) => {
      const text = `
        select n ->> 'tag' as tag from manifest_about a cross join lateral jsonb_array_elements(a.names) n
        where a.digest = '${digestOf(n)}'`;
      return (await db.query<{ tag: string }>({ text })).map(({ tag }) => tag);
    };
    const deleted: [tag: string, of: number, left: string[]][] = [
      ['1.0', 10, ['2.0']],
      ['1.0', 9, ['1.1']],
      ['1.1', 9, ['1.1']],
      ['2.0', 10, ['2.0']],
    ];
    for (const [tag, n, left] of deleted) {
      await send('delete', { repository: 'team/named', tag });
      assert.deepEqual(await tags(n), left, `${tag} of ${n}`);
    }
    assert.deepEqual(await known('team/named'), []);
  });

  it('that rename a repository rename its images, and those below it', async () => {
    await save(5, 'team/old', '2.0');
    await save(6, 'team/old', '1.0');
    await save(7, 'team/old/part', digestOf(7));
    await save(8, 'team/older', '1.0');
    const rename = { type: 'name', from: 'team/old', to: 'team/new' };
    const answer = await send('rename', { repository: 'team/old', rename });
    assert.deepEqual(answer, { format: 'distribution', queued: 0, deleted: 0, renamed: 3, ignored: [] });
    assert.deepEqual(await known('team/old'), []);
    assert.deepEqual(await known('team/older'), ['team/older 1.0']);
    assert.deepEqual(await known('team/new'), [
      'team/new 1.0',
      'team/new 2.0',
      `team/new/part ${digestOf(7)}`,
    ]);
    const rows = await db.query<{ name: string; tag: string; at: string }>({
      text: `
        select n ->> 'name' as name, n ->> 'tag' as tag, n ->> 'at' as at
        from manifest_about cross join lateral jsonb_array_elements(names) n
        where digest = any ($1) order by 3`,
      values: [[5, 6, 7].map(digestOf)],
    });
    // In their order: what was pushed last is the newest of its repository.
    assert.deepEqual(
      rows.map(({ name, tag }) => `${name}:${tag}`),
      [`${HOST}/team/new:2.0`, `${HOST}/team/new:1.0`, `${HOST}/team/new/part:`],
    );
    assert.deepEqual(await send('rename', { repository: 'team/old', rename }), {
      ...{ format: 'distribution', queued: 0, deleted: 0, ignored: [] },
    });
  });

  it('that rename a repository to one that is not wanted are ignored with the reason', async () => {
    const answer = await send('rename', { repository: 'team/a', rename: { from: 'team/a', to: 'other/a' } });
    assert.deepEqual(
      (answer as { ignored: { reason: string }[] }).ignored.map(({ reason }) => reason),
      ['the new name does not match indexer.registries[].repositories'],
    );
  });

  const body = JSON.stringify({
    ...{ domain: 'docker', event_type: 'pushed' },
    data: { repo_key: 'local', image_name: 'team/app', tag: '3.0' },
  });
  const signed = (text: string, key = SECRET): string => createHmac('sha256', key).update(text).digest('hex');
  const signatures: [what: string, signature: string, status: number][] = [
    ['of the body', signed(body), 202],
    ['in capitals', signed(body).toUpperCase(), 202],
    ['of another body', signed(`${body} `), 401],
    ['with another secret', signed(body, 'x'), 401],
    ['that is none', 'f'.repeat(63), 401],
  ];
  for (const [what, signature, status] of signatures) {
    it(`with a signature ${what} get ${status}`, async () => {
      const answered = await post(body, { 'x-jfrog-event-auth': signature });
      assert.equal(answered.status, status);
      if (status === 202)
        assert.deepEqual(answered.answer, { format: 'artifactory', queued: 1, deleted: 0, ignored: [] });
    });
  }

  it('that are too long are refused before they are read as a whole', async () => {
    const long = JSON.stringify({ events: [], more: 'x'.repeat(5 * 1024 * 1024) });
    assert.equal((await post(long, { 'x-jfrog-event-auth': signed(long) })).status, 413);
  });

  it('without a secret get 401', async () => assert.equal((await post(body, {})).status, 401));
});
