import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import fc from 'fast-check';
import { AppError } from '../../errors.ts';
import { dateOf } from './ignore-entry.ts';
import { ignoreRules } from './ignore-rules.ts';
import { readIgnoreFile } from './read-ignore-file.ts';
import type { Judged } from './selection.ts';
import { parseTrivyIgnore } from './trivy-ignore.ts';

const folder = mkdtempSync(join(tmpdir(), 'clair-ignore-'));
after(() => rmSync(folder, { recursive: true, force: true }));

async function read(text: string, name = 'ignore.yaml') {
  const path = join(folder, name);
  writeFileSync(path, text);
  const { ignore, accept: accepts } = await readIgnoreFile(path);
  const short = <T extends { source: string }>(entry: T): T => ({
    ...entry,
    source: entry.source.slice(folder.length + 1),
  });
  return Object.assign(ignore.map(short), { accepts: accepts.map(short) });
}

const NOW = new Date('2099-06-01T12:00:00Z');
const curl: Judged = {
  id: 'CVE-2099-1',
  aliases: ['GHSA-xxxx'],
  package: '@scope/curl',
  version: '8.1',
  type: 'deb',
  purl: 'pkg:deb/debian/libcurl4@8.1?arch=amd64&distro=debian-12',
  sourcePurl: 'pkg:deb/debian/curl@8.1?arch=source&distro=debian-12',
  fixedIn: '',
  severity: 'High',
  exploited: false,
  paths: ['var/lib/dpkg/status', 'usr/lib/x.jar'],
};

describe('our ignore file', () => {
  it('is read with lines', async () => {
    const entries = await read(`ignore:
  - id: [CVE-2099-1, CVE-2099-2]
    reason: not reachable
    expires: 2100-01-01
  - package: "curl*"
    path: [usr/**, opt/x]
`);
    assert.deepEqual(
      entries.map(({ source, id, packages, paths, expires }) => [source, id, packages, paths, expires]),
      [
        ['ignore.yaml:2', 'CVE-2099-1', [], [], Date.UTC(2100, 0)],
        ['ignore.yaml:2', 'CVE-2099-2', [], [], Date.UTC(2100, 0)],
        ['ignore.yaml:5', undefined, ['curl*'], ['usr/**', 'opt/x'], undefined],
      ],
    );
  });
  it('may be empty', async () => assert.deepEqual([...(await read(''))], []));

  it('says what is accepted, with reason and date', async () => {
    const { accepts } = await read(`accept:
  - kind: [unread, end-of-life]
    path: usr/**
    what: Debian*
    reason: test data
    expires: 2100-01-01
`);
    assert.deepEqual(accepts, [
      {
        source: 'ignore.yaml:2',
        kinds: ['unread', 'end-of-life'],
        paths: ['usr/**'],
        whats: ['Debian*'],
        reason: 'test data',
        expires: Date.UTC(2100, 0),
      },
    ]);
  });

  for (const [text, message] of [
    ['ignore:\n  - reason: x', /ignore\.yaml:2: .* would ignore everything/],
    ['ignore:\n  - id: x\n    until: 2099-01-01', /ignore\.yaml:3: unknown key until/],
    ['ignore:\n  - id: x\n    expires: soon', /ignore\.yaml:3: expires: expected a date/],
    ['ignore:\n  - id: 7', /ignore\.yaml:2: id: expected a string/],
    ['ignore:\n  - id: x\n    reason: [a]', /ignore\.yaml:3: reason/],
    ['ignore:\n  - x', /ignore\.yaml:2: expected an entry/],
    ['ignore: x', /expected a list/],
    ['- x', /expected a list "ignore:"/],
    ['accept:\n  - reason: x\n    expires: 2100-01-01', /:2: .* would accept everything/],
    ['accept:\n  - kind: unread\n    expires: 2100-01-01', /:2: .* requires "reason" and a date/],
    ['accept:\n  - kind: unread\n    reason: x', /:2: .* requires "reason" and a date/],
    ['accept:\n  - kind: all\n    reason: x', /:2: kind: all is none of .*unread/],
    ['accept:\n  - path: x\n    package: y', /:3: unknown key package/],
    ['ignored: []', /ignore\.yaml:1: unknown key ignored/],
    ['ignore: [', /malformed/],
    ['vulnerabilities:\n  - paths: [a]', /ignore\.yaml:2: id is missing/],
    ['vulnerabilities:\n  - id: a\n    expired_at: x', /ignore\.yaml:3: expected a date/],
  ] as const) {
    it(`${JSON.stringify(text)} is refused`, async () => {
      await assert.rejects(read(text), (error: unknown) => {
        assert.ok(error instanceof AppError && error.code === 'bad-config');
        assert.match(error.message, message);
        return true;
      });
    });
  }
  it('says which file is not there', () =>
    assert.rejects(readIgnoreFile(join(folder, 'nowhere')), /nowhere: file or directory not found/));

  it('throws nothing but AppError at whatever bytes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ maxLength: 80, unit: fc.constantFrom(...'ignore: -[]{}"\n\t#&*!id7') }),
        async (text) => {
          await read(text).catch((error: unknown) => assert.ok(error instanceof AppError, String(error)));
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe("Trivy's ignore files", () => {
  it('.trivyignore', () => {
    const text = '# Accepted\nCVE-2099-1 # not used\n\n  CVE-2099-2 exp:2099-01-01 ws:x\r\n';
    assert.deepEqual(
      parseTrivyIgnore(text, '.trivyignore').map(({ source, id, expires, reason }) => [
        source,
        id,
        expires,
        reason,
      ]),
      [
        ['.trivyignore:2', 'CVE-2099-1', undefined, 'not used'],
        ['.trivyignore:4', 'CVE-2099-2', Date.UTC(2099, 0), ''],
      ],
    );
    assert.throws(() => parseTrivyIgnore('CVE-1 exp:soon', 'f'), /f:1: exp: expected a date/);
  });
  it('.trivyignore.yaml', async () => {
    const text = `vulnerabilities:
  - id: CVE-2099-1
    paths: ["usr/**"]
    purls: ["pkg:deb/debian/libcurl4"]
    expired_at: 2099-01-01
    statement: accepted
misconfigurations:
  - id: AVD-1
`;
    const [entry, ...rest] = await read(text, '.trivyignore.yaml');
    assert.deepEqual(rest, []);
    assert.deepEqual(entry, {
      source: '.trivyignore.yaml:2',
      id: 'CVE-2099-1',
      packages: ['pkg:deb/debian/libcurl4'],
      paths: ['usr/**'],
      reason: 'accepted',
      expires: Date.UTC(2099, 0),
    });
  });
});

describe('an entry', () => {
  const entry = { source: 'f:1', packages: [], paths: [], reason: '' };
  for (const [what, more, want] of [
    ['its id', { id: 'cve-2099-1' }, true],
    ['an alias', { id: 'GHSA-XXXX' }, true],
    ['another id', { id: 'CVE-2099-11' }, false],
    ['its name', { packages: ['@scope/curl'] }, true],
    ['a pattern of its name', { packages: ['*curl'] }, true],
    ['name and version', { packages: ['@scope/curl@8.*'] }, true],
    ['another name', { packages: ['curl'] }, false],
    ['its package URL without version', { packages: ['pkg:deb/debian/libcurl4'] }, true],
    ['the package URL of its source', { packages: ['pkg:deb/debian/curl'] }, true],
    ['another version', { packages: ['pkg:deb/debian/libcurl4@8.2'] }, false],
    ['a path', { paths: ['/usr/lib/*.jar'] }, true],
    ['another path', { paths: ['opt/**'] }, false],
    ['id, and another package', { id: 'CVE-2099-1', packages: ['x'] }, false],
    ['one that expires later', { id: 'CVE-2099-1', expires: dateOf('2099-06-02') }, true],
    ['one that expires today', { id: 'CVE-2099-1', expires: dateOf('2099-06-01') }, false],
  ] as const) {
    it(`of ${what} -> ${want}`, () =>
      assert.equal(ignoreRules([{ ...entry, ...more }], NOW).suppress(curl) !== undefined, want));
  }
  it('is told if it has expired or fits nothing', () => {
    const rules = ignoreRules(
      [
        { ...entry, id: 'CVE-2099-1', expires: dateOf('2099-01-01') },
        { ...entry, source: 'f:2', id: 'CVE-7' },
        { ...entry, source: 'f:3', packages: ['@scope/*'] },
      ],
      NOW,
    );
    assert.equal(rules.suppress(curl)?.source, 'f:3');
    assert.deepEqual(rules.notices(), [
      'f:1: CVE-2099-1 expired on 2099-01-01 and no longer suppresses findings: its findings are shown again',
      'f:2: CVE-7 fits nothing in this image',
    ]);
  });
});

describe('dates', () => {
  for (const [text, want] of [
    ['2099-01-31', Date.UTC(2099, 0, 31)],
    ['2099-01-31T12:00:00Z', Date.UTC(2099, 0, 31, 12)],
    ['2099-02-31', Number.NaN],
    ['2099-13-01', Number.NaN],
    ['31.01.2099', Number.NaN],
    ['', Number.NaN],
  ] as const) {
    it(`${text} -> ${want}`, () => assert.equal(dateOf(text), want));
  }
});
