/** Flags that are durations. */
import { InvalidArgumentError } from 'commander';
import { parseDuration } from '../../lib/duration.ts';

/** A duration as Go writes it, in ms. */
export function readDuration(text: string): number {
  const milliseconds = parseDuration(text);
  if (milliseconds === undefined || milliseconds < 0)
    throw new InvalidArgumentError('expected a duration such as 90s, 10m or 1h.');
  return milliseconds;
}
