/** Does a thing with each of many, some at a time. */

/** Requests to a store of objects at once. */
const AT_ONCE = 16;

/** Throws the first failure, when all that had begun is over. */
export async function each<T>(
  items: readonly T[],
  work: (item: T) => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  const rest = items.values();
  const failure = new AbortController();
  const worker = async (): Promise<void> => {
    for (const item of rest) {
      if (failure.signal.aborted || signal?.aborted) return;
      try {
        await work(item);
      } catch (error) {
        failure.abort(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, items.length) }, worker));
  failure.signal.throwIfAborted();
  signal?.throwIfAborted();
}
