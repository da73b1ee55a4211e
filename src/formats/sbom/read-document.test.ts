import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { MAX_SBOM_BYTES, readDocument } from './read-document.ts';

const CYCLONEDX = {
  bomFormat: 'CycloneDX',
  specVersion: '1.5',
  components: [{ type: 'library', name: 'lab', version: '1.0', purl: 'pkg:npm/lab@1.0' }],
};
const SPDX = {
  spdxVersion: 'SPDX-2.3',
  SPDXID: 'SPDXRef-DOCUMENT',
  name: 'x',
  packages: [
    {
      SPDXID: 'SPDXRef-lab',
      name: 'lab',
      versionInfo: '1.0',
      externalRefs: [
        { referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: 'pkg:npm/lab@1.0' },
      ],
    },
  ],
};

const json = (value: unknown) => Buffer.from(JSON.stringify(value));
const lines = (...values: unknown[]) =>
  Buffer.from(values.map((each) => `${JSON.stringify(each)}\n`).join(''));

/** An attestation as cosign downloads it. */
function attestation(predicateType: string, predicate: unknown) {
  const statement = json({ _type: 'https://in-toto.io/Statement/v1', subject: [], predicateType, predicate });
  return {
    payloadType: 'application/vnd.in-toto+json',
    payload: statement.toString('base64'),
    signatures: [],
  };
}

const PROVENANCE = attestation('https://slsa.dev/provenance/v1', { buildDefinition: {} });

describe('what is around an SBOM', () => {
  const cases: [what: string, bytes: Buffer][] = [
    ['gzip', gzipSync(json(CYCLONEDX))],
    ['zstd', zstdCompressSync(json(SPDX))],
    ["a member of GitHub's API", json({ sbom: SPDX })],
    ['what buildx shows', json({ SPDX })],
    ['what buildx shows of one platform', json({ 'linux/amd64': { SPDX } })],
    [
      'attestations one a line, another first',
      lines(PROVENANCE, attestation('https://spdx.dev/Document', SPDX)),
    ],
    [
      'attestations one a line, with an empty one between',
      Buffer.concat([
        lines(attestation('https://cyclonedx.org/bom', CYCLONEDX)),
        Buffer.from('\n'),
        lines(PROVENANCE),
      ]),
    ],
    [
      'bundles one a line',
      lines({ dsseEnvelope: PROVENANCE }, { dsseEnvelope: attestation('https://spdx.dev/Document', SPDX) }),
    ],
  ];
  for (const [what, bytes] of cases)
    it(what, () =>
      assert.deepEqual(
        readDocument(bytes, 'x').components.flatMap(({ role, purl }) => (role === 'package' ? purl : [])),
        ['pkg:npm/lab@1.0'],
      ),
    );

  const refused: [what: string, bytes: Buffer, reason: RegExp][] = [
    ['two platforms', json({ 'linux/amd64': { SPDX }, 'linux/arm64': { SPDX } }), /no SBOM/],
    ['two SBOMs one a line', lines({ sbom: SPDX }, CYCLONEDX), /2 SBOMs, one a line/],
    ['attestations of other things', lines(PROVENANCE, PROVENANCE), /no SBOM/],
    ['a line that is cut', Buffer.from(`${JSON.stringify(PROVENANCE)}\n{"payload`), /JSON cannot be parsed/],
    ['compressed by xz', Buffer.from('\xfd7zXZ\0\0\x04', 'latin1'), /x is compressed by xz/],
    ['compressed by bzip2', Buffer.from('BZh91AY&SY'), /by bzip2/],
    ['in a ZIP archive', Buffer.from('PK\x03\x04\x14\0'), /a ZIP archive/],
    ['compressed twice', gzipSync(gzipSync(json(CYCLONEDX))), /compressed twice/],
    ['a list of SBOMs', json([CYCLONEDX]), /not an SBOM/],
    ['two SBOMs of several lines each', Buffer.from('{\n}\n{\n}\n'), /JSON cannot be parsed/],
    ['a gzip that is cut', gzipSync(json(CYCLONEDX)).subarray(0, 40), /unexpected end/],
    ['a gzip that does not end', gzipSync(Buffer.alloc(MAX_SBOM_BYTES + 1)), /the limit for an SBOM/],
  ];
  for (const [what, bytes, reason] of refused)
    it(`is told where it is ${what}`, () => assert.throws(() => readDocument(bytes, 'x'), reason));
});
