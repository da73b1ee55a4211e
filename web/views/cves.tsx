/** CVEs over all images. */
import type { ConsoleCves } from '../../src/model/api/console/types.ts';
import { apiPath } from '../lib/api-path.ts';
import { useLoad } from '../lib/load.ts';
import { useNav } from '../lib/nav.ts';
import { CveTable } from '../parts/cve-table.tsx';
import {
  EpssFilter,
  FixFilter,
  LabelFilter,
  Pill,
  SearchField,
  Select,
  TagsChoice,
} from '../parts/filters.tsx';
import { Icon } from '../parts/icon.tsx';
import { List } from '../parts/list.tsx';
import { CopyLink, ExportMenu, Page } from '../parts/page.tsx';
import { SEVERITIES } from '../parts/severity.tsx';

const FILTERS = ['q', 'severity', 'exploited', 'act_now', 'epss', 'fix', 'since', 'label', 'tags'] as const;

export function CvesView() {
  const nav = useNav();
  const wanted = [...FILTERS, 'sort'];
  const loaded = useLoad<ConsoleCves>(apiPath('cves', nav.query, [...wanted, 'after', 'limit']));
  return (
    <Page
      title="CVEs"
      acts={
        <>
          <CopyLink />
          <ExportMenu
            of={[
              {
                title: 'CSV',
                path: apiPath('cves', nav.query, wanted, { limit: '200' }),
                file: 'cves.csv',
                accept: 'text/csv',
              },
            ]}
          />
        </>
      }
    >
      <List
        of={loaded}
        noun="CVEs"
        filters={FILTERS}
        total={({ total }) => total}
        next={({ next }) => next}
        shown={({ cves }) => cves.length}
        empty={{ icon: 'good', title: 'No open findings in the packages that were checked' }}
        tools={
          <>
            <SearchField label="CVE, alias or package" />
            <TagsChoice />
            <LabelFilter />
            <Select
              name="severity"
              label="Severity"
              options={[
                ['', 'any'],
                ['Critical,High', 'Critical or High'],
                ...SEVERITIES.map((each) => [each, each] as const),
              ]}
            />
            <EpssFilter />
            <FixFilter />
            <Pill name="act_now">Act now</Pill>
            <Pill name="exploited">
              <Icon name="flame" />
              Exploited
            </Pill>
            <Pill name="since" value="1d">
              New since yesterday
            </Pill>
          </>
        }
      >
        {({ cves }, isOld) => <CveTable cves={cves} isOld={isOld} />}
      </List>
    </Page>
  );
}
