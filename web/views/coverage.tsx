/** The ledger of an image: every package is in a line, and the lines add up to all of them. */
import type { ComponentChildren } from 'preact';
import type { ConsoleCoverage } from '../../src/model/api/console/types.ts';
import { useLoad } from '../lib/load.ts';
import { useNav } from '../lib/nav.ts';
import { counted, number } from '../lib/words.ts';
import { Card, Facts } from '../parts/blocks.tsx';
import { State, When } from '../parts/marks.tsx';
import { Shown } from '../parts/page.tsx';
import { type Column, Table } from '../parts/table.tsx';
import { feedHref } from './feeds.tsx';

type Line = ConsoleCoverage['lines'][number];
/** An entry of `incomplete` in the vulnerability report. */
interface Missing {
  readonly what?: string;
  readonly where?: string;
  readonly reason?: string;
  readonly packages?: number;
}

const STATES = {
  checked: ['good', 'Checked'],
  stale: ['warn', 'Checked, feed is stale'],
  not_checked: ['bad', 'Not checked'],
} as const;

export function CoverageCard({ digest, missing }: { digest: string; missing?: ComponentChildren }) {
  const loaded = useLoad<ConsoleCoverage>(`images/${encodeURIComponent(digest)}/coverage`, digest);
  return (
    <Shown of={loaded} {...(missing !== undefined && { missing })}>
      {(of) => (
        <Card
          id="coverage"
          title="What was checked"
          more={`${number(of.checked)} of ${counted(of.packages, 'package')} checked`}
        >
          <Meter of={of} />
          <Table
            caption="What was checked, by ecosystem"
            columns={useColumns()}
            rows={of.lines}
            rowKey={({ what, scope, feed, state, reason }) => [what, scope, feed, state, reason].join(' ')}
          />
          {of.other.length > 0 && (
            <>
              <header>
                <h3>Not checked, and not a package</h3>
              </header>
              <Facts>
                {(of.other as readonly Missing[]).map(({ what, where, reason }) => (
                  <li key={`${what} ${where} ${reason}`}>
                    <span>
                      {what} {where && <code>{where}</code>}
                    </span>
                    <span class="muted">{reason}</span>
                  </li>
                ))}
              </Facts>
            </>
          )}
        </Card>
      )}
    </Shown>
  );
}

function Meter({ of: { packages, checked } }: { of: ConsoleCoverage }) {
  if (packages === 0) return null;
  const width = (checked / packages) * 100;
  return (
    <div class="pad">
      <svg class="meter" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
        <rect class="no" width="100" height="8" />
        <rect class="yes" width={width.toFixed(2)} height="8" />
      </svg>
    </div>
  );
}

function useColumns(): readonly Column<Line>[] {
  const nav = useNav();
  return [
    { title: 'Ecosystem', class: 'strong', cell: ({ what }) => what },
    {
      title: 'Scope',
      class: 'not-390',
      cell: ({ scope }) => (scope === '' ? <span class="muted">–</span> : scope),
    },
    { title: 'Packages', isNumber: true, cell: ({ packages }) => number(packages) },
    {
      title: 'Feed',
      class: 'whole',
      cell: ({ feed }) =>
        feed === null ? <span class="muted">no feed</span> : <a href={feedHref(nav, feed)}>{feed}</a>,
    },
    {
      title: 'Last success',
      label: 'Last success',
      cell: ({ last_success: at }) => <When at={at} never="–" />,
    },
    {
      title: 'Result',
      class: 'whole',
      cell: ({ state, reason }) => (
        <>
          <State kind={STATES[state][0]}>{STATES[state][1]}</State>
          {reason !== null && <span class="sub">{reason}</span>}
        </>
      ),
    },
  ];
}
