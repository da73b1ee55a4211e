/** Overview: what is in danger now, what changed, and whether the answer can be trusted. */
import type { Overview } from '../../src/model/api/console/types.ts';
import { apiPath } from '../lib/api-path.ts';
import { useLoad } from '../lib/load.ts';
import { scopeOf, useNav } from '../lib/nav.ts';
import { counted, number, percent } from '../lib/words.ts';
import { Empty, Notice } from '../parts/blocks.tsx';
import { LabelFilter, labelText, TagsChoice } from '../parts/filters.tsx';
import { CopyLink, Page, Shown } from '../parts/page.tsx';
import { AtRisk, Danger, Open, Trust, Unreadable, UpgradeThese } from './home-cards.tsx';
import { Since } from './home-since.tsx';

export function HomeView() {
  const nav = useNav();
  const loaded = useLoad<Overview>(apiPath('overview', nav.query, ['tags', 'since', 'label']), '', 60_000);
  const { data } = loaded;
  const label = nav.query.get('label');
  const headline =
    data === undefined ? 'Overview' : sentence(data, label === null ? '' : ` with ${labelText(label)}`);
  return (
    <Page
      title={headline}
      isHeadline
      facts={data !== undefined && <Rule of={data} />}
      acts={
        <>
          {data !== undefined && <LabelFilter />}
          {data !== undefined && (
            <TagsChoice
              newest="Newest tag of each"
              all={`All ${counted(data.images.manifests, 'manifest')}`}
            />
          )}
          <CopyLink />
        </>
      }
    >
      <Shown of={loaded}>
        {(overview) => (overview.images.manifests === 0 ? <First of={overview} /> : <Cards of={overview} />)}
      </Shown>
    </Page>
  );
}

/** The answer in one sentence; `within`: the label of the images, if one is chosen. An image that was not checked is never part of good news. */
function sentence({ act_now: now, images, feeds }: Overview, within: string): string {
  if (images.manifests === 0) return 'No images indexed';
  if (images.total === 0) return `No image${within}`;
  if (now.cves > 0)
    return `${counted(now.cves, 'CVE')} ${now.cves === 1 ? 'needs' : 'need'} action now, in ${number(now.images)} of ${counted(images.total, 'image')}${within}`;
  if (images.complete + images.incomplete === 0)
    return feeds.current === 0 ? 'No feed is loaded: nothing can be checked' : 'No image was checked';
  const rest = images.total - images.complete;
  return rest === 0
    ? `Nothing needs action now${within && ` in images${within}`}`
    : `Nothing needs action in what was checked: ${counted(rest, 'image')} not checked completely`;
}

function Rule({ of: { act_now: now, pending } }: { of: Overview }) {
  const nav = useNav();
  const { kev, epss, severity } = now.rule;
  const reasons = [
    kev && 'in the KEV catalog of exploited vulnerabilities',
    `likely to be exploited within 30 days (EPSS ${percent(epss).replace('.0', '')} or more) with severity ${severity.join(' or ')}`,
  ].filter(Boolean);
  return (
    <p>
      Rule: {reasons.join(', or ')}; and no decision.{' '}
      <a href={nav.href(['cves'], { ...scopeOf(nav.query), act_now: '1' })}>Show these CVEs</a>
      {pending > 0 && ` ${counted(pending, 'image')} being matched again: the numbers lag behind.`}
    </p>
  );
}

function First({ of: { feeds } }: { of: Overview }) {
  const nav = useNav();
  const isLoading = feeds.current < feeds.wanted;
  return (
    <section class="card">
      <Empty
        icon="box"
        title={
          isLoading
            ? `Feeds are loading: ${feeds.current} of ${feeds.wanted} current`
            : 'Submit the first image'
        }
      >
        <p>A registry or a pipeline submits images. From a terminal:</p>
        <code>clairctl report --host {location.origin} registry.example.com/team/app:1.0</code>
        <p>
          <a class="button" href={nav.href(['feeds'])}>
            Show the feeds
          </a>
        </p>
      </Empty>
    </section>
  );
}

function Cards({ of }: { of: Overview }) {
  const { images } = of;
  return (
    <>
      {images.complete + images.incomplete === 0 && (
        <Notice>
          <b>No image was checked.</b> No vulnerabilities are shown, and that does not mean there are none.
        </Notice>
      )}
      <div class="grid">
        <Danger of={of} />
        <Trust of={of} />
      </div>
      <div class="grid">
        <Since of={of} />
        <UpgradeThese of={of} />
      </div>
      <div class="grid">
        <Open of={of} />
        <AtRisk of={of} />
      </div>
      <Unreadable of={of} />
    </>
  );
}
