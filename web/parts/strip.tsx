/** Counts by severity that are the filter: several may be pressed. */
import { listOf, toggled, useNav } from '../lib/nav.ts';
import { number } from '../lib/words.ts';
import { Icon } from './icon.tsx';
import { countOf, SEVERITIES, type SeverityCounts, SeverityMeter } from './severity.tsx';

export interface StripProps {
  readonly counts: SeverityCounts;
  readonly all: number;
  readonly exploited: number;
  readonly fixable: number;
  /** false: nothing reacts to buttons, as in a file without scripts. */
  readonly isLive?: boolean;
}

export function Strip({ counts, all, exploited, fixable, isLive = true }: StripProps) {
  const nav = useNav();
  const severities = listOf(nav.query, 'severity');
  const [isExploited, isFixable] = [nav.query.get('exploited') === '1', nav.query.get('fix') === 'yes'];
  const isAll = severities.length === 0 && !isExploited && !isFixable;
  const go = (changes: Parameters<typeof nav.with>[0]) => nav.go(nav.with(changes), { replace: true });
  const parts = [
    {
      key: 'all',
      count: all,
      name: <span class="muted">all findings</span>,
      isOn: isAll,
      act: () => go({ severity: null, exploited: null, fix: null }),
    },
    ...SEVERITIES.map((severity) => ({
      key: severity,
      count: countOf(counts, severity),
      name: (
        <span class={`severity ${severity}`}>
          <SeverityMeter of={severity} />
          {severity}
        </span>
      ),
      isOn: severities.includes(severity),
      act: () => go({ severity: toggled(nav.query, 'severity', severity) }),
    })),
    {
      key: 'exploited',
      count: exploited,
      name: (
        <span class="severity High">
          <Icon name="flame" />
          Exploited
        </span>
      ),
      isOn: isExploited,
      act: () => go({ exploited: isExploited ? null : '1' }),
    },
    {
      key: 'fix',
      count: fixable,
      name: <span class="muted">with a fix</span>,
      isOn: isFixable,
      act: () => go({ fix: isFixable ? null : 'yes' }),
    },
  ];
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be a flex container everywhere
    <div class="strip" role="group" aria-label="Findings by severity">
      {parts.map(({ key, count, name, isOn, act }) =>
        isLive ? (
          <button
            key={key}
            type="button"
            class="count-filter"
            aria-pressed={isOn}
            onClick={act}
            data-filter={key}
          >
            <b>{number(count)}</b>
            {name}
          </button>
        ) : (
          <div key={key}>
            <b>{number(count)}</b>
            {name}
          </div>
        ),
      )}
    </div>
  );
}
