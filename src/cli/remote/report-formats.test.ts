import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { AppError } from '../../errors.ts';
import type { Digest } from '../../model/digest.ts';
import { json, text, xml } from './report-formats.ts';
import type { ServiceReport } from './request-reports.ts';

const HASH = `sha256:${'0'.repeat(64)}` as Digest;

function report(body: Record<string, unknown>, reference = 'r.example/team/app:1'): ServiceReport {
  return { reference, digest: HASH, json: JSON.stringify({ manifest_hash: HASH, ...body }) };
}

const TWO = report({
  packages: {
    1: { name: 'zlib', version: '1.0' },
    2: { name: 'a', version: '10.0' },
    3: { name: 'ok', version: '1' },
  },
  vulnerabilities: {
    7: { name: 'CVE-1', fixed_in_version: '' },
    8: { name: 'CVE-22', fixed_in_version: 'fixed=1.2' },
  },
  package_vulnerabilities: { 1: ['7', '8', 'lost'], 2: ['8'], lost: ['7'] },
});
const FAILED: ServiceReport = { reference: 'x/none:1', error: new AppError('bad-target', 'no <such> image') };

describe('text', () => {
  it('has a line for each vulnerability of a package, in columns', () => {
    assert.equal(
      text([TWO]),
      [
        'app:1 found a    10.0 CVE-22 (fixed: fixed=1.2)',
        'app:1 found zlib 1.0  CVE-1',
        'app:1 found zlib 1.0  CVE-22 (fixed: fixed=1.2)',
        '',
      ].join('\n'),
    );
  });
  it('says ok, what failed, and what was not checked', () => {
    const part = report({ incomplete: [{ what: 'plan9', reason: 'no feed' }], packages: null });
    assert.equal(
      text([report({}), FAILED, part]),
      'app:1 ok\nnone:1 error no <such> image\napp:1 incomplete plan9: no feed\n',
    );
  });
  it('never says ok of what could not be read', () => {
    const problems = Array.from({ length: 30 }, (_, i) => ({
      source: 'rpm',
      where: `db${i}`,
      reason: 'broken',
    }));
    const lines = text([report({ problems })]).split('\n');
    assert.deepEqual(
      [lines[0], lines[20], lines.length],
      ['app:1 unread db0: broken', 'app:1 unread … and 10 more', 22],
    );
    assert.match(xml([report({ problems })]), /tests="30" errors="30" .*message="not read: broken"/);
  });
  it('has no control characters from elsewhere', () => {
    const evil = report({
      packages: { 1: { name: 'a\u001b[2J\nb', version: '1' } },
      vulnerabilities: { 2: { name: 'x' } },
      package_vulnerabilities: { 1: ['2'] },
    });
    assert.equal(text([evil]), 'app:1 found a?[2J?b 1 x\n');
  });
  it('takes nothing that is no report', () => {
    for (const body of ['', 'null', '[]', '{"manifest_hash":1}', '{"manifest_hash":"x","packages":7}']) {
      assert.throws(() => text([{ reference: 'x', json: body }]), { code: 'service' }, body);
    }
  });
});

describe('whatever a server sends', () => {
  const body = fc.record(
    {
      manifest_hash: fc.oneof(fc.string(), fc.jsonValue()),
      packages: fc.oneof(
        fc.dictionary(fc.string(), fc.record({ name: fc.string(), version: fc.string() })),
        fc.jsonValue(),
      ),
      vulnerabilities: fc.oneof(fc.dictionary(fc.string(), fc.record({ name: fc.string() })), fc.jsonValue()),
      package_vulnerabilities: fc.oneof(fc.dictionary(fc.string(), fc.array(fc.string())), fc.jsonValue()),
      incomplete: fc.jsonValue(),
    },
    { requiredKeys: [] },
  );
  it('is shown, or refused in words', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.json(),
          body.map((value) => JSON.stringify(value)),
          fc.string(),
        ),
        (sent) => {
          for (const format of [text, xml]) {
            try {
              assert.ok(format([{ reference: 'x', json: sent }]).endsWith('\n'));
            } catch (error) {
              assert.ok(error instanceof AppError, String(error));
            }
          }
        },
      ),
    );
  });
});

describe('json', () => {
  it('is one document a line, and null for what failed', () => {
    assert.equal(json([report({}), FAILED]), `{"manifest_hash":"${HASH}"}\nnull\n`);
  });
});

describe('xml', () => {
  it('is a suite for each image and a case for each package', () => {
    assert.equal(
      xml([TWO]),
      '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites><testsuite name="r.example/team/app:1" tests="3" errors="0" failures="2">' +
        `<properties><property name="manifest" value="${HASH}"></property></properties>` +
        '<testcase name="zlib 1.0"><failure>Found the following vulnerabilities:&#10;&#9;CVE-1&#10;&#9;CVE-22</failure></testcase>' +
        '<testcase name="a 10.0"><failure>Found the following vulnerabilities:&#10;&#9;CVE-22</failure></testcase>' +
        '<testcase name="ok 1"></testcase></testsuite></testsuites>\n',
    );
  });
  it('has what failed and what was not checked as errors', () => {
    assert.match(
      xml([FAILED]),
      /<testsuite name="x\/none:1" tests="1" errors="1" failures="0"><testcase name="report"><error message="no &#60;such&#62; image">/,
    );
    assert.match(
      xml([report({ incomplete: [{ what: 'p', reason: 'q' }] })]),
      /errors="1".*message="not checked: q"/,
    );
  });
  it('stays well-formed whatever names there are', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (name, version) => {
        const out = xml([
          report({
            packages: { 1: { name, version } },
            vulnerabilities: { 2: { name } },
            package_vulnerabilities: { 1: ['2'] },
          }),
        ]);
        assert.equal(out.match(/<(?!\?)/g)?.length, 12);
        assert.doesNotMatch(out, /&(?!#\d+;)|[\0-\x08\x0b\x0c\x0e-\x1f]/);
      }),
    );
  });
});
