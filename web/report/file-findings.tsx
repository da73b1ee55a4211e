/** The findings of a report file: at first as they are rendered into it, then as the reader filters, sorts and groups them. */
import { useMemo } from 'preact/hooks';
import type { ReportData } from '../../src/model/report-page.ts';
import { type Group, groupKey } from '../lib/finding.ts';
import { useNav } from '../lib/nav.ts';
import { counted, isWebLink, number, shortDigest } from '../lib/words.ts';
import { FixFilter, GroupChoice, SearchField, Select, TypeFilter } from '../parts/filters.tsx';
import { FindingTable, GroupTable } from '../parts/findings.tsx';
import { NoFit } from '../parts/list.tsx';
import { Strip } from '../parts/strip.tsx';
import { countsOf, type FileFinding, type FileGroup, groupsOf, readFindings, wantedOf } from './source.ts';

/** Rows at a time. With three packages open, and the lists below, a page has less than 200. */
const GROUPS = 30;
const INSIDE = 25;
const OPEN = 3;
const CVES = 100;
const FILTERS = ['severity', 'exploited', 'fix', 'epss', 'type', 'layer', 'q'];

export function FileFindings({ data, isLive }: { data: ReportData; isLive: boolean }) {
  const nav = useNav();
  const findings = useMemo(() => readFindings(data), [data]);
  const wanted = useMemo(() => wantedOf(findings, nav.query), [findings, nav.query]);
  const groups = useMemo(() => groupsOf(wanted, data, nav.query.get('sort') ?? '-risk'), [wanted, data]);
  const isByCve = nav.query.get('group') === 'cve';
  const size = isByCve ? CVES : GROUPS;
  const length = isByCve ? wanted.length : groups.length;
  const first = Math.min(Math.max(0, Number(nav.query.get('after')) || 0), Math.max(0, length - 1));
  const counts = countsOf(findings);
  return (
    <section class="card" aria-label="Findings">
      <Strip
        counts={counts}
        all={findings.length}
        exploited={findings.filter(({ exploited }) => exploited).length}
        fixable={findings.filter(({ fixed_in: fixed }) => fixed !== null).length}
        isLive={isLive}
      />
      <Tools
        data={data}
        isLive={isLive}
        count={`${counted(groups.length, 'package')}, ${counted(wanted.length, 'finding')}`}
      />
      {wanted.length === 0 ? (
        <NoFit noun="findings" used={FILTERS.filter((name) => nav.query.has(name))} />
      ) : isByCve ? (
        <FindingTable
          caption="Findings"
          findings={wanted.slice(first, first + size)}
          hasPackage
          sort="-risk"
          name={(finding) => <About of={finding as FileFinding} />}
        />
      ) : (
        <Groups of={groups.slice(first, first + size)} />
      )}
      {isLive && <Pages first={first} size={size} length={length} noun={isByCve ? 'findings' : 'packages'} />}
      {!isLive && findings.length > shownAtFirst(groups) && (
        <p class="pager">
          {number(findings.length - shownAtFirst(groups))} more findings are in this file, and are shown where
          scripts run.
        </p>
      )}
    </section>
  );
}

/** Findings in the packages that are open without a word of the reader. */
function shownAtFirst(groups: readonly FileGroup[]): number {
  return groups.slice(0, OPEN).reduce((sum, { findings }) => sum + Math.min(INSIDE, findings.length), 0);
}

function Tools({ data, isLive, count }: { data: ReportData; isLive: boolean; count: string }) {
  const types = [...new Set(data.groups.map(([type]) => type))];
  return (
    <div class="tools" {...(!isLive && { hidden: true })}>
      <SearchField label="CVE, alias, package, path or text" />
      <GroupChoice />
      <TypeFilter types={types} />
      <FixFilter />
      <Select
        name="layer"
        label="Layer"
        options={[
          ['', 'all'],
          ...data.layers.map(
            ([digest, instruction], index) =>
              [String(index), `${shortDigest(digest)} ${instruction.slice(0, 40)}`.trim()] as const,
          ),
        ]}
      />
      <output class="end">{count}</output>
    </div>
  );
}

function Groups({ of }: { of: readonly FileGroup[] }) {
  const nav = useNav();
  const asked = nav.query.getAll('open');
  const open = asked.length > 0 ? asked : of.slice(0, OPEN).map(groupKey);
  const toggle = (key: string) => {
    const next = open.includes(key) ? open.filter((each) => each !== key) : [...open, key].slice(-OPEN);
    // One that is no package: all are closed, and not as at first.
    nav.go(nav.with({ open: next.length === 0 ? 'none' : next, after: nav.query.get('after') }), {
      replace: true,
    });
  };
  return (
    <GroupTable
      groups={of}
      open={open}
      sort="-risk"
      toggle={toggle}
      inside={(group) => <Inside of={group as Group & FileGroup} />}
    />
  );
}

function Inside({ of: { source, findings } }: { of: FileGroup }) {
  const nav = useNav();
  return (
    <>
      <FindingTable
        caption={`Findings of ${source}`}
        findings={findings.slice(0, INSIDE)}
        name={(finding) => <About of={finding as FileFinding} />}
      />
      {findings.length > INSIDE && (
        <p class="pager">
          <span>
            {INSIDE} of {counted(findings.length, 'finding')}
          </span>
          <a href={nav.with({ group: 'cve', q: source, open: null })}>All of them</a>
        </p>
      )}
    </>
  );
}

/** The name of a finding, which opens to what is known of it. */
function About({ of }: { of: FileFinding }) {
  const { id, description, facts, links, paths } = of;
  return (
    <details>
      <summary class="id">{id}</summary>
      <div class="about">
        {description !== '' && <p>{description}</p>}
        <ul class="muted">
          {[...facts, ...paths.map((path) => `Found in ${path}`)].map((fact) => (
            <li key={fact}>{fact}</li>
          ))}
        </ul>
        <ul>
          {links.filter(isWebLink).map((link) => (
            <li key={link}>
              <a href={link} rel="noopener noreferrer nofollow">
                {link}
              </a>
            </li>
          ))}
        </ul>
      </div>
    </details>
  );
}

function Pages({ first, size, length, noun }: { first: number; size: number; length: number; noun: string }) {
  const nav = useNav();
  if (length <= size) return null;
  const turn = (to: number) => nav.go(nav.with({ after: to <= 0 ? null : String(to), open: null }));
  return (
    <nav class="pager" aria-label={`Pages of ${noun}`}>
      <span role="status" class="page">
        {number(first + 1)}–{number(Math.min(length, first + size))} of {number(length)} {noun}
      </span>
      <span class="acts">
        <button
          type="button"
          class="button"
          name="previous"
          disabled={first === 0}
          onClick={() => turn(first - size)}
        >
          Previous page
        </button>
        <button
          type="button"
          class="button"
          name="next"
          disabled={first + size >= length}
          onClick={() => turn(first + size)}
        >
          Next page
        </button>
      </span>
    </nav>
  );
}
