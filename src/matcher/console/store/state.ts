/** Where the console's upkeep was left. */
import type { Session } from '../../../db/database.ts';
import type { ManifestChanges } from '../../../model/manifest-changes.ts';

export interface ConsoleState {
  readonly revision: number;
  readonly manifests: string;
  /** By feed: the last run whose changes were followed. */
  readonly runs: Readonly<Record<string, number>>;
  /** The bundle that was loaded, and the feeds that are. */
  readonly loaded: string;
  readonly facts: string;
  /** null: the indexer keeps no list. */
  readonly queue: ManifestChanges['queue'] | null;
}

export async function loadState(db: Session): Promise<ConsoleState> {
  const [row] = await db.query<ConsoleState>({
    name: 'console-state',
    text: 'select revision, manifests, runs, loaded, facts, queue from console_state',
  });
  return row!;
}

export async function saveState(db: Session, state: Partial<Omit<ConsoleState, 'revision'>>): Promise<void> {
  await db.query({
    name: 'console-save-state',
    text: `
      update console_state set manifests = coalesce($1, manifests), runs = coalesce($2::jsonb, runs),
        loaded = coalesce($3, loaded), facts = coalesce($4, facts), queue = coalesce($5::jsonb, queue),
        revision = revision + 1, labels_revision = labels_revision + 1`,
    values: [
      state.manifests ?? null,
      state.runs === undefined ? null : JSON.stringify(state.runs),
      state.loaded ?? null,
      state.facts ?? null,
      state.queue ? JSON.stringify(state.queue) : null,
    ],
  });
}
