/** Which scopes of advisories hold for a scope that is looked up, where scopes contain one another. */

import type { Ecosystem } from '../../contract/ecosystem.ts';
import type { Cover } from '../../contract/lookup.ts';
import type { Session } from '../../db/database.ts';
import { loadScopeKeys, scopesToken } from '../store/feed-status.ts';

/** Remembers what covers what until there are new scopes: decided once for each scope, not for each row. */
export interface Coverings {
  /** By scope, of those that are covered by others: the ids of the scopes of advisories that hold for it. */
  of(
    db: Session,
    ecosystems: readonly Ecosystem[],
    scopes: Iterable<string>,
  ): Promise<ReadonlyMap<string, readonly number[]>>;
}

/** Images may say anything. */
const MAX_KNOWN = 10_000;

interface Known {
  readonly token: string;
  /** Scopes of advisories by the prefix of their keys. */
  readonly advisories: Map<string, readonly { readonly id: number; readonly key: string }[]>;
  readonly covering: Map<string, readonly number[]>;
}

export function createCoverings(): Coverings {
  let known: Known | undefined;
  return {
    async of(db, ecosystems, scopes) {
      const covers = ecosystems.flatMap(({ cover }) => cover ?? []);
      const wanted = [...scopes].flatMap((scope): [string, Cover][] => {
        const cover = covers.find(({ prefix }) => scope.startsWith(prefix));
        return cover === undefined ? [] : [[scope, cover]];
      });
      const covering = new Map<string, readonly number[]>();
      if (wanted.length === 0) return covering;
      const token = await scopesToken(db);
      // Another request may put another one in its place meanwhile: this one stays with its own.
      const current: Known =
        known?.token === token && known.covering.size < MAX_KNOWN
          ? known
          : { token, advisories: new Map(), covering: new Map() };
      known = current;
      for (const [scope, cover] of wanted) {
        let ids = current.covering.get(scope);
        if (ids === undefined) {
          const { prefix } = cover;
          const all = current.advisories.get(prefix) ?? (await loadScopeKeys(db, prefix));
          current.advisories.set(prefix, all);
          ids = all.filter(({ key }) => cover.covers(key, scope)).map(({ id }) => id);
          current.covering.set(scope, ids);
        }
        covering.set(scope, ids);
      }
      return covering;
    },
  };
}
