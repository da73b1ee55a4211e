/** Two things at once, neither of which outlives the other's failure. */

/** Runs both. The first failure stops the other one, and is thrown when that has come to rest. */
export async function together<A, B>(
  signal: AbortSignal,
  first: (signal: AbortSignal) => Promise<A>,
  second: (signal: AbortSignal) => Promise<B>,
): Promise<[A, B]> {
  const failure = new AbortController();
  const either = AbortSignal.any([signal, failure.signal]);
  const watched = async <T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> => {
    try {
      return await work(either);
    } catch (error) {
      failure.abort(error); // the first reason stays
      throw error;
    }
  };
  const settled = await Promise.allSettled([watched(first), watched(second)]);
  failure.signal.throwIfAborted();
  return settled.map((result) => result.status === 'fulfilled' && result.value) as [A, B];
}
