/** How a bench says what it measured: `name.figure value unit`, with the limit if there is one, one figure a line. More than `most` fails the run. */
export type Report = (figure: string, value: number, unit: string, most?: number) => void;

/** A bench: measures, and reports figures under its name. */
export type Bench = (report: Report, options: BenchOptions) => Promise<void>;

export interface BenchOptions {
  /** Recorded feeds and images to measure matching with. */
  readonly feeds: string;
  /** How long load goes on. */
  readonly seconds: number;
  /** Of feeds that are made, as a part of production size. */
  readonly size?: number;
  /** Manifests of a store that is made. */
  readonly manifests?: number;
  /** Of these, how many are stored as the indexer does: the others are copies of them. */
  readonly saved?: number;
}

/** Prints the figures of `name` to stdout. */
export function reporter(name: string): Report {
  return (figure, value, unit, most) => {
    const limit = most === undefined ? '' : ` (limit ${most})`;
    console.log(`${name}.${figure} ${Number(value.toPrecision(4))} ${unit}${limit}`);
    if (most === undefined || value <= most) return;
    console.error(`${name}.${figure} must not exceed ${most} ${unit}`);
    process.exitCode = 1;
  };
}
