/** Which manifests vulnerabilities affect: matching the other way round, for thousands of them at once. */

import type { Ecosystem } from '../contract/ecosystem.ts';
import type { VersionScheme } from '../contract/version-scheme.ts';
import type { Database, Session } from '../db/database.ts';
import { decide } from '../ecosystems/decide.ts';
import { keyRangeOf, versionKeys } from '../ecosystems/version-keys.ts';
import { AppError, messageOf } from '../errors.ts';
import { readForeign } from '../formats/clair/vulnerability-wire.ts';
import { type Advisory, ANY_MODULE } from '../model/advisory.ts';
import type { Problem } from '../model/package.ts';
import { rankOf } from '../model/severity.ts';
import { loadHolders, loadLookupScopes, matchLookups, type ScopedAdvisory } from './store/match-lookups.ts';

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
  readonly advisories: readonly { readonly advisory: Advisory; readonly versions: VersionScheme }[];
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
  const affectedBy = await lookupsAffectedBy(db, ecosystems, asked);

  const affecting = new Set<number>();
  const manifests: [string, string[]][] = [];
  for (const { digest, lookups } of await loadHolders(db, [...affectedBy.keys()])) {
    const own = new Set(lookups.flatMap((lookup) => affectedBy.get(lookup) ?? []));
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

/** By lookup: positions in `asked`. What cannot be decided counts as in a report: not as affected. */
async function lookupsAffectedBy(
  db: Session,
  ecosystems: readonly Ecosystem[],
  asked: readonly Asked[],
): Promise<Map<number, number[]>> {
  const advisories = asked.flatMap((each, index) => each.advisories.map((entry) => ({ index, ...entry })));
  const scopesOf = await coveredScopes(db, ecosystems, [
    ...new Set(advisories.map(({ advisory }) => advisory.scope)),
  ]);
  const keyOf = versionKeys();
  const scoped: (ScopedAdvisory & { index: number; advisory: Advisory; versions: VersionScheme })[] = [];
  for (const { index, advisory, versions } of advisories) {
    const { name, kind, module = '', arches } = advisory;
    if (module === ANY_MODULE) continue; // never decided
    const range = keyRangeOf(keyOf, versions, advisory);
    for (const scope of scopesOf(advisory.scope)) {
      scoped.push({ ...range, scope, name, kind, module, arches, index, advisory, versions });
    }
  }
  const affectedBy = new Map<number, number[]>();
  for (const { advisory: position, lookup, version } of await matchLookups(db, scoped)) {
    const { index, advisory, versions } = scoped[position]!;
    if (version !== null && decide(versions, version, advisory) !== 'affected') continue;
    const known = affectedBy.get(lookup);
    if (known === undefined) affectedBy.set(lookup, [index]);
    else known.push(index);
  }
  return affectedBy;
}

/** For a scope of advisories: the ids of the scopes of lookups that it covers. */
async function coveredScopes(
  db: Session,
  ecosystems: readonly Ecosystem[],
  wanted: readonly string[],
): Promise<(scope: string) => readonly number[]> {
  if (wanted.length === 0) return () => [];
  const covers = ecosystems.flatMap(({ cover }) => cover ?? []);
  const coversOf = (scope: string) => covers.filter(({ prefix }) => scope.startsWith(prefix));
  const prefixes = [...new Set(wanted.flatMap((scope) => coversOf(scope).map(({ prefix }) => prefix)))];
  const stored = await loadLookupScopes(db, wanted, prefixes);
  const known = new Map<string, number[]>();
  return (scope) => {
    let ids = known.get(scope);
    if (ids === undefined) {
      const own = coversOf(scope);
      ids = stored
        .filter(({ key }) =>
          own.length === 0
            ? key === scope
            : own.some((cover) => key.startsWith(cover.prefix) && cover.covers(scope, key)),
        )
        .map(({ id }) => id);
      known.set(scope, ids);
    }
    return ids;
  };
}
