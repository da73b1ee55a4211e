/** All images that are indexed: filtered, sorted and counted by the server. */
import type { ConsoleImage, ConsoleImageCounts, ConsoleImages } from '../../src/model/api/console/types.ts';
import { apiPath } from '../lib/api-path.ts';
import { useLoad } from '../lib/load.ts';
import { useNav } from '../lib/nav.ts';
import { counted, number, signed, totalText, totalWith } from '../lib/words.ts';
import { LabelFilter, Pill, SearchField, TagsChoice } from '../parts/filters.tsx';
import { Icon } from '../parts/icon.tsx';
import { Labels, nameOf, registryOf, shortName } from '../parts/image-name.tsx';
import { List } from '../parts/list.tsx';
import { Digest, Exploited, Risk, State, When } from '../parts/marks.tsx';
import { CopyLink, ExportMenu, Page } from '../parts/page.tsx';
import { Counts, countOf, SEVERITIES, SeverityMeter } from '../parts/severity.tsx';
import { type Column, Table } from '../parts/table.tsx';

const FILTERS = [
  'q',
  'label',
  'distribution',
  'exploited',
  'incomplete',
  'failed',
  'changed',
  'tags',
] as const;

export function ImagesView() {
  const nav = useNav();
  const wanted = [...FILTERS, 'sort'];
  const loaded = useLoad<ConsoleImages>(
    apiPath('images', nav.query, [...wanted, 'after', 'limit']),
    '',
    60_000,
  );
  const counts = useLoad<ConsoleImageCounts>(apiPath('image-counts', nav.query, FILTERS), '', 60_000);
  const of = counts.data?.filters;
  const distribution = nav.query.get('distribution');
  return (
    <Page
      title="Images"
      facts={counts.data !== undefined && <HeadFacts of={counts.data} />}
      acts={
        <>
          <CopyLink />
          <ExportMenu
            of={[
              {
                title: 'CSV',
                path: apiPath('images', nav.query, wanted, { limit: '200' }),
                file: 'images.csv',
                accept: 'text/csv',
              },
            ]}
          />
        </>
      }
    >
      <List
        of={loaded}
        noun="images"
        filters={FILTERS}
        total={({ total }) => total}
        next={({ next }) => next}
        shown={({ images }) => images.length}
        empty={{
          icon: 'box',
          title: 'No images indexed',
          text: <p>A registry or a pipeline submits images, or clairctl report.</p>,
        }}
        tools={
          <>
            <SearchField label="Name, tag, digest or label" />
            <TagsChoice />
            <LabelFilter />
            {distribution !== null && (
              <a class="pill" href={nav.with({ distribution: null })} title="Remove this filter">
                {distribution} <Icon name="close" />
              </a>
            )}
            <Pill name="exploited" count={of?.exploited}>
              <Icon name="flame" />
              Exploited
            </Pill>
            <Pill name="incomplete" count={of?.incomplete}>
              <Icon name="warn" />
              Incomplete
            </Pill>
            <Pill name="failed" count={of?.failed}>
              Not readable
            </Pill>
            <Pill name="changed" value="1d" count={of?.changed}>
              Changed since yesterday
            </Pill>
          </>
        }
      >
        {({ images }, isOld) => <ImageTable images={images} isOld={isOld} />}
      </List>
    </Page>
  );
}

function HeadFacts({ of: { newest, repositories, manifests, loaded } }: { of: ConsoleImageCounts }) {
  return (
    <p class="facts">
      <span>
        <b>{totalText(newest)}</b> newest {newest === 1 ? 'tag' : 'tags'} of{' '}
        {totalWith(repositories, 'repositories')}
      </span>
      <span>
        <b>{totalText(manifests)}</b> {manifests === 1 ? 'manifest' : 'manifests'} in all
      </span>
      <span>
        advisories loaded <When at={loaded} never="never" />
      </span>
    </p>
  );
}

function ImageTable({ images, isOld }: { images: readonly ConsoleImage[]; isOld: boolean }) {
  const nav = useNav();
  const most = Math.max(0, ...images.map(({ risk }) => risk ?? 0));
  const columns: readonly Column<ConsoleImage>[] = [
    { title: 'Image', sort: 'name', class: 'whole lead', cell: (image) => <Name of={image} /> },
    {
      title: 'System',
      class: 'not-1024 not-390',
      cell: ({ distribution }) =>
        distribution === null ? (
          <span class="muted">none</span>
        ) : (
          <a href={nav.with({ distribution })}>{distribution}</a>
        ),
    },
    {
      title: 'Exploited',
      sort: 'exploited',
      isNumber: true,
      cell: ({ exploited }) =>
        exploited > 0 ? <Exploited count={exploited} /> : <span class="muted not-390">0</span>,
    },
    ...SEVERITIES.slice(0, 4).map(
      (severity): Column<ConsoleImage> => ({
        title: severity,
        mark: (
          <span class={`severity ${severity}`} aria-hidden="true">
            <SeverityMeter of={severity} />
          </span>
        ),
        ...(severity === 'Critical' && { sort: 'critical' }),
        isNumber: true,
        class: 'not-390',
        cell: ({ counts }) => {
          const rest = `Negligible ${counts.negligible}, Unknown ${counts.unknown}`;
          return <span title={rest}>{number(countOf(counts, severity))}</span>;
        },
      }),
    ),
    {
      title: 'All severities',
      isQuiet: true,
      class: 'whole only-390',
      cell: ({ counts }) => <Counts of={counts} />,
    },
    {
      title: 'Fixable',
      sort: 'fixable',
      isNumber: true,
      class: 'not-390',
      cell: ({ fixable }) => number(fixable),
    },
    {
      title: 'Risk',
      sort: 'risk',
      isNumber: true,
      label: 'Risk',
      cell: ({ risk }) => <Risk of={risk} most={most} />,
    },
    {
      title: '24 h',
      sort: 'changed',
      isNumber: true,
      class: 'not-1024 not-390',
      cell: ({ change_24h: { new: came, gone } }) => (
        <span
          title={`${came} new, ${gone} gone`}
          class={came > gone ? 'bad' : came < gone ? 'good' : 'muted'}
        >
          {signed(came - gone)}
        </span>
      ),
    },
    { title: 'Coverage', cell: (image) => <Coverage of={image} /> },
    {
      title: 'Indexed',
      sort: 'indexed',
      class: 'not-1024 not-390',
      cell: ({ indexed }) => <When at={indexed} never="no" />,
    },
  ];
  return (
    <Table
      caption="Images"
      columns={columns}
      rows={images}
      rowKey={({ digest }) => digest}
      sort="-risk"
      isOld={isOld}
    />
  );
}

function Name({ of }: { of: ConsoleImage }) {
  const nav = useNav();
  const { digest, names, labels } = of;
  const others = names.length - 1;
  const registry = registryOf(names[0]?.name ?? '');
  return (
    <>
      <a class="name" href={nav.href(['images', digest])} data-row>
        {shortName(nameOf(of))}
      </a>
      <span class="sub">
        <Digest of={digest} />
        {registry !== undefined && ` · ${registry}`}
        {others > 0 && ` · +${counted(others, 'name')}`}
        {Object.keys(labels).length > 0 && (
          <>
            {' · '}
            <Labels of={labels} />
          </>
        )}
      </span>
    </>
  );
}

/** Whether all was checked. What was not is never shown as clean. */
export function Coverage({
  of: { coverage, state, error },
}: {
  of: Pick<ConsoleImage, 'coverage' | 'state' | 'error'>;
}) {
  const { checked, packages } = coverage;
  if (state === 'IndexError')
    return (
      <>
        <State kind="bad">Not readable</State>
        <span class="sub">{error}</span>
      </>
    );
  if (state !== 'IndexFinished') return <State kind="off">Being indexed: {state}</State>;
  if (coverage.state === 'complete') return <State kind="good">Complete</State>;
  if (coverage.state === 'pending') return <State kind="off">Report not made yet</State>;
  const missing = `${number(packages - checked)} of ${counted(packages, 'package')} not checked`;
  return (
    <>
      <State kind={coverage.state === 'unchecked' ? 'bad' : 'warn'}>
        {coverage.state === 'unchecked' ? 'Not checked' : 'Incomplete'}
      </State>
      <span class="sub">{packages > checked ? missing : 'parts of it could not be read'}</span>
    </>
  );
}
