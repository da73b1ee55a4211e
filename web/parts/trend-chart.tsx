/** Open findings of each day: three lines that differ by dash and by their label, and a text for those who cannot see them. */
import type { Trend } from '../../src/model/api/console/types.ts';
import { dayText, number } from '../lib/words.ts';

type Day = Trend['days'][number];

const LINES = [
  ['critical', 'Critical'],
  ['high', 'High'],
  ['fixable', 'Fixable'],
] as const;

const [WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM] = [680, 180, 48, 96, 14, 22];

export function TrendChart({ of }: { of: readonly Day[] }) {
  const [first, last] = [of[0], of.at(-1)];
  // A line needs two days.
  if (first === undefined || last === undefined || of.length < 2)
    return (
      <p class="pad trend-text muted">
        {last === undefined
          ? 'No day was counted yet.'
          : `Counted since ${dayText(last.at)}. The trend begins tomorrow.`}
      </p>
    );
  const most = ceiling(Math.max(1, ...of.flatMap((day) => LINES.map(([key]) => day[key]))));
  const x = (index: number) =>
    LEFT + (of.length === 1 ? 1 : index / (of.length - 1)) * (WIDTH - LEFT - RIGHT);
  const y = (value: number) => TOP + (1 - value / most) * (HEIGHT - TOP - BOTTOM);
  const ends = spread(LINES.map(([key]) => y(last[key])));
  const text = LINES.map(([key, name]) => `${name} ${number(first[key])} to ${number(last[key])}`).join(', ');
  return (
    <svg
      class="chart"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      role="img"
      aria-label={`Open findings, ${dayText(first.at)} to ${dayText(last.at)}: ${text}`}
    >
      {[0, 0.5, 1].map((part) => (
        <g key={part}>
          <line class="grid-line" x1={LEFT} x2={WIDTH - RIGHT} y1={y(most * part)} y2={y(most * part)} />
          <text x={LEFT - 6} y={y(most * part) + 3} text-anchor="end">
            {number(most * part)}
          </text>
        </g>
      ))}
      {LINES.map(([key, name], line) => (
        <g key={key}>
          <polyline
            class={`line ${key}`}
            points={of.map((day, index) => `${x(index).toFixed(1)},${y(day[key]).toFixed(1)}`).join(' ')}
          />
          <text class={key} x={WIDTH - RIGHT + 8} y={ends[line]! + 3}>
            {name} {number(last[key])}
          </text>
        </g>
      ))}
      <text x={LEFT} y={HEIGHT - 6}>
        {dayText(first.at)}
      </text>
      <text x={WIDTH - RIGHT} y={HEIGHT - 6} text-anchor="end">
        {dayText(last.at)}
      </text>
    </svg>
  );
}

/** 1, 2 or 5 times a power of ten, at least `value`. */
function ceiling(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 5, 10].find((step) => step * power >= value) ?? 10) * power;
}

/** Labels that would lie upon one another move apart. */
function spread(heights: readonly number[]): number[] {
  const order = heights.map((height, index) => ({ height, index })).sort((a, b) => a.height - b.height);
  let last = Number.NEGATIVE_INFINITY;
  const moved: number[] = [];
  for (const { height, index } of order) {
    last = Math.max(height, last + 12);
    moved[index] = last;
  }
  return moved;
}
