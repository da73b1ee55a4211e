/** `--attach`: reports as referrers of the image that was scanned. */
import { AppError } from '../../errors.ts';
import { type AttachedDocument, pushReferrers } from '../../image/attached/push-referrer.ts';
import type { FormatInput } from '../formats/view.ts';
import type { Progress } from '../terminal/progress.ts';
import type { AttachedOptions } from './attached-documents.ts';
import type { Subject } from './subject.ts';

/** What can be attached: what it is called on the command line, its media type, and what writes it. */
const KINDS = {
  sbom: {
    type: 'application/vnd.cyclonedx+json',
    title: 'sbom.cdx.json',
    write: async () => (await import('../formats/cyclonedx.ts')).cyclonedxSbom,
  },
  vex: {
    type: 'application/vnd.openvex+json',
    title: 'vex.openvex.json',
    write: async () => (await import('../formats/openvex.ts')).openvex,
  },
  sarif: {
    type: 'application/sarif+json',
    title: 'scan.sarif.json',
    write: async () => (await import('../formats/sarif.ts')).sarif,
  },
} as const;

export type AttachKind = keyof typeof KINDS;
export const ATTACH_KINDS = Object.keys(KINDS) as readonly AttachKind[];

/** Throws `bad-target` if `subject` is no image of a registry, or the registry does not take them. */
export async function attach(
  subject: Subject,
  kinds: readonly AttachKind[],
  input: FormatInput,
  { registry, signal, progress }: AttachedOptions & { readonly progress: Progress },
): Promise<void> {
  const { place, manifest } = requirePlace(subject);
  const documents: AttachedDocument[] = [];
  for (const kind of new Set(kinds)) {
    const { type, title, write } = KINDS[kind];
    const bytes = Buffer.from((await write())(input));
    documents.push({ type, title, bytes, created: input.view.created });
  }
  const options = { insecure: false, ...registry, signal, env: process.env };
  const digests = await pushReferrers(place.reference, manifest, documents, options);
  for (const [position, digest] of digests.entries())
    progress.note(`attached ${documents[position]!.title} to ${subject.name}: ${digest}`);
}

/** Before anything is scanned: what cannot be attached in the end. Throws `bad-target`. */
export function requirePlace({ name, kind, place, manifest }: Subject) {
  if (place === undefined || kind !== 'registry')
    throw new AppError(
      'bad-target',
      `${name} is not an image of a registry: --attach has nowhere to push to`,
    );
  return { place, manifest };
}
