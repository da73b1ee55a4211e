/** One vulnerability: which images have it, which have its package without it, and of which nobody can tell. */
import { useState } from 'preact/hooks';
import type {
  ConsoleCveDetail,
  CveImages,
  Total,
  UnknownVulnerability,
} from '../../src/model/api/console/types.ts';
import { apiPath } from '../lib/api-path.ts';
import { useLoad } from '../lib/load.ts';
import { useNav } from '../lib/nav.ts';
import { useRole } from '../lib/session.ts';
import { counted, dayText, shortDigest, totalText } from '../lib/words.ts';
import { Empty, Notice } from '../parts/blocks.tsx';
import { DecidedFilter, LabelFilter, SearchField, Tabs, TagsChoice } from '../parts/filters.tsx';
import { Decided } from '../parts/findings.tsx';
import { Icon } from '../parts/icon.tsx';
import { ImageLink, Labels } from '../parts/image-name.tsx';
import { List } from '../parts/list.tsx';
import { Exploited, When } from '../parts/marks.tsx';
import { CopyLink, ExportMenu, Page, Shown } from '../parts/page.tsx';
import { SeverityWord } from '../parts/severity.tsx';
import { type Column, Table } from '../parts/table.tsx';
import { CveAside } from './cve-aside.tsx';

const FILTERS = ['q', 'label', 'tags', 'decided'] as const;
type Row = CveImages['images'][number];

export function CveView({ id }: { id: string }) {
  const nav = useNav();
  const loaded = useLoad<ConsoleCveDetail>(`cves/${encodeURIComponent(id)}`, id);
  const canDecide = useRole('triage');
  const { data, error } = loaded;
  const images = `cves/${encodeURIComponent(id)}/images`;
  return (
    <Page
      title={data?.id ?? id}
      crumb={[['CVEs', nav.href(['cves'])]]}
      facts={data !== undefined && <HeadFacts of={data} />}
      acts={
        <>
          <CopyLink />
          <ExportMenu
            of={[
              {
                title: 'CSV',
                path: apiPath(images, nav.query, ['state', ...FILTERS], { limit: '200' }),
                file: `${id}.csv`,
                accept: 'text/csv',
              },
            ]}
          />
          {canDecide && data !== undefined && (
            <a class="button main" href={nav.with({ decide: data.id })} data-key="t">
              <Icon name="flag" />
              Decide for all {data.states.affected > 0 && data.states.affected}
            </a>
          )}
        </>
      }
    >
      <Shown of={loaded} missing={<Unknown id={id} body={error?.body as UnknownVulnerability | undefined} />}>
        {(cve) => (
          <div class="grid">
            <div class="stack w8 wide">
              <Images of={cve} />
            </div>
            <div class="stack w4 wide">
              <CveAside of={cve} />
            </div>
          </div>
        )}
      </Shown>
    </Page>
  );
}

function HeadFacts({
  of: { severity, exploited, aliases, first_seen: first, title },
}: {
  of: ConsoleCveDetail;
}) {
  return (
    <>
      {title !== '' && <p class="muted">{title}</p>}
      <div class="facts">
        <SeverityWord of={severity} />
        {exploited && <Exploited />}
        {aliases.length > 0 && (
          <span>
            also <b>{aliases.join(', ')}</b>
          </span>
        )}
        {first !== null && (
          <span>
            first seen here <b>{dayText(first)}</b>
          </span>
        )}
      </div>
    </>
  );
}

/** No image has it, and no feed knows it: that is no proof. */
function Unknown({ id, body }: { id: string; body: UnknownVulnerability | undefined }) {
  const nav = useNav();
  const isCurrent = body?.feeds_current !== false;
  return (
    <section class="card">
      <Empty icon={isCurrent ? 'search' : 'warn'} title={`No feed knows ${id}`}>
        <p>
          {isCurrent
            ? 'All feeds are current. The ID may be new, rejected, or about software that no feed covers: this is no proof that no image is affected.'
            : 'A feed is failing, stale or was never loaded, and that may be the reason. No image can be called unaffected.'}
        </p>
        <a class="button" href={nav.href(['feeds'])}>
          Show the feeds
        </a>
      </Empty>
    </section>
  );
}

function Images({ of }: { of: ConsoleCveDetail }) {
  const nav = useNav();
  const state = nav.query.get('state') ?? 'affected';
  const path = apiPath(`cves/${encodeURIComponent(of.id)}/images`, nav.query, [
    'state',
    ...FILTERS,
    'after',
    'limit',
  ]);
  const loaded = useLoad<CveImages>(path, `${of.id} ${state}`);
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const canDecide = useRole('triage');
  // Under the filter, as the list is.
  const { affected, not_affected: without, unknown } = loaded.data?.states ?? of.states;
  return (
    <List
      of={loaded}
      noun="images"
      filters={FILTERS}
      total={({ total }) => total}
      next={({ next }) => next}
      shown={({ images }) => images.length}
      empty={emptyOf(state, of)}
      above={
        <Tabs
          name="state"
          label="Images by state"
          tabs={[
            ['affected', 'Affected', affected],
            ['not_affected', 'Has the package, not affected', without],
            ['unknown', 'Cannot be determined', unknown],
          ]}
        />
      }
      tools={
        <>
          <SearchField label="Image, tag, digest or label" />
          <LabelFilter />
          <TagsChoice />
          {state === 'affected' && <DecidedFilter standard="show" />}
          {canDecide && chosen.length > 0 && (
            <a class="button" href={nav.with({ decide: of.id, in: chosen })}>
              <Icon name="flag" />
              Decide for {counted(chosen.length, 'image')}
            </a>
          )}
        </>
      }
    >
      {({ images, states }, isOld) => (
        <>
          <ImageRows
            cve={of}
            rows={images}
            state={state}
            isOld={isOld}
            chosen={chosen}
            choose={setChosen}
            canDecide={canDecide}
          />
          {state === 'affected' && states.unknown !== 0 && <MayHaveIt of={states.unknown} />}
        </>
      )}
    </List>
  );
}

/** An affected image is no proof that the others are not. */
function MayHaveIt({ of }: { of: Total }) {
  const nav = useNav();
  return (
    <Notice>
      <b>
        {totalText(of)} more {of === 1 ? 'image' : 'images'} may have it.
      </b>{' '}
      {of === 1 ? 'Its' : 'Their'} packages are covered by no loaded feed, or could not be read.{' '}
      <a href={nav.with({ state: 'unknown' })}>Show why</a>
    </Notice>
  );
}

function emptyOf(state: string, { id, states, feeds }: ConsoleCveDetail) {
  const known = [...new Set(feeds.map(({ feed }) => feed))];
  if (state === 'affected')
    return {
      icon: states.unknown > 0 ? ('warn' as const) : ('good' as const),
      title: `No image is known to be affected by ${id}`,
      text: (
        <p>
          {known.length > 0 &&
            `Known to ${known.slice(0, 3).join(', ')}${known.length > 3 ? ` and ${known.length - 3} more` : ''}. `}
          {counted(states.not_affected, 'image')} {states.not_affected === 1 ? 'has' : 'have'} the package in
          a version that is not affected.{' '}
          {states.unknown > 0 && `It cannot be determined for ${counted(states.unknown, 'image')}.`}
        </p>
      ),
    };
  return {
    icon: 'search' as const,
    title: state === 'unknown' ? 'The state of every image is known' : 'No other image has the package',
  };
}

interface RowsProps {
  readonly cve: ConsoleCveDetail;
  readonly rows: readonly Row[];
  readonly state: string;
  readonly isOld: boolean;
  readonly chosen: readonly string[];
  readonly choose: (digests: readonly string[]) => void;
  readonly canDecide: boolean;
}

function ImageRows({ cve, rows, state, isOld, chosen, choose, canDecide }: RowsProps) {
  const nav = useNav();
  const toggle = (digest: string) =>
    choose(chosen.includes(digest) ? chosen.filter((each) => each !== digest) : [...chosen, digest]);
  const fixedIn: Column<Row> = {
    title: 'Fixed in',
    label: 'Fixed in',
    cell: ({ fixed_in: fixed }) =>
      fixed === null ? <span class="muted">no fix</span> : <code>{fixed}</code>,
  };
  const decision: Column<Row> = {
    title: 'Decision',
    class: 'whole',
    cell: ({ decision, image, type, package: name }) =>
      decision !== null ? (
        <Decided of={decision} />
      ) : canDecide ? (
        <a
          class="button plain"
          href={nav.with({
            decide: cve.id,
            in: image.digest,
            ...(name !== null && { about: `${type}/${name}` }),
          })}
          data-act="decide"
          aria-label={`Decide for ${image.name ?? shortDigest(image.digest)}`}
        >
          <Icon name="flag" />
          Decide
        </a>
      ) : (
        <span class="tag warn">Open</span>
      ),
  };
  const columns: readonly Column<Row>[] = [
    ...(canDecide && state === 'affected'
      ? [
          {
            title: 'Select',
            isQuiet: true,
            class: 'pick',
            cell: ({ image }: Row) => (
              <input
                type="checkbox"
                aria-label={`Select ${image.name ?? shortDigest(image.digest)}`}
                checked={chosen.includes(image.digest)}
                onChange={() => toggle(image.digest)}
              />
            ),
          },
        ]
      : []),
    {
      title: 'Image',
      class: 'whole lead',
      cell: ({ image, labels }) => (
        <>
          <ImageLink of={image} />
          <span class="sub">
            <Labels of={labels} />
          </span>
        </>
      ),
    },
    {
      title: 'Installed',
      class: 'whole',
      cell: ({ package: name, version, type }) =>
        name === null ? (
          <span class="muted">unknown</span>
        ) : (
          <>
            <code>{version}</code>
            <span class="sub">
              {name} · {type}
            </span>
          </>
        ),
    },
    state === 'unknown'
      ? { title: 'Why it cannot be determined', class: 'whole', cell: ({ reason }) => reason }
      : {
          title: 'Found in',
          class: 'whole not-1024',
          cell: ({ path, layer }) => (
            <>
              {path !== null && <code>{path}</code>}
              {layer !== null && (
                <span class="sub" title={layer}>
                  layer {shortDigest(layer)}
                </span>
              )}
            </>
          ),
        },
    ...(state === 'affected' ? [fixedIn] : []),
    { title: 'Indexed', class: 'nowrap not-390', cell: ({ indexed }) => <When at={indexed} /> },
    ...(state === 'affected' ? [decision] : []),
  ];
  return (
    <Table
      caption="Images"
      columns={columns}
      rows={rows}
      rowKey={({ image, package: name, version, path }) => [image.digest, name, version, path].join(' ')}
      isOld={isOld}
    />
  );
}
