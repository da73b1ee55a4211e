/** A list in a card: tools above, the count, rows or what it means that there are none, and pages. */
import type { ComponentChildren } from 'preact';
import type { Loaded } from '../lib/load.ts';
import { useNav } from '../lib/nav.ts';
import { totalWith } from '../lib/words.ts';
import { Empty } from './blocks.tsx';
import type { IconName } from './icon.tsx';
import { Shown } from './page.tsx';
import { Pager, type PagerProps } from './table.tsx';

export interface ListProps<T> {
  readonly of: Loaded<T>;
  readonly noun: string;
  readonly tools?: ComponentChildren;
  /** Parameters of the address that narrow the list. */
  readonly filters: readonly string[];
  readonly total: (data: T) => PagerProps['total'];
  readonly next: (data: T) => string | null;
  readonly shown: (data: T) => number;
  readonly missing?: ComponentChildren;
  /** Where there is nothing, and no filter is the reason. */
  readonly empty: { readonly icon: IconName; readonly title: string; readonly text?: ComponentChildren };
  readonly above?: ComponentChildren;
  readonly children: (data: T, isOld: boolean) => ComponentChildren;
}

export function List<T>(props: ListProps<T>) {
  const { of, noun, tools, filters, total, next, shown, missing, empty, above, children } = props;
  const nav = useNav();
  const used = filters.filter((name) => nav.query.has(name));
  return (
    <section class="card">
      {above}
      <div class="tools">
        {tools}
        <span class="end" role="status">
          {of.data !== undefined && totalWith(total(of.data), noun)}
        </span>
      </div>
      <Shown of={of} {...(missing !== undefined && { missing })}>
        {(data) =>
          shown(data) > 0 ? (
            <>
              {children(data, of.isSlow)}
              <Pager next={next(data)} shown={shown(data)} total={total(data)} noun={noun} />
            </>
          ) : used.length > 0 ? (
            <NoFit noun={noun} used={used} />
          ) : (
            <Empty icon={empty.icon} title={empty.title}>
              {empty.text}
            </Empty>
          )
        }
      </Shown>
    </section>
  );
}

/** The filter fits nothing: it is named, and can be cleared. */
export function NoFit({ noun, used }: { noun: string; used: readonly string[] }) {
  const nav = useNav();
  const words = used.map((name) => {
    const value = nav.query.get(name);
    return name === 'q' || value !== '1' ? value : name;
  });
  const cleared = Object.fromEntries(used.map((name) => [name, null]));
  return (
    <Empty icon="search" title={`No ${noun} match “${words.join(', ')}”`}>
      <a class="button" href={nav.with(cleared)}>
        Clear the filter
      </a>
    </Empty>
  );
}
