/** One feed: its tries, what each run changed, and records that could not be read. */
import type { ConsoleFeedDetail } from '../../src/model/api/console/types.ts';
import { apiPath } from '../lib/api-path.ts';
import { useLoad } from '../lib/load.ts';
import { useNav } from '../lib/nav.ts';
import { useRole } from '../lib/session.ts';
import { counted, minuteText, number } from '../lib/words.ts';
import { Card, Empty, Facts, Notice } from '../parts/blocks.tsx';
import { State, Tries, When } from '../parts/marks.tsx';
import { CopyLink, Page, Shown } from '../parts/page.tsx';
import { type Column, Table } from '../parts/table.tsx';
import { FEED_WORDS, reliance } from './feeds.tsx';
import { UpdateFeeds } from './update-feeds.tsx';

/** A record that could not be read. */
interface Problem {
  readonly where?: string;
  readonly reason?: string;
}

export function FeedView({ name }: { name: string }) {
  const nav = useNav();
  const loaded = useLoad<ConsoleFeedDetail>(
    apiPath('feed', new URLSearchParams(), [], { name }),
    name,
    30_000,
  );
  const canOperate = useRole('operate');
  const { data } = loaded;
  return (
    <Page
      title={name}
      crumb={[['Feeds', nav.href(['feeds'])]]}
      facts={
        data !== undefined && (
          <div class="facts">
            <State kind={FEED_WORDS[data.state].kind}>{FEED_WORDS[data.state].word}</State>
            <span>
              <b>
                {counted(
                  data.rows,
                  data.kind === 'enrichment' ? 'record' : 'advisory',
                  data.kind === 'enrichment' ? 'records' : 'advisories',
                )}
              </b>
            </span>
            <span>
              Relying on it: <b>{reliance(data)}</b>
            </span>
          </div>
        )
      }
      acts={
        <>
          <CopyLink />
          {canOperate && data !== undefined && data.state !== 'off' && (
            <UpdateFeeds
              only={data.kind === 'set' ? { sets: [data.set] } : { feeds: [name] }}
              done={loaded.reload}
            />
          )}
        </>
      }
    >
      <Shown
        of={loaded}
        missing={
          <section class="card">
            <Empty icon="search" title={`No feed is called ${name}`}>
              <a class="button" href={nav.href(['feeds'])}>
                All feeds
              </a>
            </Empty>
          </section>
        }
      >
        {(of) => <Detail of={of} />}
      </Shown>
    </Page>
  );
}

function Detail({ of }: { of: ConsoleFeedDetail }) {
  return (
    <>
      {of.last_error !== null && of.failures > 0 && (
        <Notice kind="failed">
          <b>Failed {counted(of.failures, 'time')} in a row.</b> {of.last_error}. Packages that rely on this
          feed are checked against its last success, or not checked.
        </Notice>
      )}
      <div class="grid">
        <div class="stack w8 wide">
          <Runs of={of} />
          <Problems of={of} />
        </div>
        <div class="stack w4 wide">
          <Card title="When">
            <Facts>
              <li>
                <span>Last try</span>
                <When at={of.last_attempt} />
              </li>
              <li>
                <span>Last success</span>
                <When at={of.last_success} />
              </li>
              <li>
                <span>Next try</span>
                <When at={of.next_try} never="not planned" />
              </li>
              <li>
                <span>Last {of.tries.length} tries</span>
                <Tries
                  of={of.tries.toReversed().map(({ at, outcome, error }) => ({
                    failed: outcome === 'failed',
                    about: `${at === null ? '' : minuteText(at)}: ${error ?? outcome}`,
                  }))}
                />
              </li>
            </Facts>
          </Card>
          <Card title="Scopes" more={number(of.scopes.length)}>
            <p class="pad">{of.scopes.slice(0, 60).join(', ') || 'All packages.'}</p>
          </Card>
        </div>
      </div>
    </>
  );
}

function Runs({ of: { runs } }: { of: ConsoleFeedDetail }) {
  const columns: readonly Column<ConsoleFeedDetail['runs'][number]>[] = [
    { title: 'When', cell: ({ at }) => <When at={at} /> },
    {
      title: 'Added',
      isNumber: true,
      label: 'Added',
      cell: ({ added }) => (added === null ? <span class="muted">unknown</span> : `+${number(added)}`),
    },
    {
      title: 'Removed',
      isNumber: true,
      label: 'Removed',
      cell: ({ removed }) => (removed === null ? <span class="muted">unknown</span> : `−${number(removed)}`),
    },
    { title: 'Update operation', class: 'whole', cell: ({ ref }) => <code>{ref}</code> },
  ];
  return (
    <Card title="Runs that changed something">
      {runs.length === 0 ? (
        <Empty icon="never" title="No run yet" />
      ) : (
        <Table caption="Runs" columns={columns} rows={runs} rowKey={({ ref }) => ref} />
      )}
    </Card>
  );
}

function Problems({ of: { problems, problem_count: count } }: { of: ConsoleFeedDetail }) {
  if (count === 0) return null;
  return (
    <Card title="Records that could not be read" more={`${number(problems.length)} of ${number(count)}`}>
      <Facts>
        {(problems as readonly Problem[]).map(({ where, reason }) => (
          <li key={`${where} ${reason}`}>
            <code>{where}</code>
            <span class="muted">{reason}</span>
          </li>
        ))}
      </Facts>
    </Card>
  );
}
