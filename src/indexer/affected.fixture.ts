/** For tests: the answers of `affected_manifest`, whole. */
import type { AffectedPage } from './affected-by.ts';
import type { Indexer } from './indexer.ts';

/** Clair's AffectedManifests. */
export interface ClairAnswer {
  readonly vulnerabilities: Readonly<Record<string, unknown>>;
  readonly vulnerable_manifests: Readonly<Record<string, readonly string[]>>;
  readonly problems?: readonly { source: string; where: string; reason: string }[];
}

/** What clients get. */
export async function clairAnswer(
  indexer: Pick<Indexer, 'affectedManifests'>,
  vulnerabilities: readonly unknown[],
  signal: AbortSignal,
): Promise<ClairAnswer> {
  const { json } = await indexer.affectedManifests(vulnerabilities, { after: '', signal });
  let text = '';
  for await (const piece of json()) text += piece;
  return JSON.parse(text) as ClairAnswer;
}

/** All manifests of all pages. */
export async function allOf(pages: AsyncIterable<AffectedPage>): Promise<AffectedPage['manifests']> {
  const manifests: (readonly [AffectedPage['manifests'][0][0], readonly number[]])[] = [];
  for await (const page of pages) manifests.push(...page.manifests);
  return manifests;
}
