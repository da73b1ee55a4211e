/** A console of very many made images: a dozen bases, packages that most of them share, a name and labels for each. */
import { createHash } from 'node:crypto';
import type { Database, Transaction } from '../src/db/database.ts';
import type { ImageLedger } from '../src/matcher/console/image-ledger.ts';
import type { ComponentRow, CveRow, FindingRow } from '../src/matcher/console/image-rows.ts';
import { saveDay } from '../src/matcher/console/store/days.ts';
import { recountLabel } from '../src/matcher/console/store/labels.ts';
import { recounted } from '../src/matcher/console/store/recount.ts';
import { arrayOf } from '../src/matcher/console/store/save-content.ts';
import { chainOf } from '../src/matcher/console/store/save-manifests.ts';
import { saveShared } from '../src/matcher/console/store/save-shared.ts';
import { termsOf } from '../src/matcher/console/terms.ts';
import { impactOf } from '../src/model/risk.ts';
import { SEVERITIES } from '../src/model/severity.ts';
import { digestOf } from './made-packages.ts';
import { dice } from './million-store.ts';

const BASES = 12;
/** Packages of a base, and of an image above it. */
const SYSTEM = 200;
const OWN = 50;
const LIBRARIES = 3000;
const PROJECTS = 4000;
/** Versions of a project that are in use. */
const VERSIONS = 12;
/** Tags of a repository: the last is the newest. */
const TAGS = 5;
/** Images, and components, that are stored at once. */
const BATCH = { images: 500, components: 4000 };
/** Labels that a third, and a hundredth, of all images have. */
const ENVIRONMENTS = ['prod', 'staging', 'dev'] as const;
const TEAMS = 100;
/** Of every image, of nine in ten, and of few. */
export const KNOWN = { common: 'common', kernel: 'kernel', rare: 'project-7' } as const;
/** Packages of an image that is not complete which are not checked: of its own. */
const UNCHECKED = 5;
const FEED = 'toy/1';

interface Component {
  readonly row: ComponentRow;
  readonly cves: readonly CveRow[];
  readonly findings: readonly FindingRow[];
}

/** A component as it is stored: its number, and those of its findings. */
interface Stored {
  readonly id: number;
  readonly findings: readonly number[];
}

/** Stores `images` images, counted as the console counts. */
export async function fillConsole(db: Database, images: number, now: Date): Promise<void> {
  const bases = Array.from({ length: BASES }, (_, base) => baseOf(base));
  const own = range(PROJECTS).map((n) =>
    range(VERSIONS).map((v) => componentOf('python', `project-${n}`, `${v}.0`)),
  );
  const stored = await storeComponents(db, [...bases.flat(), ...own.flat()], now);
  const of = ({ row }: Component): Stored => stored.get(row.digest)!;
  const made = { bases: bases.map((base) => base.map(of)), own: own.map((project) => project.map(of)) };
  await db.query({ text: 'vacuum analyze' });
  await withoutIndexes(db, 'console_content', () =>
    db.transaction(async (tx) => {
      const numbers = batchesOf(images).map((batch) => batch.map((n) => imageOf(n, images, made, now)));
      const ids: number[] = [];
      for (const batch of numbers) ids.push(...(await storeImages(tx, batch, now)));
      await tx.query({ text: 'analyze console_image' });
      // What is counted before is nothing: there are no contents yet.
      await recounted(tx, ids, async () => {
        for (const [n, batch] of numbers.entries())
          await storeContents(tx, batch, ids.slice(n * BATCH.images));
        await tx.query({ text: 'analyze console_content' });
      });
    }),
  );
  await db.query({
    text: `insert into console_label (key, value) select distinct l.key, l.value
      from console_image i cross join lateral jsonb_each_text(i.labels) l`,
  });
  while (await recountLabel(db, now));
  await saveDay(db, now);
  await db.query({ text: 'vacuum analyze' });
}

/** Every vulnerability with the packages that have it. */
export function* madeVulnerabilities(): Generator<{ readonly cve: string; readonly package: string }> {
  const names = [...range(BASES).flatMap((base) => baseOf(base).map(({ row }) => row.source))];
  for (const name of new Set([...names, ...range(PROJECTS).map((n) => `project-${n}`)]))
    for (const { name: cve } of cvesOf(name)) yield { cve, package: name };
}

/** Indexes that are not of a key are made anew afterwards, at once: much less work. */
async function withoutIndexes(db: Database, table: string, work: () => Promise<void>): Promise<void> {
  const indexes = await db.query<{ name: string; definition: string }>({
    text: `
      select indexrelid::regclass::text as name, pg_get_indexdef(indexrelid) as definition
      from pg_index where indrelid = $1::regclass and not indisunique`,
    values: [table],
  });
  for (const { name } of indexes) await db.query({ text: `drop index ${name}` });
  await work();
  for (const { definition } of indexes) await db.query({ text: definition });
}

function batchesOf(images: number): number[][] {
  const numbers = range(images);
  return range(Math.ceil(images / BATCH.images)).map((n) =>
    numbers.slice(n * BATCH.images, (n + 1) * BATCH.images),
  );
}

const range = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

function baseOf(base: number): Component[] {
  const next = dice(1000 + base);
  const kernel = base === 1 || base === 2 ? 'other-kernel' : KNOWN.kernel;
  return [
    componentOf('deb', KNOWN.common, '1.0'),
    componentOf('deb', kernel, `6.1.${base}`),
    ...range(SYSTEM - 2).map(() => componentOf('deb', `lib${next(LIBRARIES)}`, `1.${next(20)}.${next(10)}`)),
  ];
}

function componentOf(type: string, name: string, version: string): Component {
  const purl = `pkg:${type === 'deb' ? 'deb/debian' : 'pypi'}/${name}@${version}`;
  const row = { digest: hexOf(`${purl} component`), type, source: name, name, version, purl };
  const cves = cvesOf(name);
  const findings = cves.map((cve, n): FindingRow => {
    const fixes = n % 3 === 2 ? [] : [`99.${n}`];
    const severity = SEVERITIES[cve.severity]!;
    return {
      digest: hexOf(`${purl} ${cve.name}`),
      cve: cve.name,
      component: row.digest,
      severity: cve.severity,
      severitySource: null,
      impact: impactOf({ severity, fixedIn: fixes.at(-1) ?? '' }),
      fixes,
      undecided: false,
      feed: FEED,
    };
  });
  return { row, cves, findings };
}

/** Vulnerabilities of a package: many of the kernel, else none to three. */
function cvesOf(name: string): CveRow[] {
  const seed = createHash('sha256').update(name).digest().readUInt32BE();
  const next = dice(seed);
  const count = name.endsWith('kernel') ? 40 : name === KNOWN.common ? 3 : Math.max(0, next(6) - 2);
  return range(count).map((n): CveRow => {
    const id = `CVE-2030-${10_000 + ((seed + n * 7919) % 900_000)}`;
    const epss = next(10) === 0 ? next(1000) / 1000 : next(1000) / 50_000;
    return {
      name: id,
      aliases: [`GHSA-${hexOf(id).slice(0, 4)}-${hexOf(id).slice(4, 8)}-${hexOf(id).slice(8, 12)}`],
      title: `A flaw in ${name} lets attackers do what they should not.`,
      severity: next(SEVERITIES.length),
      ...{ cvss: 7.5, cvssVector: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H', cvssSource: 'NVD' },
      ...{ epss, exploited: next(200) === 0 },
      terms: termsOf([id, name]),
    };
  });
}

async function storeComponents(
  db: Database,
  all: readonly Component[],
  now: Date,
): Promise<ReadonlyMap<string, Stored>> {
  const components = [...new Map(all.map((each) => [each.row.digest, each])).values()];
  const stored = new Map<string, Stored>();
  for (let from = 0; from < components.length; from += BATCH.components) {
    const part = components.slice(from, from + BATCH.components);
    const cves = new Map(part.flatMap((each) => each.cves.map((cve) => [cve.name, cve])));
    const findings = new Map(part.flatMap((each) => each.findings.map((row) => [row.digest, row])));
    const rows = {
      components: part.map(({ row }) => row),
      cves: [...cves.values()],
      findings: [...findings.values()],
    };
    const ids = await db.transaction((tx) => saveShared(tx, { ...rows, lookups: [] }, now));
    for (const { row, findings: own } of part) {
      const numbers = own.map(({ digest }) => ids.findings.get(digest)!);
      stored.set(row.digest, { id: ids.components.get(row.digest)!, findings: numbers });
    }
  }
  return stored;
}

interface Made {
  readonly bases: readonly (readonly Stored[])[];
  readonly own: readonly (readonly Stored[])[];
}

interface MadeImage {
  readonly digest: string;
  readonly name: string;
  readonly tag: string;
  readonly at: Date;
  readonly newest: boolean;
  readonly labels: Readonly<Record<string, string>>;
  readonly layers: readonly string[];
  readonly components: readonly number[];
  readonly findings: readonly number[];
  readonly isIncomplete: boolean;
}

/** The image of number `n`, the same at every call. The first base has half of all. */
function imageOf(n: number, images: number, { bases, own }: Made, now: Date): MadeImage {
  const next = dice(n + 1);
  const base = next(2) === 0 ? 0 : 1 + next(BASES - 1);
  const [repository, tag] = [Math.floor(n / TAGS), n % TAGS];
  const components = [...bases[base]!, ...range(OWN).map(() => own[next(PROJECTS)]![next(VERSIONS)]!)];
  return {
    digest: digestOf(`image ${n}`),
    name: `registry.example.com/team-${repository % TEAMS}/service-${repository}`,
    tag: `1.${tag}.0`,
    at: new Date(now.getTime() - (images - n) * 60_000),
    newest: tag === TAGS - 1 || n === images - 1,
    labels: {
      env: ENVIRONMENTS[repository % ENVIRONMENTS.length]!,
      team: `team-${repository % TEAMS}`,
    },
    layers: [
      ...range(3).map((at) => digestOf(`base ${base} ${at}`)),
      ...range(3).map((at) => digestOf(`own ${n} ${at}`)),
    ],
    components: sorted(components.map(({ id }) => id)),
    findings: sorted(components.flatMap((each) => each.findings)),
    isIncomplete: n % 20 === 0,
  };
}

/** Their numbers, in their order. */
async function storeImages(tx: Transaction, made: readonly MadeImage[], now: Date): Promise<number[]> {
  const ids = await tx.query<{ id: number; digest: string }>({
    name: 'made-images',
    text: `
      insert into console_image (digest, version, state, indexed, layers, chain, name, names, labels, newest, words,
        distribution, packages, checked, coverage, matched, changed, feeds)
      select digest, '1', 'IndexFinished', at, string_to_array(layers, ' '), decode(chain, 'hex'), name || ':' || tag,
        jsonb_build_array(jsonb_build_object('name', name, 'tag', tag, 'at', at)), labels::jsonb, newest,
        array_to_tsvector(string_to_array(words, ' ')), 'Debian GNU/Linux 12 (bookworm)', packages, checked,
        case when checked = packages then 'complete' else 'incomplete' end, $12, at, '{${FEED}}'
      from unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::text[], $6::text[], $7::text[], $8::boolean[],
        $9::text[], $10::int[], $11::int[])
        as n (digest, name, tag, at, layers, chain, labels, newest, words, packages, checked)
      returning id, digest`,
    values: [
      made.map(({ digest }) => digest),
      made.map(({ name }) => name),
      made.map(({ tag }) => tag),
      made.map(({ at }) => at),
      made.map(({ layers }) => layers.join(' ')),
      made.map(({ layers }) => chainOf(layers)!.toString('hex')),
      made.map(({ labels }) => JSON.stringify(labels)),
      made.map(({ newest }) => newest),
      made.map(({ digest, name, tag, labels }) =>
        termsOf([digest, `${name}:${tag}`, ...Object.entries(labels).flat()]).join(' '),
      ),
      made.map(({ components }) => components.length),
      made.map(({ components, isIncomplete }) => components.length - (isIncomplete ? UNCHECKED : 0)),
      now,
    ],
  });
  const byDigest = new Map(ids.map(({ id, digest }) => [digest, id]));
  const numbers = made.map(({ digest }) => byDigest.get(digest)!);
  await tx.query({
    name: 'made-repositories',
    text: `
      insert into console_repository (name, image, tag, at)
      select * from unnest($1::text[], $2::int[], $3::text[], $4::timestamptz[])`,
    values: [made.map(({ name }) => name), numbers, made.map(({ tag }) => tag), made.map(({ at }) => at)],
  });
  return numbers;
}

async function storeContents(
  tx: Transaction,
  images: readonly MadeImage[],
  all: readonly number[],
): Promise<void> {
  const ids = all.slice(0, images.length);
  await tx.query({
    name: 'made-contents',
    text: `
      insert into console_content (image, findings, finding_places, components, unchecked, lookups, places, ledger)
      select image, findings::int[], places::smallint[], components::int[], unchecked::int[], '{}',
        '[[0, "var/lib/dpkg/status"]]', ledger::jsonb
      from unnest($1::int[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[])
        as n (image, findings, places, components, unchecked, ledger)`,
    values: [
      ids,
      images.map(({ findings }) => arrayOf(findings)),
      images.map(({ findings }) => arrayOf(findings.map(() => 0))),
      images.map(({ components }) => arrayOf(components)),
      images.map(({ components, isIncomplete }) => arrayOf(isIncomplete ? components.slice(-UNCHECKED) : [])),
      images.map(({ components, isIncomplete }) => JSON.stringify(ledgerOf(components.length, isIncomplete))),
    ],
  });
  await tx.query({
    name: 'made-changes',
    text: `
      insert into console_change (image, at, cause, came, went, new, gone)
      select image, at, 'indexed', '{}', '{}', new, 0 from unnest($1::int[], $2::timestamptz[], $3::int[]) as n (image, at, new)`,
    values: [ids, images.map(({ at }) => at), images.map(({ findings }) => findings.length)],
  });
}

function ledgerOf(packages: number, isIncomplete: boolean): ImageLedger {
  const checked = packages - (isIncomplete ? UNCHECKED : 0);
  const line = (what: string, scope: string, count: number, reason: string | null) => {
    return { what, scope, packages: count, feeds: [FEED], reason };
  };
  const lines = [line('deb', 'toy:1', checked, null)];
  if (isIncomplete) lines.push(line('python', 'pypi', UNCHECKED, 'no-feed'));
  return { state: isIncomplete ? 'incomplete' : 'complete', packages, checked, lines, other: [] };
}

const sorted = (ids: readonly number[]): number[] => [...new Set(ids)].sort((a, b) => a - b);

function hexOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}
