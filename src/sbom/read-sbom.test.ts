import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ecosystems } from '../ecosystems/index.ts';
import { AppError } from '../errors.ts';
import { looksLikeSbom } from '../formats/sbom/read-document.ts';
import {
  CYCLONEDX,
  ELSEWHERE,
  HASH,
  LAYER,
  NPM,
  namesOf,
  SPDX,
  SPDX3,
  SYFT,
  TAGS,
  wrappings,
  XML,
} from './read-sbom.fixture.ts';
import { readSbom } from './read-sbom.ts';

function read(content: unknown) {
  const text = typeof content === 'string' ? content : JSON.stringify(content);
  return readSbom(Buffer.from(text), 'lab.json', ecosystems);
}

describe('an SBOM', () => {
  const formats: [format: string, content: unknown][] = [
    ['CycloneDX 1.6 (JSON)', CYCLONEDX],
    ['CycloneDX 1.5 (XML)', XML],
    ['SPDX 2.3 (JSON)', SPDX],
    ['SPDX 2.3 (tag-value)', TAGS],
    ['SPDX 3.0.1 (JSON-LD)', SPDX3],
    ['Syft 16.0.0 (JSON)', SYFT],
  ];
  for (const [format, content] of formats) {
    it(`in ${format} has its packages, distribution, layers and digest`, () => {
      const { format: told, report } = read(content);
      assert.equal(told, format);
      assert.deepEqual(
        report.packages.map(({ package: each }) => [
          each.name,
          each.version,
          each.source?.name,
          each.detector?.split(':')[0],
        ]),
        [
          ['libssl3', '3.0.11-1', 'openssl', 'dpkg'],
          ['@lab/teapot', '1.2.3', undefined, 'nodejs'],
          ['lab', '1.0', undefined, 'sbom-bitbucket'],
        ],
      );
      assert.deepEqual(
        report.distributions.map(({ did, versionId }) => [did, versionId]),
        [['debian', '12']],
      );
      assert.deepEqual(report.problems, []);
      const [deb, npm, unknown] = report.packages.map(({ environments }) => environments[0]);
      assert.deepEqual([deb?.distribution?.did, npm?.repositories?.[0]?.name], ['debian', 'npm']);
      assert.deepEqual([unknown?.distribution, unknown?.repositories], [undefined, undefined]);
      if (content === SPDX3) return;
      assert.equal(report.manifestHash, `sha256:${HASH}`);
      assert.equal(deb?.introducedIn, `sha256:${LAYER}`);
    });
    const text = typeof content === 'string' ? content : JSON.stringify(content);
    it(`in ${format} is recognised`, () => assert.ok(looksLikeSbom(Buffer.from(text).subarray(0, 8192))));
    for (const [what, wrap] of wrappings) {
      it(`in ${format} is read ${what}`, () => {
        const plain = readSbom(Buffer.from(text), 'x', ecosystems);
        const wrapped = wrap(text);
        assert.ok(looksLikeSbom(wrapped.subarray(0, 64)));
        const { report } = readSbom(wrapped, 'x', ecosystems);
        assert.deepEqual(namesOf(report), namesOf(plain.report));
      });
    }
  }

  it('takes whatever has a package URL for a package, also what is called a file or a container', () => {
    const purls = [NPM, 'pkg:oci/app@sha256%3Aabc', ELSEWHERE];
    const components = ['file', 'container', 'machine-learning-model'].map((type, index) => ({
      type,
      name: type,
      purl: purls[index],
    }));
    const { report } = read({ ...CYCLONEDX, components });
    assert.deepEqual(
      report.packages.map(({ package: each }) => each.detector?.split(':')[0]),
      ['nodejs', 'sbom-oci', 'sbom-bitbucket'],
    );
  });

  for (const [what, component, want] of [
    [
      'a package',
      { type: 'application', purl: 'pkg:golang/example.com/lab@v1.0.0' },
      ['example.com/lab v1.0.0'],
    ],
    ['a package that is listed, too', { purl: 'pkg:npm/a@1' }, ['a 1']],
    ['an image', { type: 'container', purl: 'pkg:oci/app@sha256:1?repository_url=example.com/app' }, []],
    ['what no ecosystem knows', { type: 'application', purl: 'pkg:generic/app@1' }, []],
    ['an application without a package URL', { type: 'application' }, []],
  ] as const) {
    it(`looks up what it describes: ${what}`, () => {
      const cyclonedx = {
        bomFormat: 'CycloneDX',
        specVersion: '1.6',
        metadata: { component: { type: 'library', name: 'x', version: '1', ...component } },
        components: [{ type: 'library', name: 'a', version: '1', purl: 'pkg:npm/a@1' }],
      };
      const { report } = readSbom(Buffer.from(JSON.stringify(cyclonedx)), 'x', ecosystems);
      assert.deepEqual(report.packages.map(({ package: { name, version } }) => `${name} ${version}`).sort(), [
        ...new Set(['a 1', ...want]),
      ]);
    });
  }

  it('knows the operating system of an SPDX 2.2 by its id', () => {
    const system = { SPDXID: 'SPDXRef-OperatingSystem-1', name: 'alpine', versionInfo: '3.16.0' };
    const { report } = read({ spdxVersion: 'SPDX-2.2', packages: [system] });
    assert.deepEqual(report.packages, []);
    assert.deepEqual(
      report.distributions.map(({ did }) => did),
      ['alpine'],
    );
  });

  it('gives a package without a distribution that of the one operating system', () => {
    const { report } = read({
      ...CYCLONEDX,
      components: [
        { type: 'operating-system', name: 'rocky', version: '9.3' },
        {
          type: 'library',
          name: 'bash',
          version: '5.1.8-6.el9',
          purl: 'pkg:rpm/rocky/bash@5.1.8-6.el9?arch=x86_64&epoch=0&upstream=bash-5.1.8-6.el9.src.rpm',
        },
      ],
    });
    assert.deepEqual(report.packages[0]?.package.source, { name: 'bash', version: '5.1.8-6.el9' });
    assert.equal(report.packages[0]?.package.version, '5.1.8-6.el9');
    assert.equal(report.packages[0]?.environments[0]?.distribution?.did, 'rocky');
  });

  it('reads what Trivy says of sources', () => {
    const properties = Object.entries({
      SrcName: 'shadow',
      SrcVersion: '4.13',
      SrcRelease: '1',
      SrcEpoch: '1',
    });
    const purl = 'pkg:deb/debian/passwd@4.13%2Bdfsg1-1?distro=debian-12.5&epoch=1';
    const { report } = read({
      ...CYCLONEDX,
      components: [
        {
          type: 'library',
          name: 'passwd',
          version: '4.13',
          purl,
          properties: properties.map(([name, value]) => ({ name: `aquasecurity:trivy:${name}`, value })),
        },
      ],
    });
    const { package: found, environments } = report.packages[0]!;
    assert.deepEqual(
      [found.version, found.source],
      ['1:4.13+dfsg1-1', { name: 'shadow', version: '1:4.13-1' }],
    );
    assert.equal(environments[0]?.distribution?.versionId, '12');
  });

  it('keeps the rest where a component cannot be read', () => {
    const { report } = read({
      ...CYCLONEDX,
      components: [
        7,
        null,
        {},
        { type: 'library', name: 'x', version: '1', purl: 'pkg:%' },
        ...CYCLONEDX.components,
      ],
    });
    assert.equal(report.packages.length, 4);
    assert.equal(report.problems.length, 4);
    assert.match(report.problems.at(-1)?.reason ?? '', /malformed purl/);
  });

  it('says so where components are nested without end', () => {
    let component: object = { type: 'library', name: 'deep', version: '1' };
    for (let depth = 0; depth < 100; depth++)
      component = { type: 'library', name: `d${depth}`, version: '1', components: [component] };
    const { report } = read({ ...CYCLONEDX, components: [component] });
    assert.match(report.problems[0]?.reason ?? '', /nested/);
  });

  const wrong: [content: unknown, message: RegExp][] = [
    ['', /is not an SBOM/],
    ['hello', /is not an SBOM\. .*CycloneDX/],
    ['{"a":', /JSON cannot be parsed/],
    [{}, /JSON but no SBOM/],
    [[], /is not an SBOM/],
    ['<html></html>', /XML but not CycloneDX/],
    ['<bom xmlns="http://cyclonedx.org/schema/bom/1.5"><a>', /no XML that can be read/],
    [{ bomFormat: 'CycloneDX', specVersion: '2.0' }, /CycloneDX 2\.0, which cannot be read/],
    [{ spdxVersion: 'SPDX-1.2' }, /SPDX-1\.2, which cannot be read/],
    [{ SchemaVersion: 2, ArtifactName: 'x' }, /report of Trivy/],
    [{ artifacts: [], schema: {} }, /JSON but no SBOM/],
  ];
  for (const [content, message] of wrong) {
    it(`is not ${JSON.stringify(content).slice(0, 60)}`, () =>
      assert.throws(
        () => read(content),
        (error) => error instanceof AppError && error.code === 'bad-target' && message.test(error.message),
      ));
  }

  it('survives mutations and nonsense', () => {
    const texts = formats.map(([, content]) =>
      typeof content === 'string' ? content : JSON.stringify(content),
    );
    const attempt = (bytes: Buffer) => {
      try {
        const { report } = readSbom(bytes, 'x', ecosystems);
        assert.deepEqual(JSON.parse(JSON.stringify(report)), report);
      } catch (error) {
        assert.ok(error instanceof AppError, String(error));
      }
    };
    fc.assert(
      fc.property(
        fc.constantFrom(...texts),
        fc.nat(),
        fc.nat(30),
        fc.string({ maxLength: 10 }),
        (text, at, cut, more) => {
          const start = at % text.length;
          attempt(Buffer.from(text.slice(0, start) + more + text.slice(start + cut)));
        },
      ),
      { numRuns: 400 },
    );
    fc.assert(
      fc.property(fc.json({ maxDepth: 4 }), (json) =>
        attempt(
          Buffer.from(
            `{"bomFormat":"CycloneDX","specVersion":"1.6","components":${json},"metadata":${json}}`,
          ),
        ),
      ),
      { numRuns: 200 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => attempt(Buffer.from(bytes))),
      { numRuns: 200 },
    );
  });
});
