/** Feeds, the worst first: how old they are, what failed, and which images rely on them. */
import type { ConsoleFeed, ConsoleFeeds } from '../../src/model/api/console/types.ts';
import { apiPath } from '../lib/api-path.ts';
import { useLoad } from '../lib/load.ts';
import { type Nav, useNav } from '../lib/nav.ts';
import { useRole } from '../lib/session.ts';
import { counted, number } from '../lib/words.ts';
import { Notice } from '../parts/blocks.tsx';
import { Choice, SearchField } from '../parts/filters.tsx';
import { List } from '../parts/list.tsx';
import { State, Tries, When } from '../parts/marks.tsx';
import { CopyLink, Page } from '../parts/page.tsx';
import { type Column, Table } from '../parts/table.tsx';
import { UpdateFeeds } from './update-feeds.tsx';

const FILTERS = ['state', 'q'] as const;
type Listed = ConsoleFeeds['feeds'][number];

export const FEED_WORDS = {
  current: { word: 'Current', kind: 'good' },
  stale: { word: 'Stale', kind: 'warn' },
  failing: { word: 'Failing', kind: 'bad' },
  never: { word: 'Never loaded', kind: 'never' },
  off: { word: 'Disabled', kind: 'off' },
} as const;

/** How many images rely on a feed. One that was never loaded has not said what it is about. */
export function reliance({ images, kind }: Pick<ConsoleFeed, 'images' | 'kind'>): string {
  if (images !== null) return counted(images, 'image');
  return kind === 'enrichment' ? 'all images' : 'images unknown until it is loaded';
}

export function feedHref(nav: Nav, name: string): string {
  return nav.href(['feeds', ...name.split('/')]);
}

export function FeedsView() {
  const nav = useNav();
  const loaded = useLoad<ConsoleFeeds>(
    apiPath('feeds', nav.query, [...FILTERS, 'after', 'limit']),
    '',
    30_000,
  );
  const canOperate = useRole('operate');
  const counts: Readonly<Record<string, number>> = loaded.data?.counts ?? {};
  const failing = (loaded.data?.feeds ?? []).filter(
    ({ state, images }) => state === 'failing' && images !== 0,
  );
  const title = (state: keyof typeof FEED_WORDS) => `${FEED_WORDS[state].word} ${number(counts[state] ?? 0)}`;
  return (
    <Page
      title="Feeds"
      facts={
        loaded.data?.updating && (
          <div class="facts">
            <span role="status">An update is running.</span>
          </div>
        )
      }
      acts={
        <>
          <CopyLink />
          {canOperate && <UpdateFeeds done={loaded.reload} />}
        </>
      }
    >
      <Failing of={failing} count={counts.failing ?? 0} />
      <List
        of={loaded}
        noun="feeds"
        filters={FILTERS}
        total={({ total }) => total}
        next={({ next }) => next}
        shown={({ feeds }) => feeds.length}
        empty={{ icon: 'never', title: 'No feed is known yet', text: <p>The first update lists them.</p> }}
        tools={
          <>
            <SearchField label="Feed" />
            <Choice
              name="state"
              label="Feeds by state"
              options={[
                ['', 'All'],
                ['failing', title('failing')],
                ['stale', title('stale')],
                ['never', title('never')],
                ['current', title('current')],
                ['off', title('off')],
              ]}
            />
          </>
        }
      >
        {({ feeds }, isOld) => (
          <Table
            caption="Feeds"
            columns={columnsOf(nav, canOperate, loaded.reload)}
            rows={feeds}
            rowKey={({ name }) => name}
            isOld={isOld}
          />
        )}
      </List>
    </Page>
  );
}

/** The one that most images rely on, and how many more there are. */
function Failing({ of, count }: { of: readonly Listed[]; count: number }) {
  const nav = useNav();
  const worst = of.toSorted((a, b) => (b.images ?? 0) - (a.images ?? 0))[0];
  if (worst === undefined) return null;
  const { name, kind, failures, last_error: error, images } = worst;
  return (
    <Notice kind="failed">
      <b>
        {name} failed {counted(failures, 'time')} in a row.
      </b>{' '}
      {error}. Relying on it: {reliance({ images, kind })}. <a href={feedHref(nav, name)}>Show the feed</a>
      {count > 1 && (
        <>
          {' '}
          <a href={nav.with({ state: 'failing' })}>and {counted(count - 1, 'more feed')} that failed</a>
        </>
      )}
    </Notice>
  );
}

function columnsOf(nav: Nav, canOperate: boolean, reload: () => void): readonly Column<Listed>[] {
  return [
    {
      title: 'Feed',
      class: 'whole lead',
      cell: ({ name, set, kind }) => (
        <>
          <a class="name" href={feedHref(nav, name)} data-row>
            {name}
          </a>
          <span class="sub">{kind === 'enrichment' ? `${set}, enrichment` : set}</span>
        </>
      ),
    },
    {
      title: 'State',
      class: 'whole',
      cell: ({ state, last_error: error, failures, problem_count: problems }) => (
        <>
          <State kind={FEED_WORDS[state].kind}>{FEED_WORDS[state].word}</State>
          {error !== null && failures > 0 && (
            <span class="sub">
              {error}, {counted(failures, 'time')} in a row
            </span>
          )}
          {problems > 0 && <span class="sub">{counted(problems, 'record')} could not be read</span>}
        </>
      ),
    },
    { title: 'Last success', label: 'Last success', cell: ({ last_success: at }) => <When at={at} /> },
    {
      title: 'Next try',
      class: 'nowrap not-1024 not-390',
      cell: ({ next_try: at }) => <When at={at} never="–" />,
    },
    {
      title: 'Last tries',
      class: 'not-1024 not-390',
      cell: ({ recent }) => <Tries of={recent.map((failed) => ({ failed }))} />,
    },
    { title: 'Advisories', isNumber: true, label: 'Advisories', cell: ({ rows }) => number(rows) },
    {
      title: 'Last change',
      isNumber: true,
      class: 'not-390',
      cell: ({ last_change: change }) =>
        change === null ? (
          <span class="muted">–</span>
        ) : (
          <span title={change.at ?? ''}>
            {change.added === null ? (
              <When at={change.at} />
            ) : (
              `+${number(change.added)} −${number(change.removed ?? 0)}`
            )}
          </span>
        ),
    },
    {
      title: 'Images',
      isNumber: true,
      label: 'Images',
      cell: (feed) =>
        feed.images !== null ? (
          number(feed.images)
        ) : (
          <span class="muted" title={reliance(feed)}>
            {feed.kind === 'enrichment' ? 'all' : 'unknown'}
          </span>
        ),
    },
    ...(canOperate
      ? [
          {
            title: 'Actions',
            isQuiet: true,
            class: 'not-390',
            cell: ({ name, state, kind, set }: Listed) =>
              state === 'off' ? null : (
                <UpdateFeeds
                  only={kind === 'set' ? { sets: [set] } : { feeds: [name] }}
                  name={name}
                  done={reload}
                />
              ),
          },
        ]
      : []),
  ];
}
