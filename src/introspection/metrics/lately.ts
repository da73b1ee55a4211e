/** What a scrape asks the database: within bounds, and once however many scrapes there are. */

/** A scrape does not wait longer (ms). */
const PATIENCE = 2000;

/** The answer of the database in time, or what it said before. */
export function lately<T>(ask: () => Promise<T>, initial: T): () => Promise<T> {
  let known = initial;
  let asking: Promise<void> | undefined;
  return async () => {
    asking ??= ask()
      .then((answer) => {
        known = answer;
      })
      .catch(() => {})
      .finally(() => {
        asking = undefined;
      });
    const late = Promise.withResolvers<void>();
    const timer = setTimeout(late.resolve, PATIENCE);
    await Promise.race([asking, late.promise]);
    clearTimeout(timer);
    return known;
  };
}
