/** Small exports of updaters in the shapes of both generations of Clair, written by hand from their description. */

export type Generation = '1.5.52' | 'head';

/** Lines of one vulnerability or enrichment, without what their operation says. */
interface SampleOperation {
  readonly updater: string;
  readonly fingerprint: string;
  readonly kind: 'vulnerability' | 'enrichment';
  readonly records: readonly object[];
}

/** As Clair writes it, but for the tail that the generations differ in. */
export function vulnerability(
  name: string,
  pkg: string,
  more: Readonly<Record<string, unknown>> = {},
): object {
  const { kind = 'binary', ...rest } = more;
  return {
    id: '',
    updater: 'set by the operation',
    name,
    description: `about ${name}`,
    issued: '2024-05-06T07:08:09Z',
    links: `https://example.com/${name}`,
    severity: 'high',
    normalized_severity: 'High',
    package: { id: '', name: pkg, version: '', kind, normalized_version: '', cpe: '', detector: null },
    fixed_in_version: '',
    ...rest,
  };
}

const BOOKWORM = {
  id: '',
  did: 'debian',
  name: 'Debian GNU/Linux',
  version: '12 (bookworm)',
  version_code_name: 'bookworm',
  version_id: '12',
  arch: '',
  cpe: '',
  pretty_name: 'Debian GNU/Linux 12 (bookworm)',
};

/** Debian, npm, PyPI, an ecosystem that nobody here reads, and scores. */
export const OPERATIONS: readonly SampleOperation[] = [
  {
    updater: 'debian/updater',
    fingerprint: 'Tue, 07 May 2024 00:00:00 GMT',
    kind: 'vulnerability',
    records: [
      vulnerability('CVE-2024-0001', 'sample', {
        kind: 'source',
        distribution: BOOKWORM,
        fixed_in_version: '1.2-3',
      }),
      vulnerability('CVE-2024-0002', 'sample', { kind: 'source', distribution: BOOKWORM }),
      vulnerability('CVE-2024-0003', 'other', {
        kind: 'source',
        distribution: BOOKWORM,
        fixed_in_version: '0',
      }),
    ],
  },
  {
    updater: 'osv/npm',
    fingerprint: '"1"',
    kind: 'vulnerability',
    records: [
      vulnerability('GHSA-aaaa-bbbb-cccc', 'left', {
        repository: { name: 'npm', uri: 'https://www.npmjs.com/', cpe: '' },
        fixed_in_version: '1.3.0',
        range: { '[': 'semver:0.1.2.0.0.0.0.0.0.0', ')': 'semver:0.1.3.0.0.0.0.0.0.0' },
      }),
    ],
  },
  {
    updater: 'osv/pypi',
    fingerprint: '"2"',
    kind: 'vulnerability',
    records: [
      vulnerability('PYSEC-2024-1', 'Sample_Py', {
        repository: { name: 'pypi', cpe: '' },
        fixed_in_version: 'fixed=2.0%2Bx&introduced=1.0',
      }),
    ],
  },
  {
    updater: 'osv/ghc',
    fingerprint: '"3"',
    kind: 'vulnerability',
    records: [
      vulnerability('EEF-1', 'pkg:generic/sample', { kind: '', repository: { name: 'ghc', cpe: '' } }),
    ],
  },
  {
    updater: 'clair.cvss',
    fingerprint: '{}',
    kind: 'enrichment',
    records: [{ Tags: ['CVE-2024-0001'], Enrichment: { version: '3.1', baseScore: 7.5 } }],
  },
];

export interface SampleOptions {
  readonly generation: Generation;
  readonly operations?: readonly SampleOperation[];
  /** When it was exported. */
  readonly date?: string;
}

/** The lines of an export. */
export function sampleLines({ generation, operations = OPERATIONS, date }: SampleOptions): string[] {
  return operations.flatMap(({ updater, fingerprint, kind, records }, index) =>
    records.map((record) => {
      const head = {
        Updater: updater,
        Fingerprint: fingerprint,
        Date: date ?? '2024-05-07T00:00:00.123456789Z',
      };
      const ref = { Ref: `00000000-0000-4000-8000-00000000000${index}` };
      const value =
        kind === 'enrichment'
          ? { Enrichment: record }
          : { Vuln: { ...record, updater, ...TAILS[generation] } };
      return JSON.stringify(
        generation === 'head'
          ? { ...head, Kind: kind, ...ref, ...value }
          : { ...head, ...ref, ...value, Kind: kind },
      );
    }),
  );
}

const TAILS: Readonly<Record<Generation, object>> = {
  '1.5.52': { Self: { Space: {}, Name: '' }, Aliases: null },
  head: {
    Self: { space: 'CVE', name: '2024-0001' },
    Aliases: [{ space: 'CVE', name: '2024-0001' }],
    Invert: false,
  },
};
