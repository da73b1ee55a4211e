import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { testDatabase } from './database.fixture.ts';
import { connect } from './database.ts';

describe('copying out of the database', () => {
  it('gives all rows, and fails with its reader', async () => {
    await using database = await testDatabase();
    await using db = await connect(database.dsn, { applicationName: 'copy-out-test', max: 1 });
    const text = 'copy (select generate_series(1, 200000)) to stdout';
    let length = 0;
    await db.transaction((tx) =>
      tx.copyOut(text, async (chunks) => {
        for await (const chunk of chunks) length += chunk.length;
      }),
    );
    assert.equal(length, 1_288_895);
    await assert.rejects(
      db.transaction((tx) =>
        tx.copyOut(text, async (chunks) => {
          for await (const _ of chunks) throw new Error('the disk is full');
        }),
      ),
      /the disk is full/,
    );
    await assert.rejects(
      db.transaction((tx) =>
        tx.copyOut(
          'copy nothing to stdout',
          async (chunks) => void (await chunks[Symbol.asyncIterator]().next()),
        ),
      ),
      /nothing/,
    );
    assert.deepEqual(await db.query({ text: 'select 1 as one' }), [{ one: 1 }], 'it goes on');
  });
});
