import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { zstdCompressSync } from 'node:zlib';
import { readFiles } from '../read-files.fixture.ts';
import { chisel } from './chisel.ts';

const PATH = 'var/lib/chisel/manifest.wall';
const wall = (...records: object[]): Buffer =>
  zstdCompressSync(
    [{ jsonwall: '1.0', schema: '1.0', count: records.length + 1 }, ...records]
      .map((record) => `${JSON.stringify(record)}\n`)
      .join(''),
  );

/** Packages, then problems. */
function detected(content: Buffer): string[] {
  return readFiles(chisel, { [PATH]: content }).map((each) => {
    if (each.found === 'package') return `${each.package.name} ${each.package.version} ${each.package.arch}`;
    return each.found === 'problem' ? `${each.kind ?? 'unread'}: ${each.reason}` : each.found;
  });
}

describe("Chisel's manifest", () => {
  const openssl = { kind: 'package', name: 'openssl', version: '3.0.2-0ubuntu1', sha256: 'x', arch: 'amd64' };
  const binary = { kind: 'path', path: '/usr/bin/openssl', mode: '0755', slices: ['openssl_bins'] };

  it('has the packages that the image was cut from', () => {
    assert.deepEqual(detected(wall({ kind: 'content', path: '/' }, openssl, binary)), [
      'database',
      'openssl 3.0.2-0ubuntu1 amd64',
      'note: manifest of 1 package, read',
    ]);
  });

  it('is told if it cannot be read, or what of it cannot', () => {
    assert.match(
      detected(Buffer.from('x')).join(),
      /^database,unread: a manifest of Chisel that cannot be read/,
    );
    assert.match(detected(zstdCompressSync('{}\n')).join(), /no jsonwall/);
    assert.match(
      detected(wall({ kind: 'package', name: 'x' })).join(),
      /1 of its packages have no readable name/,
    );
  });
});
