/** Says how much of something is done, how fast it goes, and how long it will take. */

export interface Measured {
  readonly done: number;
  /** undefined: nobody knows. */
  readonly of?: number | undefined;
}

/** Bytes, or things of a kind. */
export type MeterUnit = 'bytes' | { readonly name: string };

/** ms after which a rate says something. */
const SOON = 1000;

/** Gives the text of what is done by now, since the meter was made: `layers: 12 of 84 MB, 3.1 MB/s, 23 s left`. */
export function createMeter(
  label: string,
  unit: MeterUnit,
  now: () => number = () => Date.now(),
): (measured: Measured) => string {
  const start = now();
  let first: number | undefined;
  return ({ done, of }) => {
    first ??= done;
    const elapsed = now() - start;
    const rate = elapsed < SOON ? 0 : ((done - first) * 1000) / elapsed;
    const left = of === undefined || rate <= 0 ? undefined : Math.max(0, of - done) / rate;
    return [
      `${label}: ${amount(done, of, unit)}`,
      ...(rate > 0 ? [unit === 'bytes' ? `${megabytes(rate)} MB/s` : `${grouped(rate)}/s`] : []),
      ...(left !== undefined && left >= 1 ? [`${duration(left)} left`] : []),
    ].join(', ');
  };
}

function amount(done: number, of: number | undefined, unit: MeterUnit): string {
  const show = unit === 'bytes' ? megabytes : grouped;
  const name = unit === 'bytes' ? 'MB' : unit.name;
  return of === undefined ? `${show(done)} ${name}` : `${show(done)} of ${show(of)} ${name}`;
}

function megabytes(bytes: number): string {
  const value = bytes / 1e6;
  return value < 10 ? value.toFixed(1) : value.toFixed(0);
}

function grouped(count: number): string {
  return Math.round(count).toLocaleString('en-US');
}

function duration(seconds: number): string {
  const whole = Math.ceil(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
