import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type VexFixture, vexFixture } from './csaf.fixture.ts';
import { readCsafDocument } from './csaf.ts';

const VECTOR = 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H';

const example: VexFixture = {
  id: 'CVE-2030-1',
  platforms: { 'App-9': 'cpe:/a:redhat:enterprise_linux:9::appstream' },
  components: {
    'App-9:lib': ['lib', 'App-9'],
    'App-9:js:18': ['js:18', 'App-9'],
    'App-9:js:18:node': ['node', 'App-9:js:18'],
  },
  purls: {
    lib: 'pkg:rpm/redhat/lib@1-1.el9?arch=x86_64',
    node: 'pkg:rpm/redhat/node@18-1.el9?arch=x86_64',
    'js:18': 'pkg:rpmmod/redhat/js@18:900:abc',
  },
  status: { fixed: ['App-9:lib', 'App-9:js:18:node'] },
};

describe('readVexDocument', () => {
  it('leads from products to packages, platforms and modules', () => {
    const { products, vulnerabilities } = readCsafDocument(vexFixture(example));
    assert.deepEqual(vulnerabilities[0]?.products('fixed'), ['App-9:lib', 'App-9:js:18:node']);
    assert.deepEqual(products.component('App-9:lib'), {
      purl: 'pkg:rpm/redhat/lib@1-1.el9?arch=x86_64',
      cpe: 'cpe:/a:redhat:enterprise_linux:9::appstream',
    });
    assert.deepEqual(products.component('App-9:js:18:node'), {
      purl: 'pkg:rpm/redhat/node@18-1.el9?arch=x86_64',
      cpe: 'cpe:/a:redhat:enterprise_linux:9::appstream',
      module: 'pkg:rpmmod/redhat/js@18:900:abc',
    });
    assert.equal(products.component('App-9'), undefined);
    assert.equal(products.component('nobody'), undefined);
  });

  it('does not follow a circle for ever', () => {
    const { products } = readCsafDocument(
      vexFixture({ ...example, components: { a: ['b', 'b'], b: ['a', 'a'] }, status: {} }),
    );
    assert.equal(products.component('a'), undefined);
  });

  it('tells what is said of a product: the newest CVSS that can be read, the first impact, the first fix', () => {
    const json = vexFixture(example) as { vulnerabilities: Record<string, unknown>[] };
    Object.assign(json.vulnerabilities[0]!, {
      scores: [
        {
          products: ['App-9:lib'],
          cvss_v4: { vectorString: 'nonsense' },
          cvss_v3: { baseScore: 7.5, vectorString: VECTOR },
          cvss_v2: { vectorString: 'AV:N/AC:L/Au:N/C:P/I:P/A:P' },
        },
        { products: ['App-9:lib', 'zero'], cvss_v3: { baseScore: 0 } },
      ],
      threats: [
        { category: 'exploit_status', details: 'no', product_ids: ['App-9:lib'] },
        { category: 'impact', details: 'Important', product_ids: ['App-9:lib'] },
      ],
      remediations: [
        { category: 'workaround', url: 'https://example.com/w', product_ids: ['App-9:lib'] },
        { category: 'vendor_fix', url: 'https://example.com/fix', product_ids: ['App-9:lib'] },
      ],
      release_date: '2030-03-05T01:00:00+01:00',
    });
    const [vulnerability] = readCsafDocument(json).vulnerabilities;
    assert.equal(vulnerability?.released, '2030-03-05T00:00:00Z');
    assert.deepEqual(vulnerability.about('App-9:lib'), {
      vector: VECTOR,
      scoredZero: false,
      impact: 'Important',
      fix: 'https://example.com/fix',
    });
    assert.equal(vulnerability.about('zero').scoredZero, true);
    assert.deepEqual(vulnerability.about('other'), {
      vector: '',
      scoredZero: false,
      impact: undefined,
      fix: '',
    });
  });

  it('refuses what has no id', () => {
    for (const json of [
      null,
      1,
      [],
      {},
      { document: { tracking: { id: '' } } },
      { document: { tracking: { id: 'a b' } } },
    ])
      assert.throws(() => readCsafDocument(json), /tracking id/);
  });

  it('reads whatever stands in a document', () => {
    const whole = JSON.stringify(vexFixture(example));
    const anything = fc.jsonValue({ maxDepth: 3 });
    const mutated = fc.tuple(fc.nat(whole.length), anything).map(([at, value]) => {
      // The value nearest to `at` becomes another.
      const start = whole.indexOf(':', at) + 1;
      const end = whole.slice(start).search(/[,}\]]/) + start;
      return `${whole.slice(0, start)}${JSON.stringify(value)}${whole.slice(end)}`;
    });
    fc.assert(
      fc.property(mutated, (text) => {
        let json: unknown;
        try {
          json = JSON.parse(text);
        } catch {
          return;
        }
        try {
          const { products, vulnerabilities } = readCsafDocument(json);
          for (const vulnerability of vulnerabilities) {
            for (const id of vulnerability.products('fixed')) {
              products.component(id);
              vulnerability.about(id);
            }
          }
        } catch (error) {
          assert.match(String(error), /tracking id/);
        }
      }),
      { numRuns: 500 },
    );
  });
});
