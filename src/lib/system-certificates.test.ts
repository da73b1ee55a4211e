import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { systemCertificates } from './system-certificates.ts';

const pem = (name: string): string =>
  `-----BEGIN CERTIFICATE-----\n${Buffer.from(name).toString('base64')}\n-----END CERTIFICATE-----`;

describe('certificates of the system', () => {
  const folder = mkdtempSync(join(tmpdir(), 'clair-certs-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const [one, two] = [join(folder, 'one'), join(folder, 'two')];
  for (const each of [one, two]) mkdirSync(each);
  writeFileSync(join(one, 'a.pem'), `# two\n${pem('a')}\n${pem('b')}\n`);
  writeFileSync(join(one, 'a-again.0'), `${pem('a')}\n`);
  writeFileSync(join(one, 'README'), 'no certificate\n');
  mkdirSync(join(one, 'folder'));
  writeFileSync(join(two, 'c.crt'), pem('c'));
  writeFileSync(join(folder, 'file.pem'), pem('d'));

  it('come from each directory of a list, and once', () => {
    const env = {
      SSL_CERT_DIR: `${one}:${join(folder, 'missing')}::${two}`,
      SSL_CERT_FILE: join(folder, 'file.pem'),
    };
    assert.deepEqual([...systemCertificates(() => [], env)].sort(), ['a', 'b', 'c', 'd'].map(pem).sort());
  });

  it('come from a volume of Kubernetes, whose files are links into a directory that is replaced as a whole', () => {
    const volume = join(folder, 'volume');
    mkdirSync(join(volume, '..2026_01_01'), { recursive: true });
    writeFileSync(join(volume, '..2026_01_01', 'ca.crt'), pem('e'));
    symlinkSync('..2026_01_01', join(volume, '..data'));
    symlinkSync(join('..data', 'ca.crt'), join(volume, 'ca.crt'));
    assert.deepEqual(
      systemCertificates(() => [], { SSL_CERT_DIR: `/nowhere:${volume}` }),
      [pem('e')],
    );
  });

  it('are those that Node finds where there is no list', () => {
    for (const env of [{}, { SSL_CERT_DIR: one }]) {
      assert.deepEqual(
        systemCertificates(() => ['its own'], env),
        ['its own'],
      );
    }
  });

  it('are none where nothing can be read', () => {
    assert.deepEqual(
      systemCertificates(() => [], { SSL_CERT_DIR: '/nowhere:/neither', SSL_CERT_FILE: '/nowhere' }),
      [],
    );
  });
});
