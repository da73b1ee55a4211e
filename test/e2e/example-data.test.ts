/** `clairctl scan` where no feed can be had: the example advisories, told as such, also to several at once. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { freePort } from '../conformance/service.ts';
import { ROOT } from '../imports.ts';
import { writeOciLayout } from './make-image.ts';
import { canListProcesses, processesLeft } from './processes.ts';
import { type Ended, runToEnd } from './run-program.ts';

const folder = mkdtempSync(join(tmpdir(), 'clair-example-'));
after(() => rmSync(folder, { recursive: true, force: true }));

describe('example data', () => {
  const image = join(folder, 'image');
  const config = join(folder, 'config.json');
  const data = join(folder, 'data');
  const scan = (...args: string[]): Promise<Ended> =>
    runToEnd('clairctl', [
      'scan',
      '--data-dir',
      data,
      '--config',
      config,
      '--format',
      'json',
      ...args,
      image,
    ]);

  it('serves several scans at the same time, on one data directory', async () => {
    // Refused at once: a feed that answers nothing would be waited for.
    const url = `http://127.0.0.1:${await freePort()}/`;
    writeFileSync(config, JSON.stringify({ updaters: { sets: ['osv'], config: { osv: { url } } } }));
    writeOciLayout(image, [
      { 'srv/node_modules/lodash/package.json': '{"name":"lodash","version":"4.17.20"}' },
    ]);
    const scans = await Promise.all(Array.from({ length: 3 }, () => scan()));
    for (const { code, stdout, stderr } of [...scans, await scan()]) {
      assert.equal(code, 3, stderr);
      const { example, report } = JSON.parse(stdout);
      assert.match(example ?? stdout, /Only the built-in example advisories were used/);
      const names = Object.values<{ name: string }>(report.vulnerabilities).map(({ name }) => name);
      assert.deepEqual(names.length > 0 && names.every((name) => /^(GHSA|CVE)-/.test(name)), true, stdout);
    }
    assert.deepEqual(canListProcesses ? await processesLeft(folder) : [], []);
  });

  it('is named for the types that it knows, and what it does not know is not checked', async () => {
    const mixed = join(folder, 'mixed');
    const gem = 'usr/lib/ruby/gems/3.4.0/specifications/pump-1.2.0.gemspec';
    writeOciLayout(mixed, [
      {
        'srv/node_modules/lodash/package.json': '{"name":"lodash","version":"4.17.20"}',
        [gem]: 'Gem::Specification.new do |s|\n  s.name = "pump"\n  s.version = "1.2.0"\nend\n',
      },
    ]);
    const options = ['scan', '--data-dir', data, '--config', config, '--format', 'table'];
    const { code, stdout } = await runToEnd('clairctl', [...options, mixed]);
    assert.equal(code, 3, stdout);
    assert.match(stdout, /^npm +1 .* {2}EXAMPLE DATA ONLY$/m);
    assert.match(stdout, /^ruby +1 +- .* {2}NOT CHECKED$/m);
  });

  it('is not asked where feeds are not to be, and is no real data', async () => {
    const { code, stdout, stderr } = await scan('--update', 'never');
    assert.equal(code, 3, stderr);
    const { example, report } = JSON.parse(stdout);
    assert.deepEqual([example, report.vulnerabilities], [undefined, {}]);
  });

  it('is there as a file for --feeds, with all of its advisories', async () => {
    const file = join(ROOT, 'examples', 'feeds', 'updates.json');
    const { code, stdout, stderr } = await scan('--feeds', file);
    assert.equal(code, 0, stderr);
    const { findings } = JSON.parse(stdout) as { findings: readonly { id: string; package: string }[] };
    assert.ok(findings.length > 0 && findings.every(({ package: name }) => name === 'lodash'), stdout);
    const { feeds } = JSON.parse(
      readFileSync(join(ROOT, 'examples', 'feeds', 'advisories.json'), 'utf8'),
    ) as {
      feeds: readonly { name: string; advisories: readonly unknown[] }[];
    };
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    assert.equal(lines.length, feeds.flatMap(({ advisories }) => advisories).length);
  });
});
