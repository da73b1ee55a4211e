/** Findings of an image: counts that filter, and tables by package, by CVE or by layer. The server filters and counts. */
import type {
  ConsoleFindings,
  ConsoleImageDetail,
  ConsolePackages,
} from '../../src/model/api/console/types.ts';
import { apiPath, FINDING_FILTERS } from '../lib/api-path.ts';
import type { Finding, Group } from '../lib/finding.ts';
import { useLoad } from '../lib/load.ts';
import { useNav } from '../lib/nav.ts';
import { useRole } from '../lib/session.ts';
import { counted, NOT_LINKED, number, shortDigest, totalText } from '../lib/words.ts';
import {
  DecidedFilter,
  EpssFilter,
  GroupChoice,
  SearchField,
  Select,
  TypeFilter,
} from '../parts/filters.tsx';
import { FindingTable, GroupTable, useOpen } from '../parts/findings.tsx';
import { Icon } from '../parts/icon.tsx';
import { NoFit } from '../parts/list.tsx';
import { Shown } from '../parts/page.tsx';
import { allOf } from '../parts/severity.tsx';
import { Strip } from '../parts/strip.tsx';
import { Pager } from '../parts/table.tsx';
import { ExplainedName } from './why-matched.tsx';

/** Rows of an open group, so that three of them and a page of groups stay below 200. */
const INSIDE = 45;

interface OfImage {
  readonly of: ConsoleImageDetail;
}

export function ImageFindings({ of }: OfImage) {
  const nav = useNav();
  const group = nav.query.get('group') ?? 'package';
  return (
    <section class="card" id="findings" aria-label="Findings">
      <Strip counts={of.counts} all={allOf(of.counts)} exploited={of.exploited} fixable={of.fixable} />
      {of.not_linked > 0 && (
        <p class="pad muted">
          {counted(of.not_linked, 'finding')} {NOT_LINKED}: the vulnerable code is not in the program.
        </p>
      )}
      {group === 'package' ? <ByPackage of={of} /> : <ByCve of={of} />}
    </section>
  );
}

function Tools({ of, types, count }: OfImage & { types: readonly string[]; count: string }) {
  const nav = useNav();
  const layer = nav.query.get('layer');
  return (
    <div class="tools">
      <SearchField label="CVE, alias, package or path" />
      <GroupChoice />
      <TypeFilter types={types} />
      <EpssFilter />
      <Select
        name="layer"
        label="Layer"
        options={[
          ['', 'all'],
          ...of.layer_list.map(
            ({ digest }, index) => [digest, `${index + 1}: ${shortDigest(digest)}`] as const,
          ),
          ...(layer !== null && !of.layer_list.some(({ digest }) => digest === layer)
            ? [[layer, shortDigest(layer)] as const]
            : []),
        ]}
      />
      <Select
        name="origin"
        label="From"
        options={[
          ['', 'all layers'],
          ['base', 'base image'],
          ['own', 'own layers'],
        ]}
      />
      <DecidedFilter standard="hide" />
      <span class="end" role="status">
        {count}
      </span>
    </div>
  );
}

function ByPackage({ of }: OfImage) {
  const nav = useNav();
  const { open, toggle } = useOpen();
  const path = `images/${encodeURIComponent(of.digest)}/packages`;
  const loaded = useLoad<ConsolePackages>(
    apiPath(path, nav.query, [...FINDING_FILTERS, 'sort', 'after', 'limit']),
    of.digest,
  );
  const { data } = loaded;
  const types = typesOf(data?.facets, nav.query.get('type'));
  const count =
    data === undefined
      ? ''
      : `${counted(data.total.packages, 'package')}, ${counted(data.total.findings, 'finding')}`;
  return (
    <>
      <Tools of={of} types={types} count={count} />
      <Shown of={loaded}>
        {({ packages, next, total }) =>
          packages.length === 0 ? (
            <NoFindingFits />
          ) : (
            <>
              <GroupTable
                groups={packages}
                open={open}
                sort="-risk"
                isOld={loaded.isSlow}
                toggle={toggle}
                inside={(group) => <Inside of={of} group={group} />}
              />
              <Pager next={next} shown={packages.length} total={total.packages} noun="packages" />
            </>
          )
        }
      </Shown>
    </>
  );
}

/** CVEs of one package, asked for when it is opened. */
function Inside({ of, group }: OfImage & { group: Group }) {
  const nav = useNav();
  const filters = FINDING_FILTERS.filter((name) => name !== 'type');
  const path = apiPath(`images/${encodeURIComponent(of.digest)}/findings`, nav.query, filters, {
    package: group.source,
    type: group.type,
    limit: String(INSIDE),
  });
  const loaded = useLoad<ConsoleFindings>(path, `${of.digest} ${group.source}`);
  return (
    <Shown of={loaded}>
      {({ findings, total }) => (
        <>
          <FindingTable
            caption={`Findings of ${group.source}`}
            findings={findings}
            name={({ id }) => <ExplainedName digest={of.digest} id={id} />}
            {...useDecide(of.digest)}
          />
          {findings.length < (typeof total === 'number' ? total : Number.POSITIVE_INFINITY) && (
            <p class="pager">
              <span>
                {number(findings.length)} of {totalText(total)} findings
              </span>
              <a href={nav.with({ group: 'cve', q: group.source, open: null })}>All of them</a>
            </p>
          )}
        </>
      )}
    </Shown>
  );
}

function ByCve({ of }: OfImage) {
  const nav = useNav();
  const path = `images/${encodeURIComponent(of.digest)}/findings`;
  const loaded = useLoad<ConsoleFindings>(
    apiPath(path, nav.query, [...FINDING_FILTERS, 'sort', 'after', 'limit']),
    of.digest,
  );
  const { data } = loaded;
  return (
    <>
      <Tools
        of={of}
        types={typesOf(undefined, nav.query.get('type'))}
        count={data === undefined ? '' : `${totalText(data.total)} findings`}
      />
      <Shown of={loaded}>
        {({ findings, next, total }) =>
          findings.length === 0 ? (
            <NoFindingFits />
          ) : (
            <>
              <FindingTable
                caption="Findings"
                findings={findings}
                hasPackage
                sort="-risk"
                isOld={loaded.isSlow}
                name={({ id }) => <ExplainedName digest={of.digest} id={id} />}
                {...useDecide(of.digest)}
              />
              <Pager next={next} shown={findings.length} total={total} noun="findings" />
            </>
          )
        }
      </Shown>
    </>
  );
}

function NoFindingFits() {
  const nav = useNav();
  return <NoFit noun="findings" used={FINDING_FILTERS.filter((name) => nav.query.has(name))} />;
}

/** The link that opens the decision about a finding, for those who may decide. */
export function useDecide(digest: string): { acts?: (finding: Finding) => preact.ComponentChildren } {
  const nav = useNav();
  const canDecide = useRole('triage');
  if (!canDecide) return {};
  return {
    acts: ({ id, package: { type, source } }) => (
      <a
        class="button plain"
        href={nav.with({ decide: id, about: `${type}/${source}`, in: digest, after: nav.query.get('after') })}
        data-act="decide"
        aria-label={`Decide about ${id}`}
      >
        <Icon name="flag" />
        Decide
      </a>
    ),
  };
}

function typesOf(facets: ConsolePackages['facets'] | undefined, chosen: string | null): string[] {
  const types = Object.keys(facets?.type ?? {});
  return chosen !== null && !types.includes(chosen) ? [...types, chosen] : types;
}
