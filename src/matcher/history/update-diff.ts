/** What changed between two update operations, as the vulnerabilities that a notifier asks about. */

import type { Ecosystem } from '../../contract/ecosystem.ts';
import type { Session } from '../../db/database.ts';
import { AppError } from '../../errors.ts';
import type { AdvisoryFacts } from '../../model/advisory.ts';
import type { PackageKind } from '../../model/package.ts';
import { foreignOf, intervalWriter, type ShownScope, showScope } from '../offline/write-record.ts';
import { headOf, scopeOf, tailOf } from '../shown/vulnerability-json.ts';
import { loadScopesById, type ScopeRow } from '../store/feed-status.ts';
import { type ChangeRow, loadChangedIds, loadChanges } from '../store/update-diff.ts';
import { loadOperation, type OperationRow } from '../store/update-operations.ts';
import { NO_OPERATION, operationToWire, type UpdateOperationWire } from './operation-json.ts';

/** A diff: what it is about is known at once, the vulnerabilities are read as they are asked for. */
export interface UpdateDiff {
  readonly prev: UpdateOperationWire;
  readonly cur: UpdateOperationWire;
  readonly added: Changes;
  readonly removed: Changes;
}

export interface Changes {
  /** At most. */
  readonly count: number;
  /** JSON of each (see `VulnerabilityWire`); its id is the same in every diff. */
  vulnerabilities(): AsyncGenerator<string>;
  /** The same with what they say for matching, for who is in this process. */
  advisories(): AsyncGenerator<ShownAdvisory>;
}

/** An advisory, and its JSON. */
export interface ShownAdvisory {
  readonly facts: AdvisoryFacts;
  readonly json: string;
}

export interface DiffOptions {
  readonly ecosystems: readonly Ecosystem[];
  /** Beginnings of scopes of which only what has a fix is shown. */
  readonly fixedOnly: readonly string[];
}

/** Rows read at once: a few MB at most. */
const PAGE = 500;

/**
 * From the state after `prev` (undefined: from nothing) to that after `cur`, both refs.
 * Throws `not-found` for an unknown ref, `bad-request` for one of an enricher.
 */
export async function updateDiff(
  db: Session,
  options: DiffOptions,
  cur: string,
  prev: string | undefined,
): Promise<UpdateDiff> {
  const newer = await operationOf(db, 'cur', cur);
  const older = prev === undefined ? undefined : await operationOf(db, 'prev', prev);
  const { added, removed } = await loadChangedIds(db, newer, older);
  return {
    prev: older === undefined ? NO_OPERATION : operationToWire(older),
    cur: operationToWire(newer),
    added: changesOf(db, options, added),
    removed: changesOf(db, options, removed),
  };
}

async function operationOf(db: Session, name: string, ref: string): Promise<OperationRow> {
  const operation = await loadOperation(db, ref);
  // differs: an unknown operation is 404, and one of an enricher 400, where Clair says 500 or nothing (clair-service.md#unknown-ids)
  if (operation === undefined) throw new AppError('not-found', `${name}: no update operation ${ref}`);
  if (operation.kind !== 'vulnerability') {
    throw new AppError(
      'bad-request',
      `${name}: update operation ${ref} is of ${operation.updater}, which has no vulnerabilities`,
    );
  }
  return operation;
}

function changesOf(db: Session, { ecosystems, fixedOnly }: DiffOptions, ids: Buffer): Changes {
  const count = ids.length / 8;
  return {
    count,
    async *vulnerabilities() {
      for await (const { json } of this.advisories()) yield json;
    },
    async *advisories() {
      const write = changeWriter(ecosystems);
      const scopes = new Map<number, DiffScope>();
      for (let first = 0; first < count; first += PAGE) {
        const page = Array.from({ length: Math.min(PAGE, count - first) }, (_, index) =>
          ids.readBigInt64BE(8 * (first + index)),
        );
        const rows = await loadChanges(db, page);
        const unknown = new Set(rows.map(({ scope }) => scope).filter((id) => !scopes.has(id)));
        for (const scope of await loadScopesById(db, [...unknown])) {
          const shown = withoutCpe(scope);
          scopes.set(scope.id, { ...shown, place: showScope(withoutNulls(shown)), json: scopeOf(shown) });
        }
        for (const row of rows) {
          const scope = scopes.get(row.scope);
          if (scope === undefined) continue;
          // differs: what reports omit without a fix is nothing to notify of either (clair-matching.md#affected-manifests)
          if (row.fixed_in_version === '' && fixedOnly.some((prefix) => scope.key.startsWith(prefix)))
            continue;
          yield write(row, scope);
        }
      }
    },
  };
}

interface DiffScope extends Pick<ScopeRow, 'key' | 'distribution' | 'repository'> {
  readonly place: ShownScope;
  readonly json: string;
}

/** clair-quirk: the CPE of a repository is in reports only. */
function withoutCpe(scope: Pick<ScopeRow, 'key' | 'distribution' | 'repository'>): typeof scope {
  if (scope.repository === null) return scope;
  const { cpe: _, ...repository } = scope.repository;
  return { ...scope, repository };
}

function withoutNulls({ distribution, repository }: Pick<ScopeRow, 'distribution' | 'repository'>) {
  return { ...(distribution && { distribution }), ...(repository && { repository }) };
}

function changeWriter(ecosystems: readonly Ecosystem[]): (row: ChangeRow, scope: DiffScope) => ShownAdvisory {
  const intervalOf = intervalWriter(ecosystems);
  return (row, scope) => {
    const facts: AdvisoryFacts = {
      scope: scope.key,
      name: row.compared,
      kind: row.kind as PackageKind,
      ...(row.module && { module: row.module }),
      ...(row.arches && { arches: row.arches }),
      ...(row.from_version !== null && { from: row.from_version }),
      ...(row.below !== null && { below: row.below }),
      ...(row.up_to !== null && { upTo: row.up_to }),
      ...(row.name !== row.compared && { shownName: row.name }),
      ...(row.shown_arch !== null && { shownArch: row.shown_arch }),
      fixedInVersion: row.fixed_in_version,
    };
    // differs: diffs have ranges, without which every manifest with a Go module counts as affected (clair-matching.md#differences-without-ranges)
    const { range, bounds } = intervalOf(facts, foreignOf(row.feed, facts, scope.place));
    const members = `${range ? `"range":${range},` : ''}${bounds ? `"Bounds":${bounds},` : ''}`;
    return { facts, json: `{"id":"${row.id}",${headOf(row)}${scope.json}${tailOf(row, members)}` };
  };
}

/** The body of `update_diff`, piece by piece: memory does not depend on how much has changed. */
export async function* writeDiff({ prev, cur, added, removed }: UpdateDiff): AsyncGenerator<string> {
  yield `{"prev":${JSON.stringify(prev)},"cur":${JSON.stringify(cur)},"added":`;
  yield* writeList(added);
  yield ',"removed":';
  yield* writeList(removed);
  yield '}';
}

const PIECE = 64 * 1024;

async function* writeList(changes: Changes): AsyncGenerator<string> {
  let piece = '';
  let before = '[';
  for await (const vulnerability of changes.vulnerabilities()) {
    piece += before + vulnerability;
    before = ',';
    if (piece.length < PIECE) continue;
    yield piece;
    piece = '';
  }
  // clair-quirk: an empty list is null
  yield before === '[' ? 'null' : `${piece}]`;
}
