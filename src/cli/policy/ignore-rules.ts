/** Ignore files at work: what they take away, and which of their entries are of no use any more. */
import { ecosystems } from '../../ecosystems/index.ts';
import { purlNames } from '../../sbom/canonical-purl.ts';
import { matchesPurl } from '../../vex/match-purl.ts';
import { matchesGlob } from './glob.ts';
import type { IgnoreEntry } from './ignore-entry.ts';
import type { Judged, Suppressor } from './selection.ts';

const names = purlNames(ecosystems);

/** Expired entries take nothing away, and are told; as are those that fitted nothing. */
export function ignoreRules(entries: readonly IgnoreEntry[], now: Date): Suppressor {
  const used = new Set<IgnoreEntry>();
  const isExpired = ({ expires }: IgnoreEntry): boolean => expires !== undefined && expires <= now.getTime();
  return {
    suppress(finding) {
      const fitting = entries.filter((entry) => fits(entry, finding));
      for (const entry of fitting) used.add(entry);
      const entry = fitting.find((each) => !isExpired(each));
      return (
        entry && {
          kind: 'ignored',
          source: entry.source,
          status: 'accepted',
          justification: '',
          reason: entry.reason,
        }
      );
    },
    notices: () =>
      entries.flatMap((entry) => {
        const { source, expires } = entry;
        if (isExpired(entry)) {
          const day = new Date(expires!).toISOString().slice(0, 10);
          return `${source}: ${nameOf(entry)} expired on ${day} and no longer suppresses findings${used.has(entry) ? ': its findings are shown again' : ''}`;
        }
        return used.has(entry) ? [] : `${source}: ${nameOf(entry)} fits nothing in this image`;
      }),
  };
}

function fits({ id, packages, paths }: IgnoreEntry, finding: Judged): boolean {
  return (
    (id === undefined || [finding.id, ...finding.aliases].some((each) => sameId(id, each))) &&
    (packages.length === 0 || packages.some((each) => isPackage(each, finding))) &&
    (paths.length === 0 ||
      paths.some((pattern) =>
        finding.paths.some((path) => matchesGlob(pattern.replace(/^\.?\/+/, ''), path)),
      ))
  );
}

function sameId(a: string, b: string): boolean {
  return a.toUpperCase() === b.toUpperCase();
}

function isPackage(
  wanted: string,
  { package: name, version, purl, sourcePurl = '', components = [] }: Judged,
): boolean {
  if (/^pkg:/i.test(wanted))
    return [purl, sourcePurl, ...components.map((each) => each.purl)].some((each) =>
      matchesPurl(wanted, each, names),
    );
  // `**` as names have slashes in npm, Go and Composer.
  const pattern = wanted.replaceAll('*', '**');
  return matchesGlob(pattern, name) || matchesGlob(pattern, `${name}@${version}`);
}

function nameOf({ id, packages, paths }: IgnoreEntry): string {
  return [id, ...packages, ...paths].filter((part) => part !== undefined).join(' ');
}
