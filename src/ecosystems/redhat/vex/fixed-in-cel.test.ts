import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parsePurl } from '../../../model/purl.ts';
import { compileFixedIn } from './fixed-in-cel.ts';

const RPM = parsePurl('pkg:rpm/redhat/openssl@3.0.7-27.el9_4.2?arch=x86_64&epoch=1&rpmmod=a')!;
const OCI = parsePurl('pkg:oci/ubi@sha256%3Aab?repository_url=registry.example/ubi9&tag=v9.4-1')!;

describe('fixed_in_version_cel', () => {
  // what the language says (cel-spec, and the extensions "strings" and "bindings")
  const cases: [string, string, string?][] = [
    ['fixed_in', '1:3.0.7-27.el9_4.2', 'v9.4-1'],
    ['type == "rpm" ? version : fixed_in', '3.0.7-27.el9_4.2', 'v9.4-1'],
    [
      'type == "oci" && "tag" in qualifiers ? qualifiers["tag"].substring(1) : fixed_in',
      '1:3.0.7-27.el9_4.2',
      '9.4-1',
    ],
    ['type(type) == string ? type + "/" + namespace + "/" + name : ""', 'rpm/redhat/openssl', 'oci//ubi'],
    ['[1, 2].map(type, string(type)).join(type)', '1rpm2', '1oci2'],
    ['"type"', 'type', 'type'],
    [
      `'type' + "a\\"type" + '''namespace''' + (type == 'rpm' ? '' : namespace)`,
      'typea"typenamespace',
      'typea"typenamespace',
    ],
    ['has(qualifiers.type) ? "" : fixed_in // type', '1:3.0.7-27.el9_4.2', 'v9.4-1'],
    ['cel.bind(parts, fixed_in.split("-", 2), parts[0])', '1:3.0.7', 'v9.4'],
    ['fixed_in.replace("-", ".")', '1:3.0.7.27.el9_4.2', 'v9.4.1'],
    ['fixed_in.replace(".", "", 1)', '1:30.7-27.el9_4.2', 'v94-1'],
    ['fixed_in.replace(".", "", 0)', '1:3.0.7-27.el9_4.2', 'v9.4-1'],
    ['fixed_in.charAt(0)', '1', 'v'],
    ['"abc".reverse()', 'cba', 'cba'],
    ['fixed_in.startsWith("v") ? fixed_in.substring(1) : fixed_in', '1:3.0.7-27.el9_4.2', '9.4-1'],
    ['fixed_in.substring(0, fixed_in.indexOf("-"))', '1:3.0.7', 'v9.4'],
    ['has(qualifiers.rpmmod) ? qualifiers.rpmmod : "none"', 'a', 'none'],
    ['fixed_in.matches("^v[0-9]+") ? "tag" : "evr"', 'evr', 'tag'],
  ];
  for (const [expression, rpm, oci] of cases) {
    it(expression, () => {
      const rewrite = compileFixedIn(expression);
      assert.equal(rewrite(RPM, '1:3.0.7-27.el9_4.2'), rpm);
      assert.equal(rewrite(OCI, 'v9.4-1'), oci);
    });
  }

  for (const [expression, message] of [
    ['1 + 2', /makes a int/],
    ['type == "rpm"', /makes a bool/],
    ['nothing', /Unknown variable: nothing/],
    ['fixed_in +', /EOF/],
    ['', /./],
    ['type + 1', /no such overload: string \+ int/],
    [`"${'a'.repeat(5000)}"`, /over 4096/],
    [`${'('.repeat(500)}fixed_in${')'.repeat(500)}`, /depth/i],
  ] as const) {
    it(`refuses ${expression.slice(0, 40) || 'nothing'}`, () => {
      assert.throws(() => compileFixedIn(expression), message);
    });
  }

  for (const [expression, message] of [
    ['qualifiers["no"]', /fixed_in_version_cel: .*no/i],
    ['""', /makes no version/],
    ['fixed_in.charAt(100)', /out of range/],
  ] as const) {
    it(`says of a fix that ${expression} has no version`, () => {
      assert.throws(() => compileFixedIn(expression)(RPM, '1:1'), message);
    });
  }

  for (const expression of [
    'fixed_in.matches("^(a+)+$") ? "a" : "b"',
    // eight lists of 8, one in another, would be 16 million turns
    `${'[1,2,3,4,5,6,7,8].all(x, '.repeat(8)}fixed_in != ""${')'.repeat(8)} ? "a" : "b"`,
  ]) {
    it(`ends ${expression.slice(0, 40)}, which would go on and on`, () => {
      const rewrite = compileFixedIn(expression, 20);
      assert.throws(() => rewrite(RPM, `${'a'.repeat(60)}b`), {
        code: 'bad-config',
        message: /takes more than 20 ms/,
      });
    });
  }

  it('keeps texts short on the way', () => {
    const rewrite = compileFixedIn(`fixed_in${'.replace("", fixed_in)'.repeat(6)}.substring(0, 1)`);
    assert.throws(() => rewrite(RPM, '1:2-3'.repeat(20)), /the text gets too long/);
  });

  it('returns a version or throws, whatever the fix', () => {
    const rewrite = compileFixedIn('cel.bind(p, fixed_in.split(":"), p[size(p) - 1].replace("-", "."))');
    fc.assert(
      fc.property(fc.string(), (fixedIn) => {
        try {
          assert.ok(rewrite(RPM, fixedIn) !== '');
        } catch (error) {
          assert.match((error as Error).message, /^fixed_in_version_cel: /);
        }
      }),
      { numRuns: Number(process.env.RUNS ?? 200) },
    );
  });
});
