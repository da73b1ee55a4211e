/** How the work on a pull ends, or goes on: only its owner may say so. */
import type { Database } from '../../../db/database.ts';
import { milliseconds } from '../../jobs/store/milliseconds.ts';
import type { PullOutcome, TakenPull } from '../pull.ts';

/** Ends it: with why it failed, or what it brought. Its credentials are gone then, and so is it if nobody asks for the outcome. */
export async function endPull(
  db: Database,
  owner: string,
  { id, isKept }: TakenPull,
  result: PullOutcome | string,
): Promise<void> {
  if (isKept) {
    const [outcome, error] = typeof result === 'string' ? [null, result] : [JSON.stringify(result), null];
    await db.query({
      name: 'end-registry-pull',
      text: `
        update registry_pull
        set ended = now(), credentials = null, owner = null, outcome = $3, error = $4
        where id = $2 and owner = $1`,
      values: [owner, id, outcome, error],
    });
    return;
  }
  // What was pushed under the same name meanwhile is looked at once more.
  await db.query({
    name: 'repeat-registry-pull',
    text: `
      update registry_pull set owner = null, due = now(), attempts = 0, error = null, again = false
      where id = $2 and owner = $1 and again`,
    values: [owner, id],
  });
  await db.query({
    name: 'remove-registry-pull',
    text: 'delete from registry_pull where id = $2 and owner = $1 and not again',
    values: [owner, id],
  });
}

/** Gives it back: to be taken after `delay` ms. Without an error the attempt does not count. */
export async function giveBackPull(
  db: Database,
  owner: string,
  id: string,
  delay: number,
  error: string | undefined,
): Promise<void> {
  await db.query({
    name: 'give-back-registry-pull',
    text: `
      update registry_pull
      set owner = null, due = now() + ${milliseconds('$3')}, error = coalesce($4, error),
        attempts = attempts - case when $4::text is null then 1 else 0 end
      where id = $2 and owner = $1`,
    values: [owner, id, delay, error ?? null],
  });
}

/** Forgets those that ended over `age` ms ago. */
export async function forgetEndedPulls(db: Database, age: number): Promise<void> {
  await db.query({
    name: 'forget-registry-pulls',
    text: `delete from registry_pull where ended < now() - ${milliseconds('$1')}`,
    values: [age],
  });
}
