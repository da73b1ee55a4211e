/** Severity: a meter, a word and a color, so that none of them is alone. */
import type { Severity } from '../../src/model/severity.ts';
import { number } from '../lib/words.ts';

/** The worst first. */
export const SEVERITIES = ['Critical', 'High', 'Medium', 'Low', 'Negligible', 'Unknown'] as const;

/** Filled bars of four; Unknown has a mark of its own. */
const BARS: Readonly<Record<Severity, number>> = {
  Critical: 4,
  High: 3,
  Medium: 2,
  Low: 1,
  Negligible: 0,
  Unknown: -1,
};

export type SeverityCounts = Readonly<Record<Lowercase<Severity>, number>>;

export function countOf(counts: SeverityCounts, severity: Severity): number {
  return counts[severity.toLowerCase() as Lowercase<Severity>];
}

export function allOf(counts: SeverityCounts): number {
  return SEVERITIES.reduce((sum, severity) => sum + countOf(counts, severity), 0);
}

export function SeverityMeter({ of }: { of: Severity }) {
  const filled = BARS[of];
  if (filled < 0)
    return (
      <svg viewBox="0 0 13 12" aria-hidden="true">
        <path
          d="M1 .8h11v10.4H1ZM4.7 4.6a1.8 1.8 0 1 1 2.6 1.6c-.5.3-.8.6-.8 1.1M6.5 9.2v.1"
          fill="none"
          stroke="currentColor"
          stroke-dasharray="2 1.2"
        />
      </svg>
    );
  return (
    <svg viewBox="0 0 13 12" aria-hidden="true">
      {[0, 1, 2, 3].map((bar) => (
        <rect
          key={bar}
          x={bar * 3.4}
          y={9 - bar * 3}
          width="2.4"
          height={3 + bar * 3}
          rx=".6"
          opacity={bar < filled ? 1 : 0.25}
        />
      ))}
    </svg>
  );
}

export function SeverityWord({ of }: { of: Severity }) {
  return (
    <span class={`severity ${of}`}>
      <SeverityMeter of={of} />
      {of}
    </span>
  );
}

/** Counts that are not zero, each with its meter; the word is there for screen readers and in the title. */
export function Counts({ of }: { of: SeverityCounts }) {
  const present = SEVERITIES.filter((severity) => countOf(of, severity) > 0);
  if (present.length === 0) return <span class="muted">0</span>;
  return (
    <span class="counts">
      {present.map((severity) => (
        <span
          key={severity}
          class={`severity ${severity}`}
          title={`${severity}: ${number(countOf(of, severity))}`}
        >
          <SeverityMeter of={severity} />
          {number(countOf(of, severity))}
          <span class="hidden-text"> {severity}</span>
        </span>
      ))}
    </span>
  );
}
