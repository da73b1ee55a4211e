/** Makes feeds of production size, or of a part of it, and the next day's files: always the same ones. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { nvdYears, scores } from './feeds-generator-facts.ts';
import { osvArchives } from './feeds-generator-osv.ts';
import type { Files } from './feeds-generator-random.ts';
import { alpineSecdb, debianTracker, ubuntuOval } from './feeds-generator-systems.ts';
import { redHatArchive } from './feeds-generator-vex.ts';
import { NEXT_DAY } from './scale-feeds.ts';

/** What is there at production size. */
const SIZES = {
  debian: 58_000,
  ubuntu: 20_000,
  redHat: 4000,
  alpine: 87_000,
  npm: 30_000,
  pypi: 18_000,
  nvd: 150_000,
  epss: 250_000,
};

/** Writes `folder`/feeds and the next day's files beside it; `size` 1 is production size. */
export async function generateFeeds(folder: string, size: number): Promise<void> {
  const count = (what: keyof typeof SIZES): number => Math.max(10, Math.round(SIZES[what] * size));
  for (const day of [1, 2] as const) {
    const write = (files: Files): void => {
      for (const [path, content] of Object.entries(files)) {
        const file = join(folder, day === 1 ? 'feeds' : NEXT_DAY, path);
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, content);
      }
    };
    write(debianTracker(count('debian'), day));
    for (const release of ['focal', 'jammy', 'noble']) write(ubuntuOval(release, count('ubuntu'), day));
    write(redHatArchive(count('redHat'), day));
    write(alpineSecdb(count('alpine'), day));
    write(osvArchives({ npm: count('npm'), pypi: count('pypi') }, day));
    write(nvdYears(count('nvd'), day));
    if (day === 1) write(scores(count('epss')));
    if (day === 1) write(lists());
  }
}

function lists(): Files {
  const release = [
    'Origin: Debian',
    'Label: Debian',
    'Suite: stable',
    'Version: 12.11',
    'Codename: bookworm',
    'Architectures: amd64',
    '',
  ];
  const entries = [
    { active: true, name: 'focal', version: '20.04' },
    { active: true, name: 'jammy', version: '22.04' },
    { active: true, name: 'noble', version: '24.04' },
  ];
  return {
    'debian-mirror/debian/dists/bookworm/Release': release.join('\n'),
    'debian-mirror/debian/dists/trixie/Release': release
      .join('\n')
      .replace('12.11', '13.1')
      .replace('bookworm', 'trixie'),
    'api.launchpad.net/1.0/ubuntu/series': JSON.stringify({ start: 0, total_size: entries.length, entries }),
  };
}
