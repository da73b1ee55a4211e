/** Findings in tables: by package, each of which opens to its CVEs, or one by one. */
import type { ComponentChildren } from 'preact';
import type { Finding, Group } from '../lib/finding.ts';
import { groupKey } from '../lib/finding.ts';
import { useNav } from '../lib/nav.ts';
import { NOT_LINKED, percent } from '../lib/words.ts';
import { Icon } from './icon.tsx';
import { Exploited, Risk, Versions, Why } from './marks.tsx';
import { allOf, Counts, SeverityWord } from './severity.tsx';
import { Cell, type Column, Head, Table } from './table.tsx';

export interface GroupTableProps {
  readonly groups: readonly Group[];
  /** Keys of the groups that are open. */
  readonly open: readonly string[];
  readonly sort: string;
  readonly isOld?: boolean;
  readonly toggle: (key: string) => void;
  /** Rows of an open group. */
  readonly inside: (group: Group) => ComponentChildren;
}

export function GroupTable({ groups, open, sort, isOld, toggle, inside }: GroupTableProps) {
  const most = Math.max(0, ...groups.map(({ risk }) => risk));
  const columns: readonly Column<Group>[] = [
    { title: 'Package', class: 'whole lead', sort: 'name', cell: () => null },
    {
      title: 'Upgrade',
      class: 'whole',
      cell: ({ version, upgrade }) => <Versions from={version} to={upgrade?.version ?? null} />,
    },
    {
      title: 'Fixes',
      isNumber: true,
      class: 'not-390',
      cell: ({ upgrade, counts }) =>
        upgrade ? (
          <>
            <b>{upgrade.fixes}</b> of {upgrade.of}
          </>
        ) : (
          <span class="muted">0 of {allOf(counts)}</span>
        ),
    },
    {
      title: 'Findings',
      class: 'whole',
      cell: ({ counts, exploited }) => (
        <span class="tags">
          <Counts of={counts} />
          <span class="only-1024">{exploited > 0 && <Exploited />}</span>
        </span>
      ),
    },
    {
      title: 'Why first',
      class: 'not-1024',
      cell: ({ exploited, epss_max: epss }) => <Why exploited={exploited > 0} epss={epss} />,
    },
    {
      title: 'Risk',
      isNumber: true,
      sort: 'risk',
      label: 'Risk',
      cell: ({ risk }) => <Risk of={risk} most={most} />,
    },
  ];
  return (
    <div class="scroll">
      <table class={`cards groups${isOld ? ' old' : ''}`} role="table">
        <caption class="hidden-text">Findings by package</caption>
        <Head columns={columns} sort={sort} />
        {groups.map((group) => {
          const key = groupKey(group);
          const isOpen = open.includes(key);
          return (
            <tbody key={key} role="rowgroup" {...(isOpen && { class: 'open' })}>
              <tr class="group" role="row">
                {columns.map((column, index) => (
                  <Cell key={column.title} column={column}>
                    {index === 0 ? (
                      <Name group={group} isOpen={isOpen} toggle={() => toggle(key)} />
                    ) : (
                      column.cell(group)
                    )}
                  </Cell>
                ))}
              </tr>
              {isOpen && (
                <tr class="inside" role="row">
                  <td colSpan={columns.length} role="cell">
                    <div class="inner">{inside(group)}</div>
                  </td>
                </tr>
              )}
            </tbody>
          );
        })}
      </table>
    </div>
  );
}

function Name({ group, isOpen, toggle }: { group: Group; isOpen: boolean; toggle: () => void }) {
  const { source, binaries, type, origin, paths } = group;
  const others = binaries.filter((name) => name !== source);
  return (
    <>
      <button type="button" class="disclose" aria-expanded={isOpen} data-row onClick={toggle}>
        <Icon name="open" />
        {source}
      </button>
      <span class="sub under" title={[...others, ...paths].join('\n')}>
        {[
          type,
          origin,
          others.length > 0 && others.slice(0, 3).join(', '),
          others.length > 3 && `+${others.length - 3}`,
        ]
          .filter(Boolean)
          .join(' · ')}
      </span>
    </>
  );
}

export interface FindingTableProps {
  readonly findings: readonly Finding[];
  readonly caption: string;
  /** Whether the package is a column: it is not within its own group. */
  readonly hasPackage?: boolean;
  readonly sort?: string;
  readonly isOld?: boolean;
  /** The name of the CVE, as a link or something that opens. */
  readonly name: (finding: Finding) => ComponentChildren;
  readonly acts?: (finding: Finding) => ComponentChildren;
  readonly more?: readonly Column<Finding>[];
}

export function FindingTable(props: FindingTableProps) {
  const { findings, caption, hasPackage = false, sort, isOld, name, acts, more = [] } = props;
  const most = Math.max(0, ...findings.map(({ risk }) => risk));
  const columns: readonly Column<Finding>[] = [
    { title: 'CVE', class: 'whole lead', cell: (finding) => <Names of={finding} name={name} /> },
    {
      title: 'Severity',
      ...(hasPackage && { sort: 'severity' }),
      cell: ({ severity }) => <SeverityWord of={severity} />,
    },
    {
      title: 'CVSS',
      isNumber: true,
      class: 'not-1024',
      cell: ({ cvss }) =>
        cvss && <span title={`${cvss.vector} by ${cvss.source}`}>{cvss.score.toFixed(1)}</span>,
    },
    {
      title: 'EPSS',
      isNumber: true,
      ...(hasPackage && { sort: 'epss' }),
      label: 'EPSS',
      cell: ({ epss }) => (epss === null ? <span class="muted">–</span> : percent(epss)),
    },
    ...(hasPackage
      ? [
          {
            title: 'Package',
            sort: 'package',
            class: 'whole lead',
            cell: ({ package: { name: of, version, path } }: Finding) => (
              <span title={path}>
                {of} <code class="muted">{version}</code>
              </span>
            ),
          },
        ]
      : []),
    {
      title: 'Fixed in',
      label: 'Fixed in',
      cell: ({ fixed_in: fixed }) => (fixed ? <code>{fixed}</code> : <span class="muted">no fix</span>),
    },
    { title: 'What', class: 'whole not-1024', cell: ({ title }) => title },
    ...more,
    ...(hasPackage
      ? [
          {
            title: 'Risk',
            isNumber: true,
            sort: 'risk',
            label: 'Risk',
            cell: ({ risk }: Finding) => <Risk of={risk} most={most} />,
          },
        ]
      : []),
    ...(acts === undefined ? [] : [{ title: 'Actions', isQuiet: true, cell: acts }]),
  ];
  return (
    <Table
      caption={caption}
      columns={columns}
      rows={findings}
      rowKey={({ id, package: of }) => `${id} ${of.name} ${of.version} ${of.path}`}
      {...(sort !== undefined && { sort })}
      {...(isOld && { isOld })}
    />
  );
}

function Names({ of, name }: { of: Finding; name: FindingTableProps['name'] }) {
  const { aliases, exploited, undecided, linked, notes = [], decision } = of;
  return (
    <>
      <span class="tags">
        {name(of)}
        {exploited && <Exploited />}
        {undecided && (
          <span class="tag warn" title="The version could not be compared: it may or may not be affected">
            version not comparable
          </span>
        )}
        {linked === 'no' && (
          <span class="tag" title="The vulnerable code is not in the program">
            {NOT_LINKED}
          </span>
        )}
        {notes.map((note) => (
          <span key={note} class="tag">
            {note}
          </span>
        ))}
        {decision && <Decided of={decision} />}
      </span>
      {aliases.length > 0 && <span class="sub">{aliases.slice(0, 3).join(', ')}</span>}
    </>
  );
}

/** What was decided, in the words of the triage. */
export const STATUS_WORDS = {
  affected: 'Will be fixed',
  accepted: 'Risk accepted',
  not_affected: 'Not affected',
  under_investigation: 'Under investigation',
} as const;

export function Decided({ of }: { of: NonNullable<Finding['decision']> }) {
  const { status, until, reason, by } = of;
  return (
    <span class={`tag ${status === 'not_affected' ? 'good' : ''}`} title={`${reason} (${by})`}>
      {STATUS_WORDS[status]}
      {until !== null && ` until ${until}`}
    </span>
  );
}

/** `open` of the address with `key` put in or taken out. */
export function useOpen(): { readonly open: readonly string[]; toggle(key: string): void } {
  const nav = useNav();
  const open = nav.query.getAll('open');
  const after = nav.query.get('after');
  const toggle = (key: string) => {
    const next = open.includes(key) ? open.filter((each) => each !== key) : [...open, key].slice(-MOST_OPEN);
    nav.go(nav.with({ open: next, after }), { replace: true });
  };
  return { open, toggle };
}

/** Groups that are open at once: the page stays below 200 rows. */
const MOST_OPEN = 3;
