import assert from 'node:assert/strict';
import { it } from 'node:test';
import { configSchema } from '../../config/schema.ts';
import { testDatabase } from '../../db/database.fixture.ts';
import type { Digest } from '../../model/digest.ts';
import { openEngines } from './open-engines.ts';

it('heeds indexer.airgap of the configuration', async () => {
  await using database = await testDatabase();
  const config = configSchema.parse({ indexer: { airgap: true } });
  const flags = { db: database.dsn, dataDir: '/nowhere' };
  await using engines = await openEngines(flags, () => {}, config);
  const hash = `sha256:${'0'.repeat(64)}` as Digest;
  const manifest = { hash, layers: [{ hash, uri: 'http://192.0.2.1/layer', headers: {} }] };
  const indexed = engines.indexer.index(manifest, { signal: AbortSignal.timeout(20_000) });
  await assert.rejects(
    indexed.then((json) => {
      throw new Error((JSON.parse(json) as { err: string }).err);
    }),
    /airgap/,
  );
});
