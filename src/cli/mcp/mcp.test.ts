/** The protocol's own client asks the tools, on a database with one advisory. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js';
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import { configSchema } from '../../config/schema.ts';
import { testDatabase } from '../../db/database.fixture.ts';
import { connect } from '../../db/database.ts';
import { migrate } from '../../db/migrate.ts';
import { ecosystems } from '../../ecosystems/index.ts';
import { noLog } from '../../lib/log.ts';
import { advisory, noHttp, toyEcosystem, toyFeed } from '../../matcher/matcher.fixture.ts';
import { updateFeeds } from '../../matcher/updating/update-feeds.ts';
import { NO_DISTRIBUTION } from '../../model/package.ts';
import { MATCHER_SCHEMA } from '../../schemas.ts';
import { createProgress } from '../terminal/progress.ts';
import { MAX_ANSWER, textOfAnswer } from './answers.ts';
import { McpSession } from './mcp-session.ts';
import { mcpServer } from './serve-mcp.ts';

const folder = mkdtempSync(join(tmpdir(), 'clair-mcp-'));
const OS = 'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian 12"\nVERSION_CODENAME=bookworm\n';
const file = (path: string, text: string): void => {
  mkdirSync(join(folder, path, '..'), { recursive: true });
  writeFileSync(join(folder, path), text);
};
file('root/etc/os-release', OS);
file(
  'root/var/lib/dpkg/status',
  ['openssl 3.0.11-1', 'other 1.0-1']
    .map((each) => each.split(' '))
    .map(
      ([name, version]) =>
        `Package: ${name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: ${version}\nMaintainer: x\nDescription: x\n`,
    )
    .join('\n'),
);

describe('clairctl mcp', () => {
  let database: Awaited<ReturnType<typeof testDatabase>>;
  let session: McpSession;
  let client: Client;

  before(async () => {
    database = await testDatabase();
    await using db = await connect(database.dsn, { applicationName: 'clair-test', max: 2 });
    await migrate(db, MATCHER_SCHEMA);
    const { versions } = ecosystems.find(({ id }) => id === 'deb')!;
    const distribution = {
      ...NO_DISTRIBUTION,
      did: 'debian',
      name: 'Debian',
      versionId: '12',
      prettyName: 'Debian 12',
    };
    const records = [
      advisory('openssl', 'CVE-2099-1', { scope: 'debian:12', kind: 'source', below: '3.0.12-1' }),
    ];
    const feed = {
      ...toyFeed('debian/updater', { records }, [{ key: 'debian:12', distribution }]),
      versions,
    };
    await updateFeeds(
      {
        db,
        ecosystems: [toyEcosystem([feed])],
        enrichers: [],
        now: () => new Date(),
        log: noLog,
        http: noHttp,
      },
      { signal: AbortSignal.timeout(20_000) },
    );
    session = new McpSession({
      database: { db: database.dsn, dataDir: '' },
      config: configSchema.parse({}),
      registry: {},
      update: 'never',
      published: { repositories: [], keys: undefined, maxAge: 0 },
      timeout: 60_000,
      progress: createProgress(process.stderr, true),
    });
    const [here, there] = InMemoryTransport.createLinkedPair();
    await mcpServer(session).connect(there);
    client = new Client({ name: 'tests', version: '1' });
    await client.connect(here);
  });
  after(async () => {
    await client?.close();
    await session?.[Symbol.asyncDispose]();
    await database?.[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  async function call(name: string, given: Record<string, unknown> = {}) {
    const { content, isError } = (await client.callTool({ name, arguments: given })) as CallToolResult;
    const [first] = content;
    const text = first?.type === 'text' ? first.text : '';
    return { isError: isError === true, text, json: isError ? undefined : JSON.parse(text) };
  }
  const target = `dir:${join(folder, 'root')}`;

  it('has four tools that read only', async () => {
    const { tools } = await client.listTools();
    assert.deepEqual(tools.map(({ name }) => name).sort(), [
      'affected_images',
      'explain',
      'feed_state',
      'scan',
    ]);
    assert.ok(
      tools.every(({ annotations }) => annotations?.readOnlyHint && annotations.destructiveHint === false),
    );
    assert.match(client.getInstructions() ?? '', /does not say that anything is safe/);
  });

  it('scans, with what to do, what was not checked, and within a limit', async () => {
    const { json } = await call('scan', { target });
    assert.deepEqual([json.findings.length, json.findings[0].id, json.findingsLeftOut], [1, 'CVE-2099-1', 0]);
    assert.deepEqual(json.upgrades, [
      { name: 'openssl', type: 'deb', from: '3.0.11-1', to: '3.0.12-1', fixes: 1 },
    ]);
    assert.equal(json.packages, 2);
    // As with --db-max-age: a feed that is older than it makes the answer incomplete.
    assert.equal(json.complete, false);
    assert.match(json.notChecked.join('\n'), /debian\/updater was loaded on .* longer ago than --db-max-age/);
    assert.equal((await call('scan', { target, severity: 'low' })).json.findings.length, 0);
  });

  it('explains, and finds the images that a vulnerability affects', async () => {
    const explained = (await call('explain', { vulnerability: 'CVE-2099-1', target })).json;
    assert.equal(explained.packages[0].package, 'openssl');
    const { images, more } = (await call('affected_images', { vulnerability: 'cve-2099-1' })).json;
    assert.deepEqual([images.length, images[0].name, more], [1, join(folder, 'root'), false]);
    assert.deepEqual((await call('affected_images', { vulnerability: 'CVE-1999-1' })).json.images, []);
    const { feeds } = (await call('feed_state')).json;
    assert.ok(feeds.some(({ name }: { name: string }) => name === 'debian/updater'));
  });

  it('says what cannot be done, and goes on', async () => {
    const cases: [string, Record<string, unknown>, RegExp][] = [
      ['scan', { target: 'dir:/nowhere/at/all' }, /file or directory not found/],
      ['scan', { target: 'sbom:-' }, /stdin is not for targets here/],
      ['scan', { target, severity: 'bogus' }, /want a list such as high,critical/],
      ['scan', { target, limit: 1000 }, /limit/],
      ['scan', {}, /target/],
    ];
    for (const [name, given, wanted] of cases) {
      const { isError, text } = await call(name, given).catch((error: Error) => ({
        isError: true,
        text: error.message,
      }));
      assert.ok(isError, text);
      assert.match(text, wanted);
    }
    assert.equal((await call('scan', { target })).json.findings.length, 1);
    assert.throws(() => textOfAnswer({ x: 'x'.repeat(MAX_ANSWER) }), /ask for fewer findings/);
  });
});
