/** Durations of the configuration, as Go writes them. */
export { parseDuration } from '../lib/duration.ts';
