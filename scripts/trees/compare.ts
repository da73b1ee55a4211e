/**
 * What is found in the trees that scripts/trees/make.sh makes in FOLDER, beside what Syft and Trivy find:
 *
 *     scripts/trees/make.sh FOLDER && node scripts/node24.mjs scripts/trees/compare.ts FOLDER SYFT TRIVY
 *
 * SYFT and TRIVY are their programs. Packages are compared by type, name and version. What either has and is not found here
 * needs a reason (reasons.ts) that holds; exits with 1 where there is none. Writes figures.json beside this, which the documents show.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { ecosystems } from '../../src/ecosystems/index.ts';
import { parsePurl } from '../../src/model/purl.ts';
import { purlOf } from '../../src/sbom/inventory.ts';
import { type Figures, TREES } from './figures.ts';
import { REASONS, type Reason } from './reasons.ts';
import { scanTree } from './scan-tree.ts';

const [folder, syft, trivy] = process.argv.slice(2);
if (folder === undefined || syft === undefined || trivy === undefined)
  throw new Error('expected the directory of the trees, and the programs of Syft and Trivy');

/** Programs are of one type here, whatever package URLs call them; these are other names for one. */
const PROGRAM_TYPES: ReadonlySet<string> = new Set(['generic', 'bitnami', 'program', 'binary']);

/** What has no package URL in Syft's list is of a type of Syft. */
const SAME_TYPES: ReadonlyMap<string, string> = new Map([
  ['otp', 'hex'],
  ['rust-crate', 'cargo'],
]);

/** The same package has the same key, whoever writes it. */
function keyOf(type: string, name: string, version: string): string {
  const bare = type.replace(/^sbom-/, '');
  const kind = PROGRAM_TYPES.has(bare) ? 'program' : (SAME_TYPES.get(bare) ?? bare);
  // Groups of Java are guesses everywhere: the artifact is compared.
  const shown = kind === 'maven' ? name.slice(name.lastIndexOf('/') + 1) : name;
  const plain = shown.toLowerCase().replace(/[._-]+/g, '-');
  // Bitnami counts its builds of a version.
  const written = kind === 'program' ? version.replace(/-\d+$/, '') : version;
  return `${kind}:${plain}@${written.toLowerCase().replace(/^(?:v|go)(?=\d)/, '')}`;
}

function keyOfPurl(text: string): string | undefined {
  const purl = parsePurl(text);
  if (purl === undefined || purl.name === '') return undefined;
  const { type, namespace, name, version, qualifiers } = purl;
  const inNamespace =
    namespace === '' || ['deb', 'rpm', 'apk'].includes(type) ? name : `${namespace}/${name}`;
  const epoch = qualifiers.get('epoch');
  return keyOf(type, inNamespace, epoch ? `${epoch}:${version}` : version);
}

interface Ours {
  readonly keys: ReadonlySet<string>;
  /** Files that the ledger does not account for. */
  readonly unaccounted: ReadonlySet<string>;
}

const known = new Map<string, Ours>();

/** What is found here in a tree. */
function ours(tree: string): Ours {
  let found = known.get(tree);
  if (found === undefined) {
    const { packages, ledger } = scanTree(pathOf(tree));
    const keys = packages.flatMap((indexed) => {
      const purl = purlOf(indexed, ecosystems);
      const { name, version, detector } = indexed.package;
      return keyOfPurl(purl ?? '') ?? keyOf(detector?.split(':')[0] ?? '', name, version);
    });
    const unaccounted = new Set(ledger?.unaccounted.map(({ path }) => `/${path}`));
    known.set(tree, (found = { keys: new Set(keys), unaccounted }));
  }
  return found;
}

function pathOf(tree: string): string {
  return realpathSync(join(folder!, 'trees', tree));
}

/** What is found by others, with the files that it was found in, from the root of the tree. */
type Found = ReadonlyMap<string, ReadonlySet<string>>;

function byKey(found: Iterable<readonly [key: string, places: readonly string[]]>): Found {
  const places = new Map<string, Set<string>>();
  for (const [key, more] of found) places.set(key, new Set([...(places.get(key) ?? []), ...more]));
  return places;
}

interface Artifact {
  readonly type: string;
  readonly name: string;
  readonly version: string;
  readonly purl?: string;
  readonly locations: readonly { readonly path: string }[];
}

function run(program: string, ...options: string[]): unknown {
  const stdio = ['ignore', 'pipe', 'inherit'] as const;
  return JSON.parse(
    execFileSync(program, options, { encoding: 'utf8', maxBuffer: 2 ** 30, stdio: [...stdio] }),
  );
}

/** Of a folder Syft reads lock files alone, unless all of its readers are asked for. */
const ALL = ['-q', 'scan', '--override-default-catalogers', 'all', '-o', 'json'];

function ofSyft(path: string): Found {
  const { artifacts } = run(syft!, ...ALL, `dir:${path}`) as { artifacts: Artifact[] };
  return byKey(
    artifacts.map(({ type, name, version, purl, locations }) => [
      keyOfPurl(purl ?? '') ?? keyOf(type, name, version),
      locations.map((each) => each.path),
    ]),
  );
}

interface Component {
  readonly purl?: string;
  readonly properties?: readonly { readonly name: string; readonly value: string }[];
}

function ofTrivy(path: string, how: 'rootfs' | 'fs'): Found {
  const options = [
    '--cache-dir',
    cache,
    '--quiet',
    '--offline-scan',
    '--skip-version-check',
    '--format',
    'cyclonedx',
  ];
  const { components = [] } = run(trivy!, how, ...options, path) as { components?: Component[] };
  return byKey(
    components.flatMap(({ purl, properties = [] }) => {
      const key = keyOfPurl(purl ?? '');
      const places = properties.filter(({ name }) => name === 'aquasecurity:trivy:FilePath');
      return key === undefined ? [] : [[key, places.map(({ value }) => `/${value}`)] as const];
    }),
  );
}

/** Trivy reads no jar without its database of them, which an empty one stands for: it then goes by what jars say themselves. */
function withoutJavaDatabase(folder: string): string {
  const cache = join(folder, 'trivy');
  const path = join(cache, 'java-db', 'trivy-java.db');
  if (existsSync(path)) return cache;
  mkdirSync(dirname(path), { recursive: true });
  const database = new DatabaseSync(path);
  database.exec('create table artifacts (id integer primary key, group_id text, artifact_id text)');
  database.exec('create table indices (artifact_id integer, version text, sha1 blob, archive_type text)');
  database.close();
  const [made, until] = ['2026-01-01T00:00:00Z', '2999-01-01T00:00:00Z'];
  const told = { Version: 1, NextUpdate: until, UpdatedAt: made, DownloadedAt: made };
  writeFileSync(join(dirname(path), 'metadata.json'), JSON.stringify(told));
  return cache;
}

/** Whether all that `reason` says is so. */
function holds(reason: Reason, tree: string, key: string, places: readonly string[]): boolean {
  const { of, at, as, alsoIn, accounted } = reason;
  if (!reason.tree.test(tree) || !of.test(key)) return false;
  if (at !== undefined && !(places.length > 0 && places.every((place) => at.test(place)))) return false;
  if ((as ?? alsoIn) !== undefined && !ours(alsoIn ?? tree).keys.has(as?.(key) ?? key)) return false;
  return !accounted || places.every((place) => !ours(tree).unaccounted.has(place));
}

const cache = withoutJavaDatabase(folder);
const figures: Figures[] = [];
const unexplained: string[] = [];
for (const { tree, how } of TREES) {
  const path = pathOf(tree);
  const found = { ours: ours(tree).keys, syft: ofSyft(path), trivy: ofTrivy(path, how) };
  const reasons = new Map<string, string[]>();
  for (const [key, places] of byKey([...found.syft, ...found.trivy].map(([key, of]) => [key, [...of]]))) {
    if (found.ours.has(key)) continue;
    const reason = REASONS.find((each) => holds(each, tree, key, [...places]))?.reason;
    if (reason !== undefined) reasons.set(reason, [...(reasons.get(reason) ?? []), key]);
    else
      unexplained.push(
        `${tree}: ${key}${found.syft.has(key) ? ' (Syft)' : ''}${found.trivy.has(key) ? ' (Trivy)' : ''} ${[...places].join(' ')}`,
      );
  }
  figures.push({
    tree,
    ours: found.ours.size,
    syft: found.syft.size,
    trivy: found.trivy.size,
    alone: [...found.ours].filter((key) => !found.syft.has(key) && !found.trivy.has(key)).length,
    reasons: [...reasons].map(([reason, keys]) => ({ reason, count: keys.length })),
  });
  console.log(JSON.stringify(figures.at(-1)));
  if (process.env.SHOW)
    for (const key of found.ours)
      if (!found.syft.has(key) && !found.trivy.has(key)) console.log('  alone', key);
}
for (const each of unexplained) console.log(`missing without a reason: ${each}`);
writeFileSync(new URL('./figures.json', import.meta.url), `${JSON.stringify(figures, null, 2)}\n`);
if (unexplained.length > 0) process.exitCode = 1;
