/** Two images, or one at two dates: how many findings came and went, and why. */
import { useState } from 'preact/hooks';
import type { Compared, ComparedPackages } from '../../src/model/api/console/types.ts';
import { apiPath } from '../lib/api-path.ts';
import { useLoad } from '../lib/load.ts';
import { useNav } from '../lib/nav.ts';
import { counted, dayText, number, shortDigest, signed } from '../lib/words.ts';
import { Card, Empty, Facts } from '../parts/blocks.tsx';
import { CveLink } from '../parts/cve-table.tsx';
import { SearchField, Tabs } from '../parts/filters.tsx';
import { FindingTable } from '../parts/findings.tsx';
import { Icon } from '../parts/icon.tsx';
import { refName, shortName } from '../parts/image-name.tsx';
import { CopyLink, ExportMenu, Page, Shown } from '../parts/page.tsx';
import { allOf, countOf, SEVERITIES, SeverityWord } from '../parts/severity.tsx';
import { type Column, Pager, Table } from '../parts/table.tsx';

const FILTERS = ['base_at', 'head_at', 'severity', 'fix', 'exploited', 'epss', 'type', 'q'] as const;
/** Of `change`: not findings, but packages. */
const PACKAGES = 'packages';
const DIGEST = 'sha(256|512):[0-9a-fA-F]{64,128}';

export function CompareView({ base, head }: { base: string; head: string }) {
  const nav = useNav();
  const change = nav.query.get('change') ?? 'new';
  // The packages are a list of their own.
  const isOfPackages = change === PACKAGES;
  const path = isOfPackages
    ? apiPath('compare', nav.query, ['base_at', 'head_at'], { base, head, limit: '1' })
    : apiPath('compare', nav.query, [...FILTERS, 'after', 'limit'], { base, head, change });
  const loaded = useLoad<Compared>(path, `${base} ${head}`);
  const { data } = loaded;
  return (
    <Page
      title={data === undefined ? 'Compare images' : sentence(data)}
      crumb={[
        ['Images', nav.href(['images'])],
        [data === undefined ? shortDigest(head) : shortName(refName(data.head)), nav.href(['images', head])],
      ]}
      facts={data !== undefined && <AsOf of={data} />}
      acts={
        <>
          <CopyLink />
          <ExportMenu
            of={[
              {
                title: 'CSV',
                path: apiPath('compare', nav.query, FILTERS, { base, head, limit: '200' }),
                file: 'compare.csv',
                accept: 'text/csv',
              },
            ]}
          />
        </>
      }
    >
      <Sides key={`${base} ${head}`} base={base} head={head} />
      <Shown
        of={loaded}
        missing={
          <section class="card">
            <Empty icon="box" title="One of the two images is not indexed">
              <p>{loaded.error?.message}</p>
            </Empty>
          </section>
        }
      >
        {(of) => (
          <>
            <div class="grid">
              <CountsCard of={of} />
              <WhyCard of={of} />
            </div>
            <section class="card" aria-label="Differences">
              <Tabs
                name="change"
                label="Differences"
                tabs={[
                  ['new', 'New', of.new],
                  ['gone', 'Gone', of.gone],
                  ['same', 'As before', of.same],
                  [PACKAGES, 'Packages', of.packages],
                ]}
              />
              {isOfPackages ? (
                <Packages base={base} head={head} />
              ) : (
                <Findings of={of} change={change} isOld={loaded.isSlow} />
              )}
            </section>
          </>
        )}
      </Shown>
    </Page>
  );
}

function sentence({ base, head, before, after, base_at: at }: Compared): string {
  const nameIn = (image: Compared['head']) => shortName(refName(image));
  const more = allOf(after) - allOf(before);
  const other = base.digest === head.digest ? (at === null ? 'itself' : `on ${dayText(at)}`) : nameIn(base);
  if (more === 0) return `${nameIn(head)} has as many findings as ${other}`;
  return `${nameIn(head)} has ${counted(Math.abs(more), 'finding')} ${more > 0 ? 'more' : 'fewer'} than ${other}`;
}

function AsOf({ of: { base_at: base, head_at: head } }: { of: Compared }) {
  if (base === null && head === null)
    return <p class="muted">Both images are matched against today's advisories.</p>;
  const word = (at: string | null) =>
    at === null ? "today's advisories" : `advisories as of ${dayText(at)}`;
  return (
    <p class="muted">
      Before: {word(base)}. After: {word(head)}.
    </p>
  );
}

/** Which two, each at a date: today if none is given. */
function Sides({ base, head }: { base: string; head: string }) {
  const nav = useNav();
  const [fields, setFields] = useState({
    base,
    head,
    base_at: nav.query.get('base_at') ?? '',
    head_at: nav.query.get('head_at') ?? '',
  });
  const field = (name: 'base' | 'head', title: string) => (
    <div>
      <label>
        {title}
        <input
          type="text"
          name={name}
          required
          pattern={DIGEST}
          title="Digest of an indexed image: sha256:…"
          class="mono"
          spellcheck={false}
          value={fields[name]}
          onInput={({ currentTarget }) => setFields({ ...fields, [name]: currentTarget.value.trim() })}
        />
      </label>
      <label>
        as of
        <input
          type="date"
          name={`${name}_at`}
          max={new Date().toISOString().slice(0, 10)}
          value={fields[`${name}_at`]}
          onInput={({ currentTarget }) => setFields({ ...fields, [`${name}_at`]: currentTarget.value })}
        />
      </label>
    </div>
  );
  const show = (of: typeof fields) =>
    nav.go(
      nav.href(['compare', `${of.base}...${of.head}`], {
        base_at: of.base_at || null,
        head_at: of.head_at || null,
      }),
    );
  return (
    <form
      class="card sides"
      onSubmit={(event) => {
        event.preventDefault();
        show(fields);
      }}
    >
      {field('base', 'Before')}
      <button
        type="button"
        class="button"
        aria-label="Swap the two"
        onClick={() =>
          show({ base: fields.head, head: fields.base, base_at: fields.head_at, head_at: fields.base_at })
        }
      >
        <Icon name="swap" />
      </button>
      {field('head', 'After')}
      <button type="submit" class="button main">
        Compare
      </button>
    </form>
  );
}

interface CountRow {
  readonly key: string;
  readonly name: preact.ComponentChildren;
  readonly before: number;
  readonly after: number;
  readonly added: number;
  readonly gone: number;
}

function CountsCard({ of }: { of: Compared }) {
  const rows: readonly CountRow[] = [
    ...SEVERITIES.map((severity) => ({
      key: severity,
      name: <SeverityWord of={severity} />,
      before: countOf(of.before, severity),
      after: countOf(of.after, severity),
      added: countOf(of.new_counts, severity),
      gone: countOf(of.gone_counts, severity),
    })),
    {
      ...{ key: 'all', name: <b>All</b>, before: allOf(of.before), after: allOf(of.after) },
      ...{ added: of.new, gone: of.gone },
    },
  ];
  const columns: readonly Column<CountRow>[] = [
    { title: 'Severity', class: 'whole', cell: ({ name }) => name },
    { title: 'Before', isNumber: true, label: 'Before', cell: ({ before }) => number(before) },
    { title: 'After', isNumber: true, label: 'After', cell: ({ after }) => number(after) },
    { title: 'New', isNumber: true, label: 'New', cell: ({ added }) => <Moved by={added} kind="bad" /> },
    { title: 'Gone', isNumber: true, label: 'Gone', cell: ({ gone }) => <Moved by={-gone} kind="good" /> },
    {
      title: 'Change',
      isNumber: true,
      label: 'Change',
      cell: ({ before, after }) => (
        <b class={after > before ? 'bad' : after < before ? 'good' : 'muted'}>{signed(after - before)}</b>
      ),
    },
  ];
  return (
    <Card class="w5" title="In counts">
      <Table caption="Findings before and after" columns={columns} rows={rows} rowKey={({ key }) => key} />
    </Card>
  );
}

function Moved({ by, kind }: { by: number; kind: 'bad' | 'good' }) {
  return <span class={by === 0 ? 'muted' : kind}>{signed(by)}</span>;
}

const KINDS = {
  added: ['Added', 'bad'],
  removed: ['Removed', 'good'],
  upgraded: ['Upgraded', 'good'],
  downgraded: ['Downgraded', 'bad'],
  newly_known: ['Newly known', 'bad'],
  withdrawn: ['Withdrawn', 'good'],
} as const;

function WhyCard({ of: { why } }: { of: Compared }) {
  return (
    <Card class="w7" title="Why">
      {why.length === 0 ? (
        <p class="pad muted">No package differs, and no advisory.</p>
      ) : (
        <Facts>
          {why.slice(0, 12).map(({ kind, type, package: name, from, to, new: came, gone }) => (
            <li key={`${kind} ${type} ${name} ${from} ${to}`}>
              <span>
                <span class={`tag ${KINDS[kind][1]}`}>{KINDS[kind][0]}</span> <b>{name}</b>{' '}
                <code>{[...new Set([from, to])].filter((each) => each !== null).join(' → ')}</code>{' '}
                <span class="muted">{type}</span>
              </span>
              <span class="nowrap">
                {came > 0 && <span class="bad">+{number(came)}</span>}{' '}
                {gone > 0 && <span class="good">−{number(gone)}</span>}
                {came + gone === 0 && <span class="muted">0</span>}
              </span>
            </li>
          ))}
        </Facts>
      )}
      {why.length > 12 && <p class="pager">{counted(why.length - 12, 'more package')}</p>}
    </Card>
  );
}

function Findings({ of, change, isOld }: { of: Compared; change: string; isOld: boolean }) {
  return (
    <>
      <div class="tools">
        <SearchField label="CVE or package" />
      </div>
      {of.findings.length === 0 ? (
        <Empty
          icon="good"
          title={
            change === 'new'
              ? 'No finding is new'
              : change === 'gone'
                ? 'No finding is gone'
                : 'No finding is in both'
          }
        />
      ) : (
        <FindingTable
          caption="Findings"
          findings={of.findings}
          hasPackage
          isOld={isOld}
          name={({ id }) => <CveLink id={id} />}
        />
      )}
      <Pager next={of.next} shown={of.findings.length} total={of.total} noun="findings" />
    </>
  );
}

type PackageRow = ComparedPackages['packages'][number];

/** The packages that differ, with findings or without. */
function Packages({ base, head }: { base: string; head: string }) {
  const nav = useNav();
  const loaded = useLoad<ComparedPackages>(
    apiPath('compare/packages', nav.query, ['q', 'type', 'after', 'limit'], { base, head }),
    `${base} ${head}`,
  );
  const version = (of: string | null) => (of === null ? <span class="muted">–</span> : <code>{of}</code>);
  const columns: readonly Column<PackageRow>[] = [
    {
      title: 'Package',
      class: 'whole lead',
      cell: ({ package: name, type }) => (
        <>
          <a href={nav.href(['packages', type, ...name.split('/')])} data-row>
            {name}
          </a>
          <span class="sub">{type}</span>
        </>
      ),
    },
    {
      title: 'Change',
      cell: ({ kind }) => <span class="tag">{KINDS[kind][0]}</span>,
    },
    { title: 'Before', label: 'Before', class: 'whole', cell: ({ from }) => version(from) },
    { title: 'After', label: 'After', class: 'whole', cell: ({ to }) => version(to) },
  ];
  return (
    <>
      <div class="tools">
        <SearchField label="Package" />
      </div>
      <Shown of={loaded}>
        {({ packages, total, next }) =>
          packages.length === 0 ? (
            <Empty icon="box" title="No package differs" />
          ) : (
            <>
              <Table
                caption="Packages that differ"
                columns={columns}
                rows={packages}
                rowKey={({ type, package: name }) => `${type} ${name}`}
                isOld={loaded.isSlow}
              />
              <Pager next={next} shown={packages.length} total={total} noun="packages" />
            </>
          )
        }
      </Shown>
    </>
  );
}
