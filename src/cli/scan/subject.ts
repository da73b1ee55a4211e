/** What a command looks into: an image or an SBOM, on its way to an index report. */
import { openTarget, type RegistryFlags, type Target } from '../../image/open-target.ts';
import { parseReference, type Reference } from '../../image/registry/reference.ts';
import { type Digest, parseDigest } from '../../model/digest.ts';
import type { IndexReportWire } from '../../model/index-report-wire.ts';
import type { Engines } from '../database/open-engines.ts';
import { readTargetWord } from '../foreign/targets.ts';
import type { TargetNames } from '../outcome/target-names.ts';
import { createMeter } from '../terminal/meter.ts';
import type { Progress } from '../terminal/progress.ts';
import { spoolDir } from '../terminal/spool-dir.ts';
import { openSbom } from './sbom-target.ts';

export interface SubjectOptions {
  /** `--from`: what stands before a target in place of a prefix. */
  readonly from?: string;
  readonly platform?: string;
  readonly crossMounts: boolean;
  readonly registry: RegistryFlags;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

export interface Subject extends AsyncDisposable {
  readonly name: string;
  readonly kind: string;
  readonly names: TargetNames;
  /** Digest of the image, or of the SBOM. */
  readonly manifest: Digest;
  /** Where a registry has it, and by which digests: the image's, and those of the indexes above it. */
  readonly place?: { readonly reference: Reference; readonly digests: readonly Digest[] };
  /** Of the image, from the base upwards; [] of an SBOM. */
  readonly layers: readonly string[];
  /** By position of the layer: the command that made it; [] if nobody knows. */
  readonly history: () => Promise<readonly string[]>;
  readonly index: (engines: Engines) => Promise<IndexReportWire>;
}

/** See `readTargetWord`, `openSbom` and `openTarget` for what `given` may be. Throws `bad-target`. */
export async function openSubject(given: string, options: SubjectOptions): Promise<Subject> {
  const { from } = options;
  const text = await readTargetWord(from === undefined ? given : `${from}:${given}`);
  const sbom = await openSbom(text, process.stdin);
  if (sbom !== undefined) {
    const { name, kind, index, names } = sbom;
    return {
      name,
      kind,
      names,
      manifest: parseDigest(index.manifest_hash),
      layers: [],
      history: async () => [],
      index: async () => index,
      async [Symbol.asyncDispose]() {},
    };
  }
  const { signal, crossMounts, registry, platform, progress } = options;
  const target = await openTarget(text, {
    signal,
    spoolDir: spoolDir(),
    env: process.env,
    crossMounts,
    registry,
    note: progress.note,
    ...(platform !== undefined && { platform }),
  });
  const { name, kind, manifest, indexes, names, history } = target;
  const layers = manifest.layers.map(({ hash }) => hash);
  return {
    name,
    kind,
    names: { indexes, names },
    manifest: manifest.hash,
    ...placeOf(target),
    layers,
    history,
    async index({ indexer }) {
      const bytes = new Map<string, number>();
      const count = new Set(layers).size;
      const meter = createMeter('layers', 'bytes');
      const json = await indexer.index(manifest, {
        signal,
        allowLocal: true,
        onProgress: (layer) => {
          bytes.set(layer.layer, layer.bytes);
          const sum = [...bytes.values()].reduce((a, b) => a + b, 0);
          progress.show(`${meter({ done: sum })}; ${bytes.size} of ${count} layers begun`);
        },
      });
      return JSON.parse(json) as IndexReportWire;
    },
    [Symbol.asyncDispose]: () => target[Symbol.asyncDispose](),
  };
}

/** An engine knows by which digests it has pulled an image, and its own digest is no registry's. */
function placeOf({ kind, name, manifest, indexes, names }: Target): Pick<Subject, 'place'> {
  if (kind === 'registry')
    return { place: { reference: parseReference(name), digests: [manifest.hash, ...indexes] } };
  const [first] = names;
  if (!['docker', 'podman'].includes(kind) || first === undefined || indexes.length === 0) return {};
  return { place: { reference: parseReference(first), digests: indexes } };
}
