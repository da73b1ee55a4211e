/** Triage: what was decided about findings, by whom, and until when. */
import { useState } from 'preact/hooks';
import type { Decision, Decisions, VexImport } from '../../src/model/api/console/types.ts';
import { call } from '../lib/api.ts';
import { apiPath } from '../lib/api-path.ts';
import { forget, useLoad } from '../lib/load.ts';
import { useNav } from '../lib/nav.ts';
import { useRole } from '../lib/session.ts';
import { counted, number, shortDigest } from '../lib/words.ts';
import { Notice } from '../parts/blocks.tsx';
import { CveLink } from '../parts/cve-table.tsx';
import { Choice } from '../parts/filters.tsx';
import { STATUS_WORDS } from '../parts/findings.tsx';
import { Icon } from '../parts/icon.tsx';
import { List } from '../parts/list.tsx';
import { Day, State } from '../parts/marks.tsx';
import { CopyLink, ExportMenu, Page } from '../parts/page.tsx';
import { type Column, Table } from '../parts/table.tsx';
import { DecisionDetail, scopeText } from './decision-detail.tsx';

const FILTERS = ['state', 'cve', 'image', 'by'] as const;
/** A VEX document that is imported by hand. */
const MAX_BYTES = 16 * 1024 * 1024;

export function DecisionsView() {
  const nav = useNav();
  const loaded = useLoad<Decisions>(apiPath('decisions', nav.query, [...FILTERS, 'sort', 'after', 'limit']));
  const canDecide = useRole('triage');
  const counts: Readonly<Record<string, number>> = loaded.data?.counts ?? {};
  const count = (state: string) => number(counts[state] ?? 0);
  const image = nav.query.get('image');
  return (
    <Page
      title="Triage"
      facts={
        loaded.data !== undefined && (
          <div class="facts">
            <span>
              <b>{count('holding')}</b> hold
            </span>
            <span>
              <b>{count('expiring')}</b> expire this week
            </span>
            <span>
              <b>{count('expired')}</b> expired: their findings count again
            </span>
            <span>
              <b>{count('unused')}</b> match no finding
            </span>
          </div>
        )
      }
      acts={
        <>
          <CopyLink />
          {canDecide && <ImportVex done={loaded.reload} />}
          <ExportMenu
            of={[
              {
                title: 'OpenVEX',
                path: apiPath('decisions.openvex.json', nav.query, ['image']),
                file: 'decisions.openvex.json',
              },
              {
                title: 'CSV',
                path: apiPath('decisions', nav.query, [...FILTERS, 'sort'], { limit: '200' }),
                file: 'decisions.csv',
                accept: 'text/csv',
              },
            ]}
          />
          {canDecide && (
            <a class="button main" href={nav.with({ decide: ' ' })} data-key="t">
              <Icon name="flag" />
              New
            </a>
          )}
        </>
      }
    >
      <List
        of={loaded}
        noun="decisions"
        filters={FILTERS}
        total={({ total }) => total}
        next={({ next }) => next}
        shown={({ decisions }) => decisions.length}
        empty={{
          icon: 'flag',
          title: 'No decisions yet',
          text: <p>Decide about a finding in a report, or import a VEX document.</p>,
        }}
        tools={
          <>
            <Choice
              name="state"
              label="Decisions by state"
              options={[
                ['', 'All'],
                ['expiring', `Expiring ${count('expiring')}`],
                ['expired', `Expired ${count('expired')}`],
                ['unused', `Unused ${count('unused')}`],
                ['withdrawn', 'Withdrawn'],
              ]}
            />
            {image !== null && (
              <a class="pill" href={nav.with({ image: null })} title="Remove this filter">
                {shortDigest(image)} <Icon name="close" />
              </a>
            )}
          </>
        }
      >
        {({ decisions }, isOld) => <DecisionTable decisions={decisions} isOld={isOld} />}
      </List>
      <DecisionDetail decisions={loaded.data?.decisions ?? []} done={loaded.reload} />
    </Page>
  );
}

function DecisionTable({ decisions, isOld }: { decisions: readonly Decision[]; isOld: boolean }) {
  const nav = useNav();
  const columns: readonly Column<Decision>[] = [
    {
      title: 'CVE',
      sort: 'cve',
      class: 'whole lead',
      cell: ({ cve, package: of }) => (
        <>
          <CveLink id={cve} />
          <span class="sub">{of === null ? 'every package' : of.source}</span>
        </>
      ),
    },
    { title: 'Holds for', class: 'whole', cell: ({ scope }) => scopeText(scope) },
    {
      title: 'Decision',
      cell: ({ status }) => (
        <span class={`tag ${status === 'not_affected' ? 'good' : ''}`}>{STATUS_WORDS[status]}</span>
      ),
    },
    {
      title: 'Reason',
      class: 'whole',
      cell: ({ reason, justification }) => (
        <>
          {reason}
          {justification !== null && <span class="sub">{justification.replaceAll('_', ' ')}</span>}
        </>
      ),
    },
    {
      title: 'By',
      class: 'not-1024',
      sort: 'at',
      cell: ({ by, at, source }) => (
        <>
          {by}
          <span class="sub">
            {at !== null && <Day at={at} />}
            {source === 'vex' && ' · VEX'}
          </span>
        </>
      ),
    },
    { title: 'Until', sort: 'until', cell: (decision) => <Until of={decision} /> },
    { title: 'Findings', isNumber: true, label: 'Findings', cell: ({ findings }) => number(findings) },
    {
      title: 'Actions',
      isQuiet: true,
      cell: ({ id, cve }) => (
        <a
          class="button plain"
          href={nav.with({ show: id, after: nav.query.get('after') })}
          aria-label={`Show the decision about ${cve}`}
        >
          Show
        </a>
      ),
    },
  ];
  return (
    <Table
      caption="Decisions"
      columns={columns}
      rows={decisions}
      rowKey={({ id }) => id}
      sort="until"
      isOld={isOld}
    />
  );
}

function Until({ of: { until, until_fix: fix, state } }: { of: Decision }) {
  const text = until === null ? (fix ? 'a fix is available' : 'without an end') : until;
  if (state === 'expired') return <State kind="bad">expired {text}</State>;
  if (state === 'expiring') return <State kind="warn">{text}</State>;
  if (state === 'unused')
    return (
      <>
        {text}
        <span class="sub">matches no finding</span>
      </>
    );
  return <>{state === 'withdrawn' ? 'withdrawn' : text}</>;
}

function ImportVex({ done }: { done: () => void }) {
  const [told, setTold] = useState<VexImport>();
  const [error, setError] = useState('');
  const take = async (file: File | undefined) => {
    setTold(undefined);
    setError('');
    if (file === undefined) return;
    try {
      if (file.size > MAX_BYTES) throw new Error(`${file.name} is larger than 16 MiB.`);
      const body: unknown = JSON.parse(await file.text());
      const response = await call('decisions/import', { method: 'POST', body });
      setTold((await response.json()) as VexImport);
      forget();
      done();
    } catch (reason) {
      setError(reason instanceof SyntaxError ? `${file.name} is not JSON.` : (reason as Error).message);
    }
  };
  return (
    <>
      <label class="button file">
        <Icon name="save" />
        Import VEX
        <input
          type="file"
          class="hidden-text"
          accept=".json,application/json"
          onChange={({ currentTarget }) => {
            void take(currentTarget.files?.[0]);
            currentTarget.value = '';
          }}
        />
      </label>
      {(told !== undefined || error !== '') && (
        <div class="told" role="status">
          <Notice kind={error === '' ? 'warn' : 'failed'}>
            {error !== ''
              ? error
              : `${counted(told!.made, 'decision')} made, ${counted(told!.known, 'statement')} known before, ${number(told!.refused_count)} refused.`}
            {told !== undefined && told.refused.length > 0 && (
              <ul>
                {told.refused.slice(0, 50).map(({ statement, reason }) => (
                  <li key={`${statement} ${reason}`}>
                    {statement}: {reason}
                  </li>
                ))}
              </ul>
            )}
          </Notice>
        </div>
      )}
    </>
  );
}
