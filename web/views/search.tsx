/** All hits of a search, by kind. */
import type { SearchHits } from '../../src/model/api/console/types.ts';
import { hitHref } from '../lib/hits.ts';
import { useLoad } from '../lib/load.ts';
import { useNav } from '../lib/nav.ts';
import { counted, number } from '../lib/words.ts';
import { Card, Empty, Facts } from '../parts/blocks.tsx';
import { SearchField } from '../parts/filters.tsx';
import { Digest } from '../parts/marks.tsx';
import { CopyLink, Page, Shown } from '../parts/page.tsx';

const KINDS = [
  ['image', 'Images'],
  ['cve', 'CVEs'],
  ['package', 'Packages'],
] as const;

export function SearchView() {
  const nav = useNav();
  const q = nav.query.get('q')?.trim() ?? '';
  const loaded = useLoad<SearchHits>(q === '' ? undefined : `search?q=${encodeURIComponent(q)}&limit=50`);
  return (
    <Page title="Search" acts={<CopyLink />}>
      <section class="card">
        <div class="tools">
          <SearchField label="CVE, alias, package, package URL, image or digest" />
          <span class="end" role="status">
            {q !== '' && loaded.data !== undefined && counted(loaded.data.hits.length, 'hit')}
          </span>
        </div>
        {q === '' && <Empty icon="search" title="Enter a CVE, a package, an image or a digest" />}
        {q !== '' && loaded.data?.hits.length === 0 && (
          <Empty icon="search" title={`No hits for “${q}”`}>
            <p>
              Indexed images and loaded feeds were searched. An ID that no feed knows is no proof that no
              image is affected.
            </p>
          </Empty>
        )}
      </section>
      <Shown of={loaded}>
        {({ hits }) => (
          <div class="stack results">
            {KINDS.map(([kind, title]) => {
              const of = hits.filter((hit) => hit.kind === kind);
              if (of.length === 0 || q === '') return null;
              return (
                <Card key={kind} title={title} more={number(of.length)}>
                  <Facts>
                    {of.map((hit) => (
                      <li key={hit.id}>
                        <span>
                          <a class="strong" href={hitHref(nav, hit)} data-row>
                            {kind === 'image' ? hit.title || hit.id : hit.id}
                          </a>{' '}
                          {kind === 'image' ? (
                            <Digest of={hit.id} />
                          ) : (
                            <span class="muted">{hit.title !== hit.id && hit.title}</span>
                          )}
                        </span>
                        {kind !== 'image' && <span class="muted">{counted(hit.images, 'image')}</span>}
                      </li>
                    ))}
                  </Facts>
                </Card>
              );
            })}
          </div>
        )}
      </Shown>
    </Page>
  );
}
