/**
 * Loaded before the tests in CI: what properties draw is the same in each run, so that a change is judged by itself and
 * a failure can be repeated. Elsewhere each run draws anew (docs/decisions/059).
 */
import fc from 'fast-check';

fc.configureGlobal({ seed: 20_261_130 });
