/** Small marks that several views have: risk, reasons, states, times, names. */
import type { ComponentChildren } from 'preact';
import { counted, dayText, minuteText, percent, riskText, shortDigest, since } from '../lib/words.ts';
import { Icon, type IconName } from './icon.tsx';

/** A number and its bar; `most` fills the bar. null: unknown, which is not 0. */
export function Risk({ of, most }: { of: number | null; most: number }) {
  if (of === null) return <span class="muted">unknown</span>;
  const width = most > 0 ? Math.max(of > 0 ? 1 : 0, Math.min(56, (of / most) * 56)) : 0;
  return (
    <span class="risk">
      {riskText(of)}
      <svg viewBox="0 0 56 6" preserveAspectRatio="none" aria-hidden="true">
        <rect class="track" width="56" height="6" rx="3" />
        <rect class="fill" width={width.toFixed(1)} height="6" rx="3" />
      </svg>
    </span>
  );
}

export function Exploited({ count }: { count?: number }) {
  return (
    <span class="tag hot" title="In CISA's catalog of known exploited vulnerabilities">
      <Icon name="flame" />
      {count === undefined ? 'Exploited' : count}
      {count !== undefined && <span class="word">exploited</span>}
    </span>
  );
}

/** Why something is looked at first: exploited, and how likely that is within 30 days. */
export function Why({
  exploited,
  epss,
  notes = [],
}: {
  exploited: boolean;
  epss: number | null;
  notes?: readonly string[];
}) {
  return (
    <span class="tags line">
      {exploited && <Exploited />}
      {epss !== null && epss >= 0.01 && (
        <span class="tag" title="Probability of exploitation within 30 days">
          EPSS {percent(epss)}
        </span>
      )}
      {notes.map((note) => (
        <span key={note} class="tag">
          {note}
        </span>
      ))}
    </span>
  );
}

const STATES = {
  good: 'good',
  warn: 'warn',
  bad: 'bad',
  off: 'off',
  never: 'never',
} as const satisfies Record<string, IconName>;

export function State({ kind, children }: { kind: keyof typeof STATES; children: ComponentChildren }) {
  return (
    <span class={`state ${kind === 'never' ? 'bad' : kind === 'off' ? 'muted' : kind}`}>
      <Icon name={STATES[kind]} />
      {children}
    </span>
  );
}

/** `2 h ago`; the time itself is in the title. */
export function When({ at, never = 'never' }: { at: string | null; never?: string }) {
  if (at === null) return <span class="muted">{never}</span>;
  return (
    <time dateTime={at} title={minuteText(at)}>
      {since(at, Date.now())}
    </time>
  );
}

export function Day({ at }: { at: string }) {
  return (
    <time dateTime={at} title={minuteText(at)}>
      {dayText(at)}
    </time>
  );
}

export function Digest({ of }: { of: string }) {
  return (
    <code title={of} class="nowrap">
      {shortDigest(of)}
    </code>
  );
}

export function Versions({ from, to }: { from: string; to: string | null }) {
  if (to === null || to === '')
    return (
      <>
        <code>{from}</code> <span class="muted nowrap">no fix</span>
      </>
    );
  return (
    <span class="versions">
      <code class="muted">{from}</code>
      <span aria-hidden="true">→</span>
      <span class="hidden-text">upgrade to</span>
      <code>{to}</code>
    </span>
  );
}

/** So many are kept. */
const MAX_TRIES = 20;

/** A bar for each try, the newest last; failed ones are full bars. */
export function Tries({ of }: { of: readonly { readonly failed: boolean; readonly about?: string }[] }) {
  const failed = of.filter((each) => each.failed).length;
  if (of.length === 0) return <span class="muted">none</span>;
  return (
    <svg
      class="tries"
      viewBox="0 0 118 14"
      role="img"
      aria-label={`${counted(of.length, 'try', 'tries')}, ${failed} failed`}
    >
      {Array.from({ length: Math.max(0, MAX_TRIES - of.length) }, (_, index) => (
        <rect key={`none ${index}`} class="none" x={index * 6} y={4} width="4" height={10} />
      ))}
      {of.map(({ failed: isFailed, about }, index) => (
        <rect
          key={index}
          class={isFailed ? 'failed' : 'ok'}
          // The last ones are below one another.
          x={(MAX_TRIES - of.length + index) * 6}
          y={isFailed ? 0 : 4}
          width="4"
          height={isFailed ? 14 : 10}
        >
          {about !== undefined && <title>{about}</title>}
        </rect>
      ))}
    </svg>
  );
}
