/** One package over all images: its versions in use, and who has them. */
import type { FleetPackageDetail, PackageImages } from '../../src/model/api/console/types.ts';
import { apiPath } from '../lib/api-path.ts';
import { useLoad } from '../lib/load.ts';
import { useNav } from '../lib/nav.ts';
import { counted, number, riskText } from '../lib/words.ts';
import { Card, Empty } from '../parts/blocks.tsx';
import { TagsChoice } from '../parts/filters.tsx';
import { Icon } from '../parts/icon.tsx';
import { ImageLink, Labels } from '../parts/image-name.tsx';
import { List } from '../parts/list.tsx';
import { CopyLink, Page, Shown } from '../parts/page.tsx';
import { SeverityWord } from '../parts/severity.tsx';
import { type Column, Table } from '../parts/table.tsx';

export function PackageView({ type, name }: { type: string; name: string }) {
  const nav = useNav();
  const loaded = useLoad<FleetPackageDetail>(
    apiPath('package', new URLSearchParams(), [], { type, name }),
    `${type}/${name}`,
  );
  const { data } = loaded;
  return (
    <Page
      title={name}
      crumb={[
        ['Packages', nav.href(['packages'])],
        [type, nav.href(['packages'], { type })],
      ]}
      facts={
        data !== undefined && (
          <div class="facts">
            <span>
              in <b>{counted(data.images, 'image')}</b>
            </span>
            <span>
              <b>{counted(data.findings, 'open finding')}</b>
            </span>
            {data.upgrade !== null && (
              <span>
                upgrade to <code>{data.upgrade}</code> fixes <b>{number(data.fixes)}</b>, and removes a risk
                of <b>{riskText(data.fixable_risk)}</b>
              </span>
            )}
          </div>
        )
      }
      acts={<CopyLink />}
    >
      <Shown
        of={loaded}
        missing={
          <section class="card">
            <Empty icon="box" title={`No indexed image has ${name}`}>
              <a class="button" href={nav.href(['packages'], { q: name })}>
                Search packages
              </a>
            </Empty>
          </section>
        }
      >
        {(of) => (
          <div class="grid">
            <Versions of={of} />
            <div class="stack w8 wide">
              <Images type={type} name={name} />
            </div>
          </div>
        )}
      </Shown>
    </Page>
  );
}

function Versions({ of: { version_list: versions } }: { of: FleetPackageDetail }) {
  const nav = useNav();
  const columns: readonly Column<(typeof versions)[number]>[] = [
    {
      title: 'Version',
      class: 'whole',
      cell: ({ version }) => (
        <a href={nav.with({ version })}>
          <code>{version}</code>
        </a>
      ),
    },
    { title: 'Images', isNumber: true, label: 'Images', cell: ({ images }) => number(images) },
    { title: 'Findings', isNumber: true, label: 'Findings', cell: ({ findings }) => number(findings) },
    {
      title: 'Worst',
      cell: ({ worst }) => (worst === null ? <span class="good">none</span> : <SeverityWord of={worst} />),
    },
  ];
  return (
    <Card class="w4 wide" title="Versions in use" more={counted(versions.length, 'version')}>
      <Table
        caption="Versions in use"
        columns={columns}
        rows={versions.slice(0, 50)}
        rowKey={({ version }) => version}
      />
    </Card>
  );
}

function Images({ type, name }: { type: string; name: string }) {
  const nav = useNav();
  const loaded = useLoad<PackageImages>(
    apiPath('package/images', nav.query, ['version', 'tags', 'after', 'limit'], { type, name }),
    `${type}/${name}`,
  );
  const version = nav.query.get('version');
  const columns: readonly Column<PackageImages['images'][number]>[] = [
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
    { title: 'Version', cell: ({ version: of }) => <code>{of}</code> },
    { title: 'Installed packages', class: 'whole', cell: ({ binaries }) => binaries.join(', ') },
  ];
  return (
    <List
      of={loaded}
      noun="images"
      filters={['version', 'tags']}
      total={({ total }) => total}
      next={({ next }) => next}
      shown={({ images }) => images.length}
      empty={{ icon: 'box', title: 'No image has it' }}
      tools={
        <>
          <TagsChoice />
          {version !== null && (
            <a class="pill" href={nav.with({ version: null })} title="Remove this filter">
              {version} <Icon name="close" />
            </a>
          )}
        </>
      }
    >
      {({ images }, isOld) => (
        <Table
          caption="Images"
          columns={columns}
          rows={images}
          rowKey={({ image, version: of, binaries }) => [image.digest, of, ...binaries].join(' ')}
          isOld={isOld}
        />
      )}
    </List>
  );
}
