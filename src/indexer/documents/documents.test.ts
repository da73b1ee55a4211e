/** Documents in a store of objects, on a real server of S3. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { createServer } from '../../http/server.ts';
import { createLog, noLog } from '../../lib/log.ts';
import { Secret } from '../../lib/secret.ts';
import type { Digest } from '../../model/digest.ts';
import type { Manifest } from '../../model/manifest.ts';
import {
  digestOf,
  indexerDatabase,
  type LayerStore,
  layerStore,
  manifestOf,
  packagesOf,
  type TestIndexer,
  testIndexer,
} from '../indexing.fixture.ts';
import { indexReportRoutes } from '../routes/index-report.ts';
import { inRows } from './documents.ts';
import { moveDocuments } from './move-documents.ts';
import { keyOf, objectDocuments } from './object-documents.ts';
import { isReference, readReference } from './reference.ts';
import { type S3Objects, s3Objects } from './s3-objects.ts';
import { noS3, type S3Server, s3Server } from './s3-server.fixture.ts';
import { condemn, touchDocument } from './store.ts';
import { sweepDocuments } from './sweep-documents.ts';

const { signal } = new AbortController();
const HOUR = 3600_000;
/** Packages whose names make a long document. */
const many = (name: string) => Array.from({ length: 200 }, (_, n) => `${name}-${n} 1.${n}`).join('\n');

describe('documents in S3', { skip: noS3 }, () => {
  const open = new AsyncDisposableStack();
  let layers: LayerStore;
  let s3: S3Server;
  let objects: S3Objects;
  let one: TestIndexer;
  let plain: TestIndexer;
  before(async () => {
    layers = open.use(await layerStore());
    s3 = open.use(await s3Server());
    objects = open.use(await s3Objects(s3.settings));
    const { dsn } = open.use(await indexerDatabase());
    one = open.use(await testIndexer(dsn, '1', (db) => objectDocuments({ db, objects, keepIn: 's3' })));
    plain = open.use(await testIndexer(dsn));
  });
  after(() => open.disposeAsync());
  afterEach(() => {
    layers.fetched.length = 0;
  });

  let made = 0;
  const image = (): Manifest =>
    manifestOf(layers.layer({ name: 'a.words', content: many(`package-${++made}`) }));
  async function rows<R extends object>(text: string, ...values: unknown[]): Promise<R[]> {
    return await one.db.query<R>({ text, values });
  }
  const heldOf = async ({ hash }: Manifest): Promise<string> =>
    (
      await rows<{ report: string }>(
        'select r.report from index_report r join manifest m on m.id = r.manifest where m.digest = $1',
        hash,
      )
    )[0]!.report;
  const heldOfLayer = async (layer: Digest): Promise<string> =>
    (
      await rows<{ findings: string }>(
        `select findings from layer_scan where layer = $1 and octet_length(findings) > 80
         order by octet_length(findings) desc, detector limit 1`,
        layer,
      )
    )[0]!.findings;
  const keyIn = (held: string): string => keyOf(readReference(held)!.digest);
  const fileOf = (held: string): string => join(s3.folder, keyIn(held));
  const age = (interval = '10 days') => rows(`update document set loose = loose - interval '${interval}'`);
  const sweep = (grace = HOUR) => sweepDocuments(one.db, objects, { grace, signal });
  const changes = () => rows('select digest, changed::text from manifest_change order by digest');

  it('are the same as in rows', async () => {
    const manifest = image();
    const before = await plain.index(manifest);
    const inline = await heldOf(manifest);
    await rows('truncate manifest, layer_scan cascade');
    assert.deepEqual(await one.index(manifest), before);
    const held = await heldOf(manifest);
    assert.ok(isReference(held), held);
    assert.equal(readReference(held)!.size, Buffer.byteLength(inline));
    assert.ok(isReference(await heldOfLayer(manifest.layers[0]!.hash)));
    assert.equal(await one.indexer.indexReport(manifest.hash), inline);
    assert.equal((await one.indexer.newerReport(manifest.hash, undefined))?.json, inline);
    assert.equal(await (await one.indexer.report(manifest.hash))?.json(), inline);
    assert.deepEqual(await one.index(manifest), before);
    // Detections are read from the store as well: nothing is fetched for another image of the same layer.
    layers.fetched.length = 0;
    const other = { hash: digestOf(`other ${made}`), layers: manifest.layers };
    assert.deepEqual(packagesOf(await one.index(other)), packagesOf(before));
    assert.deepEqual(layers.fetched, []);
    assert.ok(existsSync(fileOf(held)));
  });

  it('stay in their rows while they are small', async () => {
    const manifest = manifestOf(layers.layer({ name: 'a.words', content: 'one 1' }));
    await one.index(manifest);
    assert.match(await heldOf(manifest), /^\{/);
  });

  it('are told as unavailable while the server is away, and the image is not to blame', async () => {
    const manifest = image();
    await one.index(manifest);
    const log: string[] = [];
    const app = createServer({ log: createLog('debug', { write: (line) => log.push(line) }) });
    const jobs = { status: async () => undefined, cancel: async () => {} };
    indexReportRoutes(app, { indexer: one.indexer, jobs });
    const url = `/indexer/api/v1/index_report/${manifest.hash}`;
    const fresh = image();
    await s3.stop();
    try {
      const answer = await app.inject({ url });
      assert.equal(answer.statusCode, 503);
      assert.equal(answer.headers['retry-after'], '10');
      assert.doesNotMatch(answer.body, /packages|documents at|127\.0\.0\.1/);
      // Whoever has it already needs no document.
      const etag = `"${one.indexer.state}"`;
      assert.equal((await app.inject({ url, headers: { 'if-none-match': etag } })).statusCode, 304);
      await assert.rejects(one.index(fresh), { code: 'documents' });
      assert.notEqual((await one.indexer.report(fresh.hash))?.state, 'IndexError');
    } finally {
      await s3.start();
    }
    assert.equal((await app.inject({ url })).statusCode, 200);
    assert.equal(packagesOf(await one.index(fresh)).length, 200);
    assert.ok(log.some((line) => line.includes('bucket documents at http')));
    assert.doesNotMatch(log.join(''), /a-key-that-no-log-may-have/);
    await app.close();
  });

  it('tell a wrong key without saying it', async () => {
    await using wrong = await s3Objects({ ...s3.settings, secret_key: new Secret('another-secret') });
    await assert.rejects(wrong.put('a', Buffer.from('a')), (error: Error & { code: string }) => {
      assert.equal(error.code, 'documents');
      assert.match(
        error.message,
        /^cannot write object a of bucket documents at http:\S+: \w+ \(HTTP 403\)$/,
      );
      assert.doesNotMatch(`${error.stack} ${(error.cause as Error).stack}`, /another-secret/);
      return true;
    });
    await using nowhere = await s3Objects({ ...s3.settings, bucket: 'none' });
    await assert.rejects(nowhere.get('a', 10), { code: 'documents' });
  });

  for (const [what, bytes] of [
    ['missing', undefined],
    ['cut', Buffer.alloc(0)],
    ['another', Buffer.from('not what was stored')],
    ['endless', Buffer.alloc(5_000_000)],
  ] as const) {
    const damage = (held: string): Promise<void> =>
      bytes === undefined ? objects.delete(keyIn(held)) : objects.put(keyIn(held), bytes);

    it(`are errors where an object is ${what}, until the manifest is submitted again`, async () => {
      const manifest = image();
      const before = await one.index(manifest);
      await damage(await heldOf(manifest));
      await assert.rejects(one.indexer.indexReport(manifest.hash), { code: 'document-missing' });
      await assert.rejects(one.indexer.newerReport(manifest.hash, undefined), { code: 'document-missing' });
      assert.deepEqual(await one.index(manifest), before);
      assert.equal(await one.indexer.indexReport(manifest.hash), JSON.stringify(before));
    });

    it(`are made anew where the object of a layer is ${what}`, async () => {
      const manifest = image();
      const before = await one.index(manifest);
      await damage(await heldOfLayer(manifest.layers[0]!.hash));
      layers.fetched.length = 0;
      const other = { hash: digestOf(`other ${what}`), layers: manifest.layers };
      assert.deepEqual(packagesOf(await one.index(other)), packagesOf(before));
      assert.equal(layers.fetched.length, 1);
    });
  }

  it('are never read as an empty report by who has no store', async () => {
    const manifest = image();
    await one.index(manifest);
    await assert.rejects(plain.indexer.indexReport(manifest.hash), { code: 'documents' });
    // What a release reads that knows nothing of references.
    assert.throws(() => JSON.parse('document:sha256:'));
    const held = await heldOf(manifest);
    assert.throws(() => JSON.parse(held), SyntaxError);
    await assert.rejects(inRows.read(held), /store\.documents\.s3/);
  });

  it('are swept when their rows are gone, after a grace time, and not before', async () => {
    const [gone, kept] = [image(), image()];
    await one.index(gone);
    await one.index(kept);
    const [goneHeld, keptHeld] = [await heldOf(gone), await heldOf(kept)];
    await age();
    assert.equal(await sweep(), 0);
    assert.ok(existsSync(fileOf(goneHeld)));
    assert.deepEqual(await rows('select digest from document where loose is not null'), []);
    await one.indexer.delete([gone.hash]);
    assert.equal(await sweep(), 0);
    await age();
    assert.equal(await sweep(), 1);
    assert.ok(!existsSync(fileOf(goneHeld)));
    assert.ok(existsSync(fileOf(keptHeld)));
    // Stored again later, it is there again.
    await one.index(gone);
    assert.ok(existsSync(fileOf(goneHeld)));
  });

  it('are swept when whoever stored them died before the row', async () => {
    const documents = objectDocuments({ db: one.db, objects, keepIn: 's3' });
    const held = await documents.write(JSON.stringify(many('lost')));
    assert.ok(existsSync(fileOf(held)));
    await age();
    assert.equal(await sweep(), 1);
    assert.ok(!existsSync(fileOf(held)));
    assert.deepEqual(await rows('select from document where digest = $1', readReference(held)!.digest), []);
  });

  it('are not relied on while they are being deleted', async () => {
    const documents = objectDocuments({ db: one.db, objects, keepIn: 's3' });
    const text = JSON.stringify(many('dying'));
    const held = await documents.write(text);
    const { digest } = readReference(held)!;
    await age();
    assert.deepEqual(await condemn(one.db, [digest], HOUR), [digest]);
    assert.equal(await documents.write(text), text);
    // The sweep that died there is gone on with.
    await age();
    assert.equal(await sweep(), 1);
    assert.ok(isReference(await documents.write(text)));
    // Whoever came in between keeps it.
    await age();
    assert.ok(await touchDocument(one.db, readReference(held)!));
    assert.deepEqual(await condemn(one.db, [digest], HOUR), []);
  });

  it('are swept by one replica at a time, and later where the server is away', async () => {
    const documents = objectDocuments({ db: one.db, objects, keepIn: 's3' });
    await age();
    await sweep();
    const held = await documents.write(JSON.stringify(many('later')));
    await age();
    {
      await using _lock = await plain.db.tryLock('documents');
      assert.equal(await sweep(), undefined);
    }
    await s3.stop();
    try {
      await assert.rejects(sweep(), { code: 'documents' });
    } finally {
      await s3.start();
    }
    assert.equal(await sweep(), 1);
    assert.ok(!existsSync(fileOf(held)));
  });

  describe('are moved', () => {
    let images: Manifest[];
    let reports: string[];
    before(async () => {
      await rows('truncate manifest, layer_scan, manifest_change cascade');
      images = Array.from({ length: 70 }, image);
      for (const each of images) await plain.index(each);
      reports = await read();
    });
    const read = async (): Promise<string[]> =>
      await Promise.all(images.map(async ({ hash }) => (await one.indexer.indexReport(hash))!));
    const inObjects = async (): Promise<number> =>
      (
        await rows<{ count: number }>(
          `select ((select count(*) from index_report where report like 'document:%')
            + (select count(*) from layer_scan where findings like 'document:%'))::int as count`,
        )
      )[0]!.count;
    const move = (keepIn: 's3' | 'database', stop = signal, log = noLog) =>
      moveDocuments(
        { db: one.db, documents: objectDocuments({ db: one.db, objects, keepIn }), keepIn, log },
        stop,
      );

    it('to the store, after an interruption as well, and nobody is told of a change', async () => {
      const before = await changes();
      const stopping = new AbortController();
      const documents = objectDocuments({ db: one.db, objects, keepIn: 's3' });
      let written = 0;
      const interrupted = {
        ...documents,
        write: async (text: string) => {
          if (++written === 40) stopping.abort(new Error('killed'));
          return await documents.write(text);
        },
      };
      const parts = { db: one.db, documents: interrupted, keepIn: 's3', log: noLog } as const;
      await assert.rejects(moveDocuments(parts, stopping.signal), /killed/);
      const some = await inObjects();
      assert.ok(some > 0 && some < 140, String(some));
      assert.equal(await move('s3'), 140 - some);
      assert.equal(await inObjects(), 140);
      assert.equal(await move('s3'), 0);
      assert.deepEqual(await read(), reports);
      assert.deepEqual(await changes(), before);
    });

    it('except for one that is missing, which is told', async () => {
      await objects.delete(keyIn(await heldOf(images[0]!)));
      const told: unknown[] = [];
      const log = { ...noLog, warn: (...line: unknown[]) => told.push(line) };
      assert.equal(await move('database', signal, log), 139);
      assert.equal(told.length, 1);
      await one.index(images[0]!);
    });

    it('back to the rows, where who has no store reads them', async () => {
      await move('database');
      assert.equal(await inObjects(), 0);
      const own = await Promise.all(images.map(({ hash }) => plain.indexer.indexReport(hash)));
      assert.deepEqual(own, reports);
    });

    it('unless somebody else writes them meanwhile', async () => {
      const documents = objectDocuments({ db: one.db, objects, keepIn: 's3' });
      const { hash } = images[1]!;
      const newer = JSON.stringify({ ...JSON.parse(reports[1]!), err: 'written meanwhile' });
      const slow = {
        ...documents,
        write: async (text: string) => {
          if (text === reports[1])
            await rows(
              'update index_report set report = $2 where manifest = (select id from manifest where digest = $1)',
              hash,
              newer,
            );
          return await documents.write(text);
        },
      };
      await moveDocuments({ db: one.db, documents: slow, keepIn: 's3', log: noLog }, signal);
      assert.equal(await one.indexer.indexReport(hash), newer);
    });
  });

  it('of other prefixes are others', async () => {
    await using other = await s3Objects({ ...s3.settings, prefix: '' });
    await other.put('top', Buffer.from('x'));
    assert.equal(await objects.get('top', 10), undefined);
    assert.equal((await other.get('top', 10))?.toString(), 'x');
    await other.delete('top');
    await other.delete('top');
    assert.equal(await other.get('top', 10), undefined);
  });
});
