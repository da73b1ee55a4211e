/** Which manifests vulnerabilities affect that somebody hands in as Clair writes them. */

import type { Ecosystem } from '../contract/ecosystem.ts';
import type { Database } from '../db/database.ts';
import { AppError, messageOf } from '../errors.ts';
import { readForeign } from '../formats/clair/vulnerability-wire.ts';
import type { Problem } from '../model/package.ts';
import { rankOf } from '../model/severity.ts';
import { affectedBy, type OrderedAdvisory } from './affected-by.ts';

/** Clair's AffectedManifests. */
export interface AffectedManifests {
  /** As they were handed in, by id: those that affect a manifest. */
  readonly vulnerabilities: Readonly<Record<string, unknown>>;
  /** Digest -> ids, most severe first. */
  readonly vulnerable_manifests: Readonly<Record<string, readonly string[]>>;
  /** Ours: vulnerabilities that could not be looked up. */
  readonly problems?: readonly Problem[];
}

/** One of those that were asked about. */
interface Asked {
  readonly id: string;
  readonly json: unknown;
  readonly rank: number;
  readonly advisories: readonly OrderedAdvisory[];
}

/**
 * `vulnerabilities` as Clair writes them in JSON. Throws `bad-request` if one is no such thing; one that its ecosystem
 * cannot read is a problem, and the others are looked up. Assertions that something is not affected affect nothing.
 */
export async function affectedManifests(
  db: Database,
  ecosystems: readonly Ecosystem[],
  vulnerabilities: readonly unknown[],
): Promise<AffectedManifests> {
  const problems: Problem[] = [];
  const asked = vulnerabilities.map((json, index) => readAsked(json, index, ecosystems, problems));
  const affected = await affectedBy(
    db,
    ecosystems,
    asked.map(({ advisories }) => advisories),
  );

  const affecting = new Set<number>();
  const manifests: [string, string[]][] = [];
  for (const [digest, own] of affected) {
    for (const index of own) affecting.add(index);
    const ordered = [...own].sort((a, b) => asked[b]!.rank - asked[a]!.rank || a - b);
    manifests.push([digest, [...new Set(ordered.map((index) => asked[index]!.id))]]);
  }
  const shown = [...affecting].sort((a, b) => a - b).map((index) => asked[index]!);
  return {
    vulnerabilities: Object.fromEntries(shown.map(({ id, json }) => [id, json])),
    vulnerable_manifests: Object.fromEntries(manifests),
    ...(problems.length > 0 && { problems }),
  };
}

function readAsked(
  json: unknown,
  index: number,
  ecosystems: readonly Ecosystem[],
  problems: Problem[],
): Asked {
  const where = `vulnerabilities[${index}]`;
  const foreign = prefixed(where, () => readForeign(json));
  const id = idOf(json);
  const advisories = ecosystems.flatMap((ecosystem) => {
    try {
      return ecosystem
        .advisoriesOf(foreign)
        .filter(({ assertsUnaffected }) => !assertsUnaffected)
        .map((advisory) => ({ advisory, versions: ecosystem.versions }));
    } catch (error) {
      // differs: one that cannot be read, or lacks its package, does not keep the others from an answer (clair-service.md#routes)
      problems.push({ source: ecosystem.id, where: `${where} ${id}`.trim(), reason: messageOf(error) });
      return [];
    }
  });
  return { id, json, rank: rankOf(foreign.vulnerability.normalizedSeverity), advisories };
}

function prefixed<T>(where: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const message = `failed to deserialize vulnerabilities: ${where}: ${error.message}`;
    throw new AppError(error.code, message, { cause: error });
  }
}

function idOf(json: unknown): string {
  const { id } = json as { id?: unknown };
  return typeof id === 'string' ? id : '';
}
