/**
 * What is recognised of Debian's packages, in the two trees that scripts/debian-programs.sh makes in FOLDER:
 *
 *   scripts/debian-programs.sh FOLDER && node scripts/debian-programs.ts FOLDER
 *
 * Copies in /usr/local have to be recognised with the versions of the packages that they are from; of those that dpkg owns
 * nothing may be told. Exits with 1 where that is not so.
 */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ecosystems } from '../src/ecosystems/index.ts';
import { createLayerBudget, DEFAULT_LIMITS } from '../src/image/layer/layer-limits.ts';
import { walkDirectory } from '../src/image/layer/walk-directory.ts';
import { mergeLayers } from '../src/indexer/merge-layers.ts';
import { settleFiles } from '../src/indexer/settle-files.ts';
import type { Digest } from '../src/model/digest.ts';
import { isProgramPackage } from '../src/model/package.ts';

/** Source packages -> the program in them. */
const SOURCES: Readonly<Record<string, string>> = {
  apache2: 'apache',
  bind9: 'bind',
  exim4: 'exim',
  nodejs: 'node',
  'openjdk-17': 'java',
  'php8.2': 'php',
  'lua5.4': 'lua',
  'postgresql-15': 'postgresql',
  'proftpd-dfsg': 'proftpd',
  'python3.11': 'python',
  'rabbitmq-server': 'rabbitmq',
  'ruby3.1': 'ruby',
  sqlite3: 'sqlite',
};

const detectors = ecosystems.flatMap((each) => each.detectors);

function scan(path: string) {
  const hash = `sha256:${'0'.repeat(64)}` as Digest;
  const layer = walkDirectory({ hash, uri: `dir://${resolve(path)}`, headers: {} }, detectors, {
    budget: createLayerBudget(DEFAULT_LIMITS, () => false),
  });
  return mergeLayers(ecosystems, settleFiles([layer], detectors));
}

/** Upstream's version of each program that a package of `status` has. */
function wantedOf(status: string): Map<string, string> {
  const wanted = new Map<string, string>();
  for (const record of status.split('\n\n')) {
    const field = (name: string) => new RegExp(`^${name}: (\\S+)`, 'm').exec(record)?.[1];
    const source = field('Source') ?? field('Package');
    const version = field('Version')
      ?.replace(/^\d+:/, '')
      .replace(/^.*really/, '')
      .replace(/-[^-]*$/, '');
    if (source !== undefined && version !== undefined)
      wanted.set(SOURCES[source] ?? source, version.replace(/[+~](?:dfsg|ds|git|really|\d).*$/, ''));
  }
  return wanted;
}

const [folder = '.'] = process.argv.slice(2);
const wanted = wantedOf(readFileSync(join(folder, 'owned/var/lib/dpkg/status'), 'utf8'));
const local = scan(join(folder, 'local'));
const owned = scan(join(folder, 'owned'));
let wrong = 0;
let right = 0;
for (const { package: found, environments } of local.packages.filter((each) =>
  isProgramPackage(each.package),
)) {
  const want = wanted.get(found.name);
  const isRight = want === undefined || found.version.replace(/p\d+$/, '') === want.replace(/p\d+$/, '');
  if (isRight) right++;
  else wrong++;
  const places = environments.map(({ packageDb }) => packageDb.replace(/^program:/, '')).join(' ');
  console.log(
    `${isRight ? 'ok   ' : 'WRONG'} ${found.name} ${found.version} (Debian ${want ?? '-'}) ${places}`,
  );
}
for (const { where, reason } of local.problems) console.log(`told  ${where}: ${reason}`);
const twice = owned.packages.filter((each) => isProgramPackage(each.package));
for (const { package: found } of twice) console.log(`TWICE ${found.name} ${found.version}`);
for (const { kind, where } of owned.problems) if (kind === 'unchecked-program') console.log(`TWICE ${where}`);
console.log(`${right} right, ${wrong} wrong, ${twice.length} of the owned told`);
process.exitCode = wrong + twice.length > 0 ? 1 : 0;
