/** What must hold once all troubles of a chaos run are over. */
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from '../../src/db/database.ts';
import { createTaskQueue } from '../../src/matcher/updating/task-queue.ts';
import type { Deployment } from '../e2e/deployment.ts';
import type { Postgres } from '../e2e/postgres.ts';
import type { Call, Promised } from './load.ts';
import { versionOf } from './upstream.ts';

const PATIENCE = 90_000;

/** Waits until `look` finds nothing to complain of; what it still finds after a minute and a half. */
export async function settles(look: () => Promise<readonly string[]>): Promise<readonly string[]> {
  for (const deadline = Date.now() + PATIENCE; ; await sleep(500)) {
    const complaints = await look().catch((error: unknown) => [String(error)]);
    if (complaints.length === 0 || Date.now() > deadline) return complaints;
  }
}

/** No job waits, no transaction is old, nobody holds a lock. */
export async function hanging(postgres: Postgres): Promise<string[]> {
  await using db = await connect(postgres.dsn('indexer'), { applicationName: 'chaos', max: 1 });
  const [jobs] = await db.query<{ n: number }>({ text: 'select count(*) as n from index_job' });
  const old = await db.query<{ query: string }>({
    text: `select query from pg_stat_activity where xact_start < clock_timestamp() - interval '10 s' and backend_type = 'client backend'`,
  });
  const locks = await db.query<{ query: string }>({
    text: `select a.query from pg_locks l join pg_stat_activity a using (pid) where l.locktype = 'advisory'`,
  });
  return [
    ...(jobs!.n > 0 ? [`${jobs!.n} jobs are not done`] : []),
    ...old.map(({ query }) => `a transaction is over 10 s old: ${query.slice(0, 200)}`),
    ...locks.map(({ query }) => `an advisory lock is held after: ${query.slice(0, 200)}`),
  ];
}

/** A replica may say that something is not there for now, as haproxy does after a late health check: it is asked again. */
async function answered(ask: () => Promise<Response>): Promise<Response> {
  for (const deadline = Date.now() + PATIENCE; ; await sleep(500)) {
    const answer = await ask();
    if (answer.status !== 503 || Date.now() > deadline) return answer;
    await answer.body?.cancel();
  }
}

/** Every promise is kept, with the same bytes, by each replica. */
export async function promisesBroken(
  clair: Deployment,
  promised: readonly Promised[],
  call: (path: string, address: string) => Promise<Response>,
): Promise<string[]> {
  const complaints: string[] = [];
  async function same(path: string, mode: string, first: string | undefined): Promise<string | undefined> {
    let want = first;
    for (const { address, name } of clair.replicas.filter((replica) => replica.mode === mode)) {
      const answer = await answered(() => call(path, address));
      const text = await answer.text();
      if (answer.status !== 200) complaints.push(`${name} ${path}: ${answer.status} ${text.slice(0, 300)}`);
      else if (text !== (want ??= text)) complaints.push(`${name} ${path}: other bytes than before`);
    }
    return want;
  }
  // An hour makes tens of thousands of them.
  const inTurn = createTaskQueue(8);
  await Promise.all(
    promised.map(({ hash, body }) =>
      inTurn(async () => {
        const index = await same(`/indexer/api/v1/index_report/${hash}`, 'indexer', body);
        if (index !== undefined && !index.includes('"state":"IndexFinished"'))
          complaints.push(`${hash} was accepted, and is not indexed`);
        await same(`/matcher/api/v1/vulnerability_report/${hash}`, 'matcher', undefined);
      }),
    ),
  );
  return complaints;
}

interface Page {
  readonly page: { readonly next?: string };
  readonly notifications: readonly {
    readonly manifest: string;
    readonly reason: string;
    readonly vulnerability: { readonly name: string };
  }[];
}

/** Reads what the notifications with these ids say. Throws if one cannot be had. */
export async function readNotifications(ids: ReadonlySet<string>, call: Call): Promise<string[]> {
  const all: string[] = [];
  for (const id of ids) {
    for (let next: string | undefined = ''; next !== undefined; ) {
      const path = `/notifier/api/v1/notification/${id}?page_size=1000${next && `&next=${next}`}`;
      const answer = await answered(() => call(path));
      if (answer.status !== 200) throw new Error(`notification ${id}: ${answer.status}`);
      const { page, notifications } = (await answer.json()) as Page;
      for (const { manifest, reason, vulnerability } of notifications)
        all.push(`${manifest} ${reason} ${vulnerability.name}`);
      next = page.next;
    }
  }
  return all;
}

/** Each manifest was told of each version that came after it, once; of nothing else. `last`: what is served at the end. */
export function notificationsWrong(
  promised: readonly Promised[],
  told: readonly string[],
  last: number,
): string[] {
  const complaints: string[] = [];
  const counts = new Map<string, number>();
  const added = new Map<number, Set<string>>([[last, new Set()]]);
  const known = new Set(promised.map(({ hash }) => hash));
  for (const line of told) {
    const [manifest = '', reason = '', name = ''] = line.split(' ');
    const version = versionOf(name);
    counts.set(line, (counts.get(line) ?? 0) + 1);
    // A manifest whose answer was lost on its way is there as well: it was submitted.
    const isPossible =
      /^(added|removed|changed)$/.test(reason) &&
      version >= 0 &&
      version <= last - (reason === 'removed' ? 1 : 0);
    if (!isPossible) complaints.push(`invented: ${line}`);
    if (reason === 'added' && known.has(manifest))
      added.set(version, (added.get(version) ?? new Set()).add(manifest));
  }
  for (const [line, count] of counts) if (count > 1) complaints.push(`told ${count} times: ${line}`);
  for (const [version, manifests] of added) {
    for (const { hash, version: since } of promised)
      if (since < version && !manifests.has(hash)) complaints.push(`lost: ${hash} added version ${version}`);
  }
  return complaints;
}
