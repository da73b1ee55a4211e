/** `--vex oci`, `--sbom-sources oci`: what the registry holds for the image, as documents of the scan. */
import { ecosystems } from '../../ecosystems/index.ts';
import { AppError, messageOf } from '../../errors.ts';
import type { Attachment, DocumentKind, SignatureState } from '../../image/attached/attachment.ts';
import { findAttached } from '../../image/attached/find-attached.ts';
import type { RegistryFlags } from '../../image/open-target.ts';
import { type IndexReportWire, toWire } from '../../model/index-report-wire.ts';
import { readSbom, type SbomNames } from '../../sbom/read-sbom.ts';
import { readPublicKey } from '../../signing/public-key.ts';
import { readVex } from '../../vex/read-vex.ts';
import { ATTACHED, type PolicyFiles } from '../policy/policy-options.ts';
import type { VexFile } from '../policy/vex-rules.ts';
import type { Subject } from './subject.ts';

export interface AttachedFlags extends Pick<PolicyFiles, 'vex' | 'key'> {
  /** `oci`, or nothing. */
  readonly sbomSources?: readonly string[];
}

export interface AttachedOptions {
  readonly registry: RegistryFlags;
  readonly signal: AbortSignal;
}

/** The documents that are used, and what is to be told of them and of the others. */
export interface AttachedDocuments {
  readonly vex: readonly VexFile[];
  readonly sbom?: { readonly index: IndexReportWire; readonly names: SbomNames };
  readonly notes: readonly string[];
}

const SIGNATURES: Readonly<Record<SignatureState, string>> = {
  verified: 'signature verified',
  unchecked: 'its signature is not checked (--key FILE checks it)',
  unsigned: 'it is not signed',
};

/** Nothing is asked if no flag wants it. Throws `bad-target` if `subject` is no image of a registry. */
export async function attachedTo(
  subject: Subject,
  { vex = [], sbomSources = [], key }: AttachedFlags,
  { registry, signal }: AttachedOptions,
): Promise<AttachedDocuments> {
  const kinds = new Set<DocumentKind>([
    ...(vex.includes(ATTACHED) ? (['vex'] as const) : []),
    ...(sbomSources.length > 0 ? (['sbom'] as const) : []),
  ]);
  if (kinds.size === 0) return { vex: [], notes: [] };
  const { place } = subject;
  if (place === undefined)
    throw new AppError(
      'bad-target',
      `${subject.name} is not an image of a registry: nothing can be attached to it (--vex oci, --sbom-sources oci)`,
    );
  const { attachments, unusable } = await findAttached(place.reference, place.digests, {
    ...{ insecure: false, ...registry, signal, env: process.env, kinds },
    key: key === undefined ? undefined : (await readPublicKey(key)).key,
  });
  const vexes = attachments.filter(({ kind }) => kind === 'vex').map(readOneVex);
  const sboms = attachments.filter(({ kind }) => kind === 'sbom').map((each) => readOneSbom(each, subject));
  const read = sboms.flatMap(({ sbom }) => sbom ?? []);
  // Of several, what names most packages: fewer would hide what the others know.
  const best = read.toSorted((a, b) => countOf(b.index) - countOf(a.index))[0];
  return {
    vex: vexes.flatMap(({ file }) => file ?? []),
    ...(best && { sbom: best }),
    notes: [
      ...vexes.map(({ note }) => note),
      ...sboms.flatMap(({ sbom, note }) => (sbom ? [] : note)),
      ...(best ? [`packages are those of the attached SBOM, and not of the layers: ${best.note}`] : []),
      ...read
        .filter((each) => each !== best)
        .map(({ source }) => `${source} is not used: another SBOM names more`),
      ...unusable,
      ...(kinds.has('vex') && vexes.length === 0 ? [`no VEX document is attached to ${subject.name}`] : []),
      ...(kinds.has('sbom') && best === undefined
        ? [`no SBOM is attached to ${subject.name}: its layers are read`]
        : []),
    ],
  };
}

function readOneVex({ source, text, signature }: Attachment): { file?: VexFile; note: string } {
  try {
    const file = { path: source, ...readVex(text, source) };
    const count = file.statements.length;
    return {
      file,
      note: `attached VEX: ${source}: ${count} ${count === 1 ? 'statement' : 'statements'}; ${SIGNATURES[signature]}`,
    };
  } catch (error) {
    return { note: `${source} is not used: ${messageOf(error)}` };
  }
}

interface ReadAttachedSbom {
  readonly source: string;
  readonly index: IndexReportWire;
  readonly names: SbomNames;
  readonly note: string;
}

function readOneSbom(
  { source, text, signature }: Attachment,
  subject: Subject,
): { sbom?: ReadAttachedSbom; note: string } {
  try {
    const { report, names } = readSbom(Buffer.from(text), source, ecosystems);
    if (report.packages.length === 0) return { note: `${source} is not used: there is no package in it` };
    const index = { ...toWire(report), manifest_hash: subject.manifest };
    const note = `${source}; ${SIGNATURES[signature]}`;
    return { sbom: { source, index, names, note }, note };
  } catch (error) {
    return { note: `${source} is not used: ${messageOf(error)}` };
  }
}

function countOf({ packages }: IndexReportWire): number {
  return Object.keys(packages).length;
}
