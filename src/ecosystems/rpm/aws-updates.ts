/** Reads what Amazon Linux writes about its updates (updateinfo.xml): one advisory for each package of an update. */
import type { FeedContext } from '../../contract/feed.ts';
import { AppError } from '../../errors.ts';
import { childOf, childrenOf, readXmlRecords, type XmlElement } from '../../formats/xml/records.ts';
import { gunzip } from '../../lib/gunzip.ts';
import { openSpooled } from '../../lib/spooled-file.ts';
import type { Advisory, VulnerabilityText } from '../../model/advisory.ts';
import type { Severity } from '../../model/severity.ts';

// differs: in any case of letters (clair-matching.md#amazon-linux)
const SEVERITIES: ReadonlyMap<string, Severity> = new Map([
  ['low', 'Low'],
  ['medium', 'Medium'],
  ['important', 'High'],
  ['critical', 'Critical'],
]);

/** An index of the database takes no longer names. */
const MAX_NAME = 1000;

/** The advisories in the file at `path`. Throws `feed`, naming `feed`, if it is broken or has not one update. */
export async function* readUpdates(
  path: string,
  feed: string,
  scope: string,
  context: Pick<FeedContext, 'problem'>,
): AsyncGenerator<Advisory> {
  const content = gunzip(openSpooled(path), feed);
  const isUpdate = (ancestors: readonly string[], name: string) =>
    name === 'update' && ancestors.length === 1;
  let read = 0;
  for await (const update of readXmlRecords(content, feed, isUpdate)) {
    const vulnerability = vulnerabilityOf(update);
    if (vulnerability.name === '' || vulnerability.name.length > MAX_NAME) {
      context.problem({ where: 'updateinfo.xml', reason: 'an update without a readable id' });
      continue;
    }
    read++;
    const seen = new Set<string>();
    for (const pkg of packagesOf(update)) {
      const fixed = versionOf(pkg);
      const { name = '', arch = '' } = pkg.attributes;
      if (fixed === undefined || name === '' || name.length > MAX_NAME) {
        const reason = `a package without name, version or release: ${JSON.stringify(name.slice(0, MAX_NAME))}`;
        context.problem({ where: vulnerability.name, reason });
        continue;
      }
      const key = JSON.stringify([name, arch, fixed]);
      if (seen.has(key)) continue;
      seen.add(key);
      yield {
        scope,
        name,
        kind: 'binary',
        ...(arch === '' ? {} : { arches: [arch] }),
        below: fixed,
        fixedInVersion: fixed,
        vulnerability,
      };
    }
  }
  // An upstream that serves nonsense must not make every package look safe.
  if (read === 0) throw new AppError('feed', `${feed}: not one readable update`);
}

function packagesOf(update: XmlElement): XmlElement[] {
  return childrenOf(update, 'pkglist')
    .flatMap((list) => childrenOf(list, 'collection'))
    .flatMap((collection) => childrenOf(collection, 'package'));
}

/** `[epoch:]version-release`, without an epoch that is 0. */
function versionOf({ attributes }: XmlElement): string | undefined {
  const { epoch = '', version = '', release = '' } = attributes;
  if (version === '' || release === '') return undefined;
  return `${epoch === '' || epoch === '0' ? '' : `${epoch}:`}${version}-${release}`;
}

// clair-quirk: the date of issue is not told, though the file has it
function vulnerabilityOf(update: XmlElement): VulnerabilityText {
  const references = childrenOf(childOf(update, 'references'), 'reference').map(
    ({ attributes }) => attributes,
  );
  const severity = childOf(update, 'severity')?.text.trim() ?? '';
  const cves = references.flatMap(({ id = '' }) => (id.startsWith('CVE-') ? [id] : []));
  return {
    name: childOf(update, 'id')?.text.trim() ?? '',
    description: childOf(update, 'description')?.text ?? '',
    links: references.flatMap(({ href }) => (href ? [href] : [])).join(' '),
    severity,
    normalizedSeverity: SEVERITIES.get(severity.toLowerCase()) ?? 'Unknown',
    ...(cves.length === 0 ? {} : { aliases: [...new Set(cves)] }),
  };
}
