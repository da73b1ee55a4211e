/**
 * Real trees of Java, and how many of their libraries get the name that they were fetched by:
 *
 *     node scripts/node24.mjs scripts/java-trees.ts FOLDER
 *
 * Maven fetches a Spring Boot application's libraries, Tomcat and log4j-core into FOLDER; nothing of them is kept in the
 * repository. Each tree is read as the indexer reads a layer, and named as the matcher does: once where no advisory is
 * loaded, once where advisories know only the frameworks, and once where they know every library.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Guess, KnownNames } from '../src/contract/lookup.ts';
import { byPath } from '../src/ecosystems/coalesce.ts';
import { javaArchives } from '../src/ecosystems/java/detect-archives.ts';
import { naming } from '../src/ecosystems/java/naming.ts';
import { makeZip } from '../src/formats/archives/zip.fixture.ts';
import type { Digest } from '../src/model/digest.ts';
import type { IndexedPackage } from '../src/model/index-report.ts';

const BOOT = '2.6.5';
const STARTERS = ['web', 'data-jpa', 'security', 'actuator', 'validation'];
const BESIDE = [
  'com.h2database:h2',
  'org.postgresql:postgresql',
  'mysql:mysql-connector-java',
  'com.squareup.okhttp3:okhttp',
  'org.springframework.kafka:spring-kafka',
];
const LIBRARIES = 80;
const TOMCAT = '9.0.50';
const LOG4J = '2.14.1';
const FRAMEWORKS = ['org.springframework:spring-beans', 'org.apache.tomcat.embed:tomcat-embed-core'];

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('expected the directory for the trees');

interface File {
  readonly path: string;
  readonly content: Buffer;
}

/** Artifacts as Maven copies them, with their coordinates by name of file. */
function fetched(): { files: File[]; names: Map<string, string> } {
  const boot = join(folder!, 'boot');
  mkdirSync(boot, { recursive: true });
  const dependency = (group: string, artifact: string, more = '') =>
    `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId>${more}</dependency>`;
  const pom = `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<parent>${'<groupId>org.springframework.boot</groupId><artifactId>spring-boot-starter-parent</artifactId>'}<version>${BOOT}</version></parent>
<groupId>trees</groupId><artifactId>trees</artifactId><version>1</version>
<dependencies>${[
    ...STARTERS.map((starter) => dependency('org.springframework.boot', `spring-boot-starter-${starter}`)),
    ...BESIDE.map((name) => dependency(name.split(':')[0]!, name.split(':')[1]!)),
  ].join('\n')}</dependencies></project>`;
  writeFileSync(join(boot, 'pom.xml'), pom);
  maven(boot, 'dependency:copy-dependencies', '-DoutputDirectory=lib', '-DincludeScope=runtime');
  maven(boot, 'dependency:list', '-DincludeScope=runtime', '-DoutputFile=list.txt');
  const names = new Map<string, string>();
  for (const line of readFileSync(join(boot, 'list.txt'), 'utf8').split('\n')) {
    const [, group, artifact, classifier = '', version] =
      /([\w.-]+):([\w.-]+):jar(?::([\w.-]+))?:([\w.-]+):(?:compile|runtime)/.exec(line) ?? [];
    if (group)
      names.set(`${artifact}-${version}${classifier && `-${classifier}`}.jar`, `${group}:${artifact}`);
  }
  const files = readdirSync(join(boot, 'lib'))
    .sort()
    .map((path) => ({ path, content: readFileSync(join(boot, 'lib', path)) }));
  return { files, names };
}

function maven(cwd: string, goal: string, ...options: string[]): void {
  execFileSync('mvn', ['-q', '-B', goal, ...options], { cwd, stdio: ['ignore', 'ignore', 'inherit'] });
}

function copied(artifact: string): Buffer {
  maven(
    folder!,
    'dependency:copy',
    `-Dartifact=${artifact}`,
    '-DoutputDirectory=.',
    '-Dmdep.useBaseVersion=true',
  );
  const [, name, version, type] = artifact.split(':');
  return readFileSync(join(folder!, `${name}-${version}.${type}`));
}

/** What the indexer finds in files of a layer. */
function indexed(files: readonly File[]): readonly IndexedPackage[] {
  const detector = `java:${javaArchives.revision}:package`;
  const found = files.flatMap(({ path, content }) => {
    const entry = { path, type: 'file', size: content.length, mode: 0o644 } as const;
    if (!javaArchives.inspects!(entry) || !javaArchives.magic!(content.subarray(0, 512), entry)) return [];
    const file = {
      ...entry,
      read: (offset: number, length: number) => content.subarray(offset, offset + length),
      indexOf: (needle: Buffer, from?: number) => content.indexOf(needle, from),
    };
    return [...javaArchives.inspect!(file, entry)].map((each) => ({ ...each, detector }));
  });
  return byPath([{ layer: `sha256:${'0'.repeat(64)}` as Digest, whiteouts: [], found }]).packages;
}

/** Their names where advisories have `names`. */
function named(packages: readonly IndexedPackage[], names: readonly string[]): string[] {
  const guesses = new Map<number, Guess>();
  for (const [position, each] of packages.entries()) {
    const guess = naming.guess(each);
    if (guess !== undefined) guesses.set(position, guess);
  }
  const known: KnownNames = {
    byArtifact: Map.groupBy(names, (name) => name.split(':')[1]!.toLowerCase()),
    groups: new Set(names.map((name) => name.split(':')[0]!)),
  };
  const settled = naming.settle(packages, guesses, known);
  return packages.map((each, position) => {
    const { name = each.package.name, perhaps } = settled.get(position) ?? {};
    return `${perhaps ? '? ' : ''}${name} ${each.package.version}`;
  });
}

function springBoot(): void {
  const { files, names } = fetched();
  const libraries = files.slice(0, LIBRARIES);
  const application = makeZip({
    members: [
      { name: 'META-INF/MANIFEST.MF', content: 'Manifest-Version: 1.0\r\nStart-Class: a.B\r\n\r\n' },
      ...libraries.map(({ path, content }) => ({
        name: `BOOT-INF/lib/${path}`,
        content,
        method: 0 as const,
      })),
    ],
  });
  writeFileSync(join(folder!, 'app.jar'), application);
  const packages = indexed([{ path: 'app.jar', content: application }]);
  const all = [...names.values()];
  for (const [what, known] of [
    ['no advisories', []],
    ['framework advisories', FRAMEWORKS],
    ['all advisories', all],
  ] as const) {
    const found = new Set(named(packages, known));
    const wrong = libraries.filter(({ path }) => !found.has(nameOf(path, names)));
    console.log(`Spring Boot, ${what}: ${libraries.length - wrong.length} of ${libraries.length}`);
    for (const { path } of wrong) console.log(`  ${nameOf(path, names)}`);
  }
}

function nameOf(path: string, names: ReadonlyMap<string, string>): string {
  const name = names.get(path) ?? '?';
  const version = basename(path, '.jar').slice(name.split(':')[1]!.length + 1);
  return `${name} ${version.replace(/-(?:linux|osx)-\w+$/, '')}`;
}

function tomcat(): void {
  copied(`org.apache.tomcat:tomcat:${TOMCAT}:tar.gz`);
  execFileSync('tar', ['xzf', `tomcat-${TOMCAT}.tar.gz`], { cwd: folder! });
  const root = join(folder!, `apache-tomcat-${TOMCAT}`);
  const files = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(?:jar|war)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((path) => ({ path: path.slice(root.length + 1), content: readFileSync(path) }));
  const found = named(indexed(files), [
    'org.apache.tomcat:tomcat-catalina',
    'org.apache.tomcat:tomcat-coyote',
  ]);
  console.log(`Tomcat ${TOMCAT}: ${found.length} of ${files.length} archives`);
  for (const each of found) console.log(`  ${each}`);
}

/** log4j-core in every kind of archive. */
function archives(): void {
  const content = copied(`org.apache.logging.log4j:log4j-core:${LOG4J}:jar`);
  const library = `log4j-core-${LOG4J}.jar`;
  const kinds = ['war', 'ear', 'par', 'sar', 'nar', 'kar', 'rar', 'jpi', 'hpi', 'lpkg', 'zip'];
  const cases: [path: string, content: Buffer][] = [
    [library, content],
    ...kinds.map((kind): [string, Buffer] => [
      `app.${kind}`,
      makeZip({ members: [{ name: `lib/${library}`, content, method: kind === 'zip' ? 0 : 8 }] }),
    ]),
    ['boot.jar', makeZip({ members: [{ name: `BOOT-INF/lib/${library}`, content, method: 0 }] })],
    ['processor.nar', makeZip({ members: [{ name: `META-INF/bundled-dependencies/${library}`, content }] })],
  ];
  const found = cases.filter(([path, bytes]) =>
    named(indexed([{ path, content: bytes }]), []).includes(`org.apache.logging.log4j:log4j-core ${LOG4J}`),
  );
  console.log(`log4j-core: in ${found.length} of ${cases.length} kinds of archive`);
}

mkdirSync(folder, { recursive: true });
springBoot();
tomcat();
archives();
