/** Data of a view: old rows stay while newer ones are on their way, and after a failure. */
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { ApiError, getJson } from './api.ts';

export interface Loaded<T> {
  /** Absent until there is any. */
  readonly data?: T;
  /** Why the last request failed. */
  readonly error?: ApiError;
  /** A request runs, and what is shown is older, or nothing. */
  readonly isLoading: boolean;
  readonly isSlow: boolean;
  reload(): void;
}

const SLOW = 300;
const KEPT = 40;
/** The last answers, so that Back shows at once what was there. */
const kept = new Map<string, unknown>();

/** Removes what is kept: a decision changes numbers everywhere. */
export function forget(): void {
  kept.clear();
}

interface State<T> {
  readonly path?: string;
  readonly data?: T;
  readonly error?: ApiError;
  readonly isLoading: boolean;
}

/**
 * Loads `path` whenever it changes; undefined: nothing is wanted. Where `subject` changes, too, what was shown before is
 * something else and goes away. `every` ms it is asked again while the page is visible.
 */
export function useLoad<T>(path: string | undefined, subject = '', every = 0): Loaded<T> {
  const [state, setState] = useState<State<T>>({ isLoading: path !== undefined });
  const [isSlow, setSlow] = useState(false);
  const [round, setRound] = useState(0);
  const shown = useRef(subject);
  useEffect(() => {
    if (path === undefined) {
      setState({ isLoading: false });
      return;
    }
    const abort = new AbortController();
    const known = kept.get(path) as T | undefined;
    const isOther = shown.current !== subject;
    shown.current = subject;
    setState((old) => {
      const data = known ?? (isOther ? undefined : old.data);
      return { ...(data !== undefined && { data }), isLoading: true };
    });
    const slow = setTimeout(() => setSlow(true), SLOW);
    getJson<T>(path, abort.signal)
      .then((data) => {
        kept.delete(path);
        kept.set(path, data);
        if (kept.size > KEPT) kept.delete(kept.keys().next().value!);
        setState({ path, data, isLoading: false });
      })
      .catch((error: unknown) => {
        if (abort.signal.aborted) return;
        const told = error instanceof ApiError ? error : new ApiError(0, 'unreadable', String(error));
        setState((old) => ({ ...old, error: told, isLoading: false }));
        if (told.status === 401)
          dispatchEvent(new CustomEvent('clair-unauthorized', { detail: told.message }));
      })
      .finally(() => {
        clearTimeout(slow);
        if (!abort.signal.aborted) setSlow(false);
      });
    return () => {
      abort.abort();
      clearTimeout(slow);
    };
  }, [path, subject, round]);
  const reload = useCallback(() => setRound((value) => value + 1), []);
  useEffect(() => {
    addEventListener('clair-decided', reload);
    return () => removeEventListener('clair-decided', reload);
  }, [reload]);
  useEffect(() => {
    if (every === 0 || path === undefined) return;
    const timer = setInterval(() => document.visibilityState === 'visible' && reload(), every);
    return () => clearInterval(timer);
  }, [every, path, reload]);
  const { data, error, isLoading } = state;
  return { ...(data !== undefined && { data }), ...(error && { error }), isLoading, isSlow, reload };
}
