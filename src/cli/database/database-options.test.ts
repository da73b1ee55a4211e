import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { commandWithEnvironment } from '../flags/flag-environment.ts';
import { addDatabaseOptions, configOf, type DatabaseOptions } from './database-options.ts';

const folder = mkdtempSync(join(tmpdir(), 'clair-options-'));
after(() => rmSync(folder, { recursive: true }));

function parse(...args: string[]): DatabaseOptions {
  return addDatabaseOptions(commandWithEnvironment('x').exitOverride()).parse(args, { from: 'user' }).opts();
}

describe('database options', () => {
  it('takes flags before the environment, and that before what it would choose', () => {
    const kept = { ...process.env };
    try {
      Object.assign(process.env, { CLAIR_DB: 'host=env', CLAIR_CONF: 'env.yaml', CLAIR_DATA_DIR: '/env' });
      process.env.CLAIR_DB_LINGER = '1m';
      const fromEnvironment = { db: 'host=env', config: 'env.yaml', dataDir: '/env', dbLinger: 60_000 };
      assert.deepEqual(parse(), fromEnvironment);
      const flags = ['--db', 'host=flag', '--config', 'flag.yaml', '--data-dir', '/flag', '--db-linger', '0'];
      const fromFlags = { db: 'host=flag', config: 'flag.yaml', dataDir: '/flag', dbLinger: 0 };
      assert.deepEqual(parse(...flags), fromFlags);
    } finally {
      process.env = kept;
    }
  });

  it('lets the server stay for the next command, but not where jobs end', () => {
    const kept = { ...process.env };
    try {
      for (const name of ['CLAIR_DB_LINGER', 'CI', 'JENKINS_URL']) delete process.env[name];
      assert.equal(parse().dbLinger, 180_000);
      for (const name of ['CI', 'JENKINS_URL']) {
        process.env[name] = 'true';
        assert.equal(parse().dbLinger, 0);
        delete process.env[name];
      }
    } finally {
      process.env = kept;
    }
  });

  it('reads the configuration, and has one where none is named', async () => {
    const config = join(folder, 'config.yaml');
    writeFileSync(config, 'matcher: {period: 2h}\nupdaters: {sets: [alpine]}\n');
    const read = await configOf({ config, dataDir: folder });
    assert.deepEqual([read.matcher.period, read.updaters.sets], [7_200_000, ['alpine']]);
    const chosen = await configOf({ dataDir: folder });
    assert.deepEqual([chosen.matcher.period, chosen.updaters.sets], [21_600_000, undefined]);
  });

  it('names what is wrong with a configuration', async () => {
    const config = join(folder, 'wrong.yaml');
    writeFileSync(config, 'updater: {sets: [alpine]}\n');
    await assert.rejects(configOf({ config, dataDir: folder }), {
      name: 'AppError',
      code: 'bad-config',
      message: /wrong\.yaml.*updater/s,
    });
  });
});
