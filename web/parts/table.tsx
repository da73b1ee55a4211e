/** Tables: sorted by the server, cards on phones. Roles are written out: a row that is shown as a card stays a row. */
import type { ComponentChildren } from 'preact';
import type { Total } from '../../src/model/api/console/types.ts';
import { useNav } from '../lib/nav.ts';
import { totalWith } from '../lib/words.ts';
import { Icon } from './icon.tsx';

export interface Column<Row> {
  readonly title: string;
  /** Before the title. */
  readonly mark?: ComponentChildren;
  /** Title for screen readers alone. */
  readonly isQuiet?: boolean;
  /** What the server calls the order. */
  readonly sort?: string;
  readonly isNumber?: boolean;
  /** `not-1024`, `not-390`, `whole` (a line of its own on phones) … */
  readonly class?: string;
  /** Before the value on phones. */
  readonly label?: string;
  readonly cell: (row: Row) => ComponentChildren;
}

export interface TableProps<Row> {
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly rowKey: (row: Row) => string;
  /** The order where the address names none, e.g. `-risk`. */
  readonly sort?: string;
  /** Rows are from before the last change. */
  readonly isOld?: boolean;
}

export function Table<Row>({ caption, columns, rows, rowKey, sort, isOld }: TableProps<Row>) {
  return (
    <div class="scroll">
      <table class={`cards${isOld ? ' old' : ''}`} role="table">
        <caption class="hidden-text">{caption}</caption>
        <Head columns={columns} {...(sort !== undefined && { sort })} />
        <tbody role="rowgroup">
          {rows.map((row) => (
            <tr key={rowKey(row)} role="row">
              {columns.map((column) => (
                <Cell key={column.title} column={column}>
                  {column.cell(row)}
                </Cell>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

export function Cell<Row>({ column, children }: { column: Column<Row>; children: ComponentChildren }) {
  const { isNumber, class: extra, label } = column;
  const names = [isNumber && 'num', extra].filter(Boolean).join(' ');
  const props: Record<string, string> = {
    ...(names !== '' && { class: names }),
    ...(label !== undefined && { 'data-label': label }),
  };
  return (
    <td role="cell" {...props}>
      {children}
    </td>
  );
}

export function Head<Row>({ columns, sort }: { columns: readonly Column<Row>[]; sort?: string }) {
  const nav = useNav();
  const current = nav.query.get('sort') ?? sort ?? '';
  return (
    <thead role="rowgroup">
      <tr role="row">
        {columns.map((column) => (
          <Title key={column.title} column={column} current={current} standard={sort ?? ''} />
        ))}
      </tr>
    </thead>
  );
}

interface TitleProps<Row> {
  readonly column: Column<Row>;
  readonly current: string;
  readonly standard: string;
}

function Title<Row>({ column, current, standard }: TitleProps<Row>) {
  const nav = useNav();
  const { title, mark, isQuiet, sort, isNumber, class: extra = '' } = column;
  const name = [isNumber && 'num', extra].filter(Boolean).join(' ');
  const by = current.replace('-', '');
  const isDown = current.startsWith('-');
  if (sort === undefined)
    return (
      <th scope="col" role="columnheader" class={name}>
        {mark}
        {isQuiet ? <span class="hidden-text">{title}</span> : title}
      </th>
    );
  // Numbers begin with the highest, names with the first.
  const next = by === sort ? (isDown ? sort : `-${sort}`) : isNumber ? `-${sort}` : sort;
  return (
    <th
      scope="col"
      role="columnheader"
      class={name}
      {...(by === sort && { 'aria-sort': isDown ? ('descending' as const) : ('ascending' as const) })}
    >
      <button
        type="button"
        onClick={() => nav.go(nav.with({ sort: next === standard ? null : next }), { replace: true })}
      >
        {mark}
        {title}
        {by === sort && <span aria-hidden="true">{isDown ? '↓' : '↑'}</span>}
      </button>
    </th>
  );
}

export interface PagerProps {
  /** `after` of the next page. */
  readonly next: string | null;
  readonly shown: number;
  readonly total: Total;
  readonly noun: string;
}

/** Keyset pages: forward by a link, back by the browser or to the first one. */
export function Pager({ next, shown, total, noun }: PagerProps) {
  const nav = useNav();
  const isFirst = !nav.query.has('after');
  if (isFirst && next === null) return null;
  return (
    <nav class="pager" aria-label={`Pages of ${noun}`}>
      <span>
        {shown} of {totalWith(total, noun)}
      </span>
      <span class="acts">
        {!isFirst && (
          <a class="button" href={nav.with({})}>
            First page
          </a>
        )}
        {next !== null && (
          <a class="button" href={nav.with({ after: next })} data-key="n">
            Next page
            <Icon name="open" />
          </a>
        )}
      </span>
    </nav>
  );
}
