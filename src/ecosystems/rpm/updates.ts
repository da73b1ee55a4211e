/** Reads the updates of a repository of rpms (updateinfo.xml): one advisory for each package of an update. */
import type { FeedContext } from '../../contract/feed.ts';
import { AppError, messageOf } from '../../errors.ts';
import { unpacked } from '../../feeds/keep-body.ts';
import { childOf, childrenOf, readXmlRecords, type XmlElement } from '../../formats/xml/records.ts';
import { openSpooled } from '../../lib/spooled-file.ts';
import type { Advisory, VulnerabilityText } from '../../model/advisory.ts';
import { builtFor } from './update-packages.ts';
import type { UpdateRules } from './update-rules.ts';
import { isOfSecurity, textOf } from './update-text.ts';

/** An index of the database takes no longer names. */
const MAX_NAME = 1000;

/** What is in the file at `path`, packed or not. Throws `feed`, naming the feed, if it is broken or has not one update. */
export async function* readUpdates(
  path: string,
  rules: UpdateRules,
  context: Pick<FeedContext, 'problem'>,
): AsyncGenerator<Advisory> {
  const { feed } = rules;
  let read = 0;
  try {
    const isUpdate = (ancestors: readonly string[], name: string) =>
      name === 'update' && ancestors.length === 1;
    for await (const update of readXmlRecords(unpacked(openSpooled(path), feed), feed, isUpdate)) {
      const vulnerability = textOf(update, rules);
      if (vulnerability.name === '' || vulnerability.name.length > MAX_NAME) {
        context.problem({ where: 'updateinfo.xml', reason: 'an update without a readable id' });
        continue;
      }
      read++;
      if (!rules.isMixed || isOfSecurity(update, vulnerability))
        yield* advisoriesOf(update, vulnerability, rules, context);
    }
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError('feed', `${feed}: ${messageOf(error)}`, { cause: error });
  }
  // An upstream that serves nonsense must not make every package look safe.
  if (read === 0) throw new AppError('feed', `${feed}: not one readable update`);
}

function* advisoriesOf(
  update: XmlElement,
  vulnerability: VulnerabilityText,
  { scope, listsBuilds = false, firstOf }: UpdateRules,
  context: Pick<FeedContext, 'problem'>,
): Generator<Advisory> {
  const seen = new Set<string>();
  for (const collection of childrenOf(update, 'pkglist').flatMap((list) => childrenOf(list, 'collection'))) {
    const module = moduleOf(collection);
    for (const pkg of childrenOf(collection, 'package')) {
      const fixed = versionOf(pkg);
      const { name = '', arch = '' } = pkg.attributes;
      if (fixed === undefined || name === '' || name.length > MAX_NAME) {
        const reason = `a package without name, version or release: ${JSON.stringify(name.slice(0, MAX_NAME))}`;
        context.problem({ where: vulnerability.name, reason });
        continue;
      }
      const built = builtFor(name, arch, listsBuilds);
      const key = JSON.stringify([name, built, module, fixed]);
      if (built === undefined || seen.has(key)) continue;
      seen.add(key);
      const from = firstOf?.(fixed);
      yield {
        scope,
        name,
        ...built,
        ...(module === undefined ? {} : { module }),
        ...(from === undefined ? {} : { from }),
        below: fixed,
        fixedInVersion: fixed,
        vulnerability,
      };
    }
  }
}

/** `NAME:STREAM` of the module whose packages a collection has. */
function moduleOf(collection: XmlElement): string | undefined {
  const { name = '', stream = '' } = childOf(collection, 'module')?.attributes ?? {};
  return name === '' || stream === '' ? undefined : `${name}:${stream}`;
}

/** `[epoch:]version-release`, without an epoch that is 0. */
function versionOf({ attributes }: XmlElement): string | undefined {
  const { epoch = '', version = '', release = '' } = attributes;
  if (version === '' || release === '') return undefined;
  return `${epoch === '' || epoch === '0' ? '' : `${epoch}:`}${version}-${release}`;
}
