/**
 * `--exclude`: paths of which the findings do not count. All of it is read and told: findings are suppressed, and what was
 * not checked there is accepted.
 */
import type { AcceptEntry } from './accepted.ts';
import { matchesGlob } from './glob.ts';
import type { Suppressor } from './selection.ts';

const REASON = 'excluded on the command line';

/** What `--exclude` is given as it is compared with paths of a report; undefined: it would exclude everything, or nothing. */
export function parseExclusion(text: string): string | undefined {
  const pattern = text
    .trim()
    .replace(/^(?:\.?\/+)+/, '')
    .replace(/\/+(?:\*{2,})?$/, '');
  return /[^*/?.]/.test(pattern) ? pattern : undefined;
}

/** A finding is suppressed if all of its places are excluded: a package that lies elsewhere, too, counts. */
export function exclusionRules(patterns: readonly string[]): Suppressor {
  return {
    suppress({ paths }) {
      const by = paths.map((path) => patterns.find((pattern) => isBelow(path, pattern)));
      const [first] = by;
      if (first === undefined || by.includes(undefined)) return undefined;
      return {
        kind: 'ignored',
        source: `--exclude ${first}`,
        status: 'accepted',
        justification: '',
        reason: REASON,
      };
    },
    notices: () => [],
  };
}

/** What was not checked below the excluded paths is accepted without an end. */
export function exclusionAccepts(patterns: readonly string[]): AcceptEntry[] {
  return patterns.map((pattern) => ({
    source: `--exclude ${pattern}`,
    kinds: [],
    paths: [pattern, `${pattern}/**`],
    whats: [],
    reason: REASON,
    expires: Number.POSITIVE_INFINITY,
  }));
}

/** `app.jar:lib/inner.jar` lies where `app.jar` does. */
function isBelow(path: string, pattern: string): boolean {
  return [path, path.replace(/:.*$/s, '')].some(
    (place) => matchesGlob(pattern, place) || matchesGlob(`${pattern}/**`, place),
  );
}
