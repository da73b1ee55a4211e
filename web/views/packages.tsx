/** Packages over all images: what to upgrade to fix most, and which versions are in use. */
import type { FleetPackage, FleetPackages } from '../../src/model/api/console/types.ts';
import { apiPath } from '../lib/api-path.ts';
import { useLoad } from '../lib/load.ts';
import { useNav } from '../lib/nav.ts';
import { number } from '../lib/words.ts';
import { SearchField } from '../parts/filters.tsx';
import { Icon } from '../parts/icon.tsx';
import { List } from '../parts/list.tsx';
import { Risk } from '../parts/marks.tsx';
import { CopyLink, ExportMenu, Page } from '../parts/page.tsx';
import { type Column, Table } from '../parts/table.tsx';

const FILTERS = ['q', 'type'] as const;

export function PackagesView() {
  const nav = useNav();
  const loaded = useLoad<FleetPackages>(
    apiPath('packages', nav.query, [...FILTERS, 'sort', 'after', 'limit']),
  );
  const most = Math.max(0, ...(loaded.data?.packages.map(({ fixable_risk: risk }) => risk) ?? []));
  const type = nav.query.get('type');
  const columns: readonly Column<FleetPackage>[] = [
    {
      title: 'Package',
      sort: 'name',
      class: 'whole lead',
      cell: ({ type: of, name }) => (
        <>
          <a class="name" href={nav.href(['packages', of, ...name.split('/')])} data-row>
            {name}
          </a>
          <span class="sub">
            <a href={nav.with({ type: of })}>{of}</a>
          </span>
        </>
      ),
    },
    { title: 'Versions', isNumber: true, label: 'Versions', cell: ({ versions }) => number(versions) },
    {
      title: 'Images',
      sort: 'images',
      isNumber: true,
      label: 'Images',
      cell: ({ images }) => number(images),
    },
    {
      title: 'Upgrade to',
      class: 'whole',
      cell: ({ upgrade }) =>
        upgrade === null ? <span class="muted">no fix</span> : <code class="strong">{upgrade}</code>,
    },
    {
      title: 'Fixes',
      sort: 'findings',
      isNumber: true,
      label: 'Fixes',
      cell: ({ fixes, findings }) => (
        <>
          {number(fixes)} <span class="muted">of {number(findings)} findings</span>
        </>
      ),
    },
    {
      title: 'Risk removed',
      sort: 'fixable_risk',
      isNumber: true,
      label: 'Risk removed',
      cell: ({ fixable_risk: risk }) => <Risk of={risk} most={most} />,
    },
  ];
  return (
    <Page
      title="Packages"
      acts={
        <>
          <CopyLink />
          <ExportMenu
            of={[
              {
                title: 'CSV',
                path: apiPath('packages', nav.query, [...FILTERS, 'sort'], { limit: '200' }),
                file: 'packages.csv',
                accept: 'text/csv',
              },
            ]}
          />
        </>
      }
    >
      <List
        of={loaded}
        noun="packages"
        filters={FILTERS}
        total={({ total }) => total}
        next={({ next }) => next}
        shown={({ packages }) => packages.length}
        empty={{ icon: 'box', title: 'No indexed image has packages' }}
        tools={
          <>
            <SearchField label="Name or package URL" />
            {type !== null && (
              <a class="pill" href={nav.with({ type: null })} title="Remove this filter">
                {type} <Icon name="close" />
              </a>
            )}
          </>
        }
      >
        {({ packages }, isOld) => (
          <Table
            caption="Packages"
            columns={columns}
            rows={packages}
            rowKey={({ type: of, name }) => `${of} ${name}`}
            sort="-fixable_risk"
            isOld={isOld}
          />
        )}
      </List>
    </Page>
  );
}
