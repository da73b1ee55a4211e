/**
 * Writes src/ecosystems/java/fixtures/versions.txt: pairs of versions in the order that Maven's own class gives them
 * (org.apache.maven.artifact.versioning.ComparableVersion, run by the main class of its jar). Needs `mvn` and `java`.
 * Run: node scripts/gen-vectors-maven.ts
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ARTIFACT = 'org.apache.maven:maven-artifact:3.9.11';

let seed = 39;
/** The same numbers at every run (Park and Miller). */
function random(below: number): number {
  seed = (seed * 16807) % 2147483647;
  return seed % below;
}

function pick(from: readonly string[]): string {
  return from[random(from.length)] ?? '';
}

const NUMBERS = [
  '0',
  '0',
  '1',
  '1',
  '2',
  '3',
  '9',
  '10',
  '00',
  '01',
  '007',
  '2024',
  '20240101',
  '2147483648',
];
const HUGE = ['99999999999999999999', '18446744073709551616', '9223372036854775807'];
const WORDS = [
  'alpha',
  'a',
  'beta',
  'b',
  'milestone',
  'm',
  'rc',
  'cr',
  'snapshot',
  'SNAPSHOT',
  'ga',
  'final',
];
const OTHERS = [
  'Final',
  'release',
  'RELEASE',
  'sp',
  'SP',
  'jre',
  'android',
  'x',
  'foo',
  'redhat',
  'v',
  '_',
  '+b',
  'pre',
];

function token(): string {
  const kind = random(10);
  if (kind < 5) return pick(NUMBERS);
  if (kind === 5) return pick(HUGE);
  return kind < 8 ? pick(WORDS) : pick(OTHERS);
}

/** As people write them. */
function usual(): string {
  const numbers = Array.from({ length: 1 + random(4) }, () => pick(NUMBERS)).join('.');
  const tail = [
    '',
    '',
    '.Final',
    '.RELEASE',
    '-SNAPSHOT',
    `-rc${random(12)}`,
    `-RC-${random(3)}`,
    `.RC${random(12)}`,
    `-alpha.${random(12)}`,
    `-alpha-${random(4)}`,
    `b${random(12)}`,
    `-beta${random(12)}`,
    `.M${random(4)}`,
    '-jre',
    '-android',
    `.v${20230000 + random(99)}`,
    `-${random(12)}`,
    `.redhat-0000${random(4)}`,
    `.Final-redhat-${random(3)}`,
    `-M${random(3)}-SNAPSHOT`,
    '.GA',
    `.SP${random(3)}`,
    `-20240101.120000-${random(3)}`,
    `-rc${random(3)}.${random(3)}`,
    '-incubating',
    '_1',
    `+build.${random(3)}`,
  ];
  return numbers + pick(tail);
}

/** Anything that its grammar can be asked. */
function odd(): string {
  let text = random(4) === 0 ? '' : pick(NUMBERS);
  for (let left = random(6); left >= 0; left--)
    text += pick(['.', '-', '', '.', '-', '..', '--', '.-']) + token();
  return text + pick(['', '', '', '', '.', '-', '.0', '-0', '.0-0']);
}

function near(other: string): string {
  const at = random(other.length);
  const change = pick(['', '0', '1', '.', '-', 'a', 'rc', '.0', '-1']);
  return other.slice(0, at) + change + other.slice(at + random(2));
}

const FIXED = [
  '1',
  '1.0',
  '1.0.0',
  '1-0',
  '1.',
  '1-',
  '1.ga',
  '1.final',
  '1-release',
  '1.0.0-foo.0.0',
  '1-foo',
  '1.foo',
  '1foo',
  '1.0.0-0.0.0',
  '1-alpha',
  '1.sp.1',
  '1-sp',
  '1.sp',
  '1-1',
  '1.1',
  '1.0.1',
  '1-0.1',
  '1-ga1',
  '1-ga.1',
  '1.ga.1',
  '1--1',
  '1-0-alpha',
  '0-alpha',
  'alpha',
  'alpha1',
  '-1',
  '.1',
  '0',
  '0.0',
  '1-a',
  '1-a1',
  '1-a-1',
  '1-alpha1',
  '1.0.0.X1',
  '1.0.0-X2',
  '1.x.2',
  '1.foo-1',
  '1-foo-1',
  '1.0-beta-2',
  '1.0-beta2',
  '1.0-beta.2',
  '1.0.RC2',
  '1.0-RC3',
  '20240101120000',
  '9999999999',
  '99999999999999999999',
  '1.1-a1',
  '1_1',
];

const texts: string[] = [];
for (const a of FIXED) for (const b of FIXED) if (a < b) texts.push(a, b);
for (let count = 0; count < 1500; count++) {
  const text = random(3) > 0 ? usual() : odd();
  texts.push(text, random(2) === 0 ? near(text) : random(2) === 0 ? usual() : odd());
}

const directory = mkdtempSync(join(tmpdir(), 'gen-vectors-maven-'));
try {
  execFileSync('mvn', ['-q', 'dependency:copy', `-Dartifact=${ARTIFACT}`, `-DoutputDirectory=${directory}`]);
  const jar = join(directory, `${ARTIFACT.split(':').slice(1).join('-')}.jar`);
  const lines = new Set<string>();
  for (let from = 0; from < texts.length; from += 1000) {
    const asked = texts.slice(from, from + 1000).filter((text) => text !== '');
    // It compares each argument with the one before.
    const said = execFileSync('java', ['-jar', jar, ...asked], { encoding: 'utf8' });
    for (const [, a, sign, b] of said.matchAll(/^ {3}(\S+) (<|==|>) (\S+)$/gm))
      lines.add(`${a} ${sign === '==' ? '=' : sign} ${b}`);
  }
  const fixtures = join(import.meta.dirname, '../src/ecosystems/java/fixtures');
  mkdirSync(fixtures, { recursive: true });
  writeFileSync(join(fixtures, 'versions.txt'), `${[...lines].join('\n')}\n`);
} finally {
  rmSync(directory, { recursive: true, force: true });
}
