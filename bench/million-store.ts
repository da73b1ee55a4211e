/** Made manifests of the kind that registries have: a dozen base images, one package in all of them, some of each own. */
import type { Database } from '../src/db/database.ts';
import { ecosystems } from '../src/ecosystems/index.ts';
import { inRows } from '../src/indexer/documents/documents.ts';
import { detectorKey } from '../src/indexer/indexer-state.ts';
import { lookupsRevision, manifestLookupsOf } from '../src/indexer/manifest-lookups.ts';
import { saveLayerScans } from '../src/indexer/store/layer-scans.ts';
import { saveLookups } from '../src/indexer/store/save-lookups.ts';
import { saveManifest } from '../src/indexer/store/save-manifest.ts';
import { saveReport } from '../src/indexer/store/save-report.ts';
import type { Digest } from '../src/model/digest.ts';
import type { IndexedPackage, IndexReport } from '../src/model/index-report.ts';
import { toWire } from '../src/model/index-report-wire.ts';
import {
  DEBIAN,
  type Dice,
  diceFrom,
  digestOf,
  libraryOf,
  pythonPackage,
  systemPackage,
} from './made-packages.ts';

const BASES = Number(process.env.BENCH_BASES ?? 12);
/** Whether what manifests share is stored once: `--compact`, also for the processes that a bench starts. */
export const COMPACT = process.env.BENCH_COMPACT === 'on';
/** Packages of the system in a base, and packages of PyPI in each image: 434 lookups together. */
const SYSTEM = 319;
const OWN = 114;
/** Layers of a base, and of an image above it. */
const LAYERS = { base: 3, own: 3 };
const CONNECTIONS = 4;

export interface MadeManifest {
  readonly hash: Digest;
  readonly report: IndexReport;
}

/** The manifest of number `n`, the same at every call. The first base has half of all. */
export function madeManifest(n: number): MadeManifest {
  const next = dice(n + 1);
  const base = next(2) === 0 ? 0 : 1 + next(BASES - 1);
  const hash = digestOf(`manifest ${n}`);
  const own = Array.from({ length: OWN }, () => pythonPackage(next, ownLayer(n, 0)));
  const report = {
    manifestHash: hash,
    state: 'IndexFinished',
    success: true,
    err: '',
    packages: [...baseOf(base), ...own],
    distributions: [DEBIAN],
    repositories: [{ name: 'pypi' }],
    problems: [],
  } as const;
  return { hash, report };
}

function layersOf(n: number): Digest[] {
  const next = dice(n + 1);
  const base = next(2) === 0 ? 0 : 1 + next(BASES - 1);
  return [
    ...Array.from({ length: LAYERS.base }, (_, at) => baseLayer(base, at)),
    ...Array.from({ length: LAYERS.own }, (_, at) => ownLayer(n, at)),
  ];
}

const baseLayer = (base: number, at: number): Digest => digestOf(`base ${base} ${at}`);
const ownLayer = (n: number, at: number): Digest => digestOf(`own ${n} ${at}`);

const bases = new Map<number, readonly IndexedPackage[]>();

/** Packages of a base: `kernel` is in nine of ten manifests, `common` in all. */
function baseOf(base: number): readonly IndexedPackage[] {
  let packages = bases.get(base);
  if (packages === undefined) {
    const next = dice(1000 + base);
    const kernel = base === 1 || base === 2 ? 'other-kernel' : 'kernel';
    packages = [
      systemPackage('common', '1.0', baseLayer(base, 0)),
      systemPackage(kernel, '6.1.1', baseLayer(base, 0)),
      ...Array.from({ length: SYSTEM - 1 }, (_, n) => libraryOf(next, baseLayer(base, n % LAYERS.base))),
    ];
    bases.set(base, packages);
  }
  return packages;
}

/** A vulnerability of a system package as Clair writes it: all versions are affected. */
export function vulnerabilityOf(n: number, name: string): Readonly<Record<string, unknown>> {
  const { did, name: distribution, version, versionId } = DEBIAN;
  return {
    id: String(n),
    updater: 'bench',
    name: `CVE-2026-${10_000 + n}`,
    description: 'A flaw that lets attackers do what they should not. '.repeat(8),
    issued: '2026-01-02T03:04:05Z',
    links: `https://example.com/CVE-2026-${10_000 + n}`,
    severity: '',
    normalized_severity: ['Low', 'Medium', 'High', 'Critical'][n % 4],
    package: { name: `${name}-src`, kind: 'source' },
    distribution: { did, name: distribution, version, version_id: versionId },
    fixed_in_version: '99',
    Self: { Name: '', Space: {} },
    Aliases: null,
  };
}

/** Stores the manifests of numbers `from` to `to` as the indexer does. */
export async function loadManifests(db: Database, from: number, to: number): Promise<void> {
  let next = from;
  const work = async (): Promise<void> => {
    while (next < to) await saveMade(db, next++);
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, work));
}

const REVISION = lookupsRevision(ecosystems, COMPACT);
const DETECTORS = ecosystems.flatMap((ecosystem) => ecosystem.detectors.map(detectorKey));

/** Stores the manifest of number `n`. */
export async function saveMade(db: Database, n: number): Promise<void> {
  const { hash, report } = madeManifest(n);
  const layers = layersOf(n);
  const json = JSON.stringify(toWire(report));
  await db.transaction(async (tx) => {
    await tx.query({ text: 'set local synchronous_commit = off' });
    const references = layers.map((layer) => ({ hash: layer, uri: '', headers: {} }));
    await saveManifest(tx, { hash, layers: references }, COMPACT);
    for (const layer of n < BASES ? layers : layers.slice(LAYERS.base)) {
      await saveLayerScans(
        tx,
        { documents: inRows, compact: COMPACT },
        { layer, looked: DETECTORS, rows: [] },
      );
    }
    await saveReport(tx, hash, { state: report.state, indexerState: 'bench', report: json });
    await saveLookups(tx, REVISION, [manifestLookupsOf(report, ecosystems, { compact: COMPACT })]);
  });
}

/** The digest of the manifest with the id `id`, or of the next one. */
export async function someManifest(db: Database, id: number): Promise<Digest> {
  const [row] = await db.query<{ digest: Digest }>({
    text: 'select digest from manifest where id >= $1 order by id limit 1',
    values: [id],
  });
  return row!.digest;
}

/** The dice of manifest `seed`. */
export function dice(seed: number): Dice {
  return diceFrom(Math.imul(seed, 2654435761) >>> 0);
}
