/** What images add to counts, before and after a change: the difference is added to what is stored. */

export interface Contribution {
  readonly kind: 'unit' | 'cve' | 'label';
  /** 0: of all images, whatever their labels. */
  readonly label: number;
  /** Vulnerability and package; 0: of all. */
  readonly a: number;
  readonly b: number;
  readonly newest: boolean;
  readonly images: number;
  readonly findings: number;
  readonly fixable: number;
  readonly weight: number;
  readonly weight_fixable: number;
}

type Sums = { -readonly [K in 'images' | 'findings' | 'fixable' | 'weight' | 'weight_fixable']: number };

export interface Delta {
  readonly kind: Contribution['kind'];
  readonly label: number;
  readonly a: number;
  readonly b: number;
  readonly newest: Sums;
  readonly all: Sums;
}

export type Deltas = Map<string, Delta>;

export function addContributions(deltas: Deltas, rows: readonly Contribution[], sign: 1 | -1): void {
  for (const row of rows) {
    const { kind, label, a, b } = row;
    const key = `${kind} ${label} ${a} ${b}`;
    let delta = deltas.get(key);
    if (delta === undefined) deltas.set(key, (delta = { kind, label, a, b, newest: zero(), all: zero() }));
    for (const sums of row.newest ? [delta.newest, delta.all] : [delta.all]) {
      sums.images += sign * row.images;
      sums.findings += sign * row.findings;
      sums.fixable += sign * row.fixable;
      sums.weight += sign * row.weight;
      sums.weight_fixable += sign * row.weight_fixable;
    }
  }
}

const zero = (): Sums => ({ images: 0, findings: 0, fixable: 0, weight: 0, weight_fixable: 0 });

export function isNothing({ images, findings, fixable, weight, weight_fixable }: Sums): boolean {
  return (
    images === 0 &&
    findings === 0 &&
    fixable === 0 &&
    Math.abs(weight) < 1e-6 &&
    Math.abs(weight_fixable) < 1e-6
  );
}

/** Those that change anything. */
export function changedOf(deltas: Deltas): Delta[] {
  return [...deltas.values()].filter(({ newest, all }) => !isNothing(newest) || !isNothing(all));
}

/** The columns of the counts by vulnerability. */
export function columnsOf(rows: readonly Delta[]): number[][] {
  return [
    rows.map(({ a }) => a),
    rows.map(({ newest }) => newest.images),
    rows.map(({ all }) => all.images),
    rows.map(({ newest }) => newest.findings),
    rows.map(({ all }) => all.findings),
    rows.map(({ newest }) => newest.fixable),
    rows.map(({ all }) => all.fixable),
    rows.map(({ newest }) => newest.weight),
    rows.map(({ all }) => all.weight),
  ];
}

/** The columns of the counts by vulnerability and package, of the newest images. */
export function unitColumnsOf(rows: readonly Delta[]): number[][] {
  return [
    rows.map(({ a }) => a),
    rows.map(({ b }) => b),
    rows.map(({ newest }) => newest.findings),
    rows.map(({ newest }) => newest.fixable),
    rows.map(({ newest }) => newest.weight),
    rows.map(({ newest }) => newest.weight_fixable),
  ];
}
