/** What changed, and the trend of open findings. */
import type { Overview, Trend } from '../../src/model/api/console/types.ts';
import { useLoad } from '../lib/load.ts';
import { scopeOf, useNav } from '../lib/nav.ts';
import { counted, number, signed, since as sinceText } from '../lib/words.ts';
import { Card } from '../parts/blocks.tsx';
import { TrendChart } from '../parts/trend-chart.tsx';

export function Since({ of: { since, decisions } }: { of: Overview }) {
  const nav = useNav();
  const trend = useLoad<Trend>('trend?days=30');
  const { withdrawn, replaced, deleted } = since.gone;
  const gone = withdrawn + replaced + deleted;
  const from = since.from === null ? undefined : Date.now() - Date.parse(since.from);
  const isDay = from === undefined || Math.abs(from - 86_400_000) < 2 * 3_600_000;
  const [first, ...others] = since.newly_exploited;
  return (
    <Card
      class="w7 wide"
      title={isDay ? 'Since yesterday' : `Since ${sinceText(since.from!, Date.now())}`}
      more={<a href={nav.href(['images'], { ...scopeOf(nav.query), changed: '1d' })}>Images that changed</a>}
    >
      <div class="delta">
        <a href={nav.href(['cves'], { ...scopeOf(nav.query), since: '1d' })}>
          <b class={since.new.findings > 0 ? 'bad' : ''}>{signed(since.new.findings)}</b>
          <span>new findings, in {counted(since.new.images, 'image')}</span>
        </a>
        <a href={nav.href(['images'], { ...scopeOf(nav.query), changed: '1d' })}>
          <b class={gone > 0 ? 'good' : ''}>{signed(-gone)}</b>
          <span>
            gone: {number(replaced)} by newer images, {number(withdrawn)} by feeds, {number(deleted)} deleted
          </span>
        </a>
        <a
          href={
            first === undefined
              ? nav.href(['cves'], { ...scopeOf(nav.query), exploited: '1' })
              : nav.href(['cves', first])
          }
        >
          <b>{number(since.newly_exploited.length)}</b>
          <span>
            newly exploited{first !== undefined && `: ${first}`}
            {others.length > 0 && ` +${others.length}`}
          </span>
        </a>
        <a href={nav.href(['decisions'], { state: decisions.expired > 0 ? 'expired' : 'expiring' })}>
          <b>{number(decisions.expiring_7d)}</b>
          <span>
            {decisions.expiring_7d === 1 ? 'decision expires' : 'decisions expire'} this week
            {decisions.expired > 0 && `, ${number(decisions.expired)} expired`}
          </span>
        </a>
      </div>
      {trend.data !== undefined && <TrendChart of={trend.data.days} />}
      {nav.query.has('label') && <p class="pad muted">The trend is that of all images.</p>}
    </Card>
  );
}
