/** The launchers in bin/ on an older Node, which they only use to find a newer one. */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { testDatabase } from '../../src/db/database.fixture.ts';
import { freePort } from '../conformance/service.ts';
import { ROOT } from '../imports.ts';
import { canListProcesses, processesLeft } from './processes.ts';

/** The system's Node, not the one that npm brought. */
const PATH = (process.env.PATH ?? '').split(delimiter).filter((path) => !path.includes('node_modules'));
const env = { ...process.env, PATH: PATH.join(delimiter) };

function versionOfNode(): string | undefined {
  try {
    return execFileSync('node', ['--version'], { env, encoding: 'utf8' }).trim();
  } catch {
    return undefined;
  }
}

const version = versionOfNode();
const isOld = version !== undefined && Number(/\d+/.exec(version)?.[0]) < 24;
const skip = !isOld && `the system's Node is ${version ?? 'not there'}, and not older than 24`;

function launch(program: string, ...args: string[]) {
  const child = spawn('node', [join(ROOT, 'bin', program), ...args], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said.stderr += text));
  const ended = once(child, 'close').then(([code]): number | null => code);
  return { child, said, ended };
}

describe('launchers', { skip }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'clair-launcher-'));
  after(() => rmSync(folder, { recursive: true }));

  for (const [program, flag, want] of [
    ['clair.mjs', '-h', /Usage of clair/],
    ['clairctl.mjs', '--help', /Usage: clairctl/],
  ] as const) {
    it(`${program} finds its Node`, async () => {
      const { said, ended } = launch(program, flag);
      assert.equal(await ended, 0, said.stderr);
      assert.match(said.stdout, want);
    });
  }

  it('passes exit codes on', async () => {
    assert.equal(await launch('clairctl.mjs', 'scan', '/nowhere').ended, 1);
    assert.equal(await launch('clair.mjs', '-conf', '/nowhere').ended, 2);
  });

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    it(`passes ${signal} on, and ends after its program`, async () => {
      await using database = await testDatabase();
      const connection = { connstring: database.dsn, migrations: true };
      const config = join(folder, `${signal}.json`);
      writeFileSync(
        config,
        JSON.stringify({
          http_listen_addr: `127.0.0.1:${await freePort()}`,
          introspection_addr: '127.0.0.1:0',
          updaters: { sets: [] },
          indexer: connection,
          matcher: { ...connection, disable_enrichment: true },
        }),
      );
      const { child, said, ended } = launch('clair.mjs', '-conf', config, '-mode', 'combo');
      for (let i = 0; i < 1200 && child.exitCode === null && !said.stderr.includes('"ready"'); i++)
        await sleep(50);
      child.kill(signal);
      assert.equal(await ended, 0, said.stderr);
      assert.match(said.stderr, /stopped/);
      assert.deepEqual(canListProcesses ? await processesLeft(config) : [], []);
    });
  }
});
