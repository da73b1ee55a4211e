/** Which service has what of the API. */
import { OPERATIONS } from '../../src/service/operations.ts';

/** Paths of the API, with something in the place of parameters -> the service that has them. */
export const API_PATHS: ReadonlyMap<string, string> = new Map<string, string>([
  ...OPERATIONS.map(({ path }): [string, string] => [
    path.replace(/\{\w+\}/g, 'x'),
    /^\/(matcher|notifier)\//.exec(path)?.[1] ?? 'indexer',
  ]),
  ['/robots.txt', 'indexer'],
  ['/matcher/ui/', 'matcher'],
]);

/** Paths that lead nowhere from outside. */
export const CLOSED_PATHS = ['/', '/indexer', '/metrics', '/healthz', '/debug/pprof/'];
