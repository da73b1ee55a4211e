/** Reads the updates of a repository of rpms (updateinfo.xml): one advisory for each package of an update. */
import type { FeedContext } from '../../../contract/feed.ts';
import { AppError, messageOf } from '../../../errors.ts';
import { unpacked } from '../../../feeds/keep-body.ts';
import { childOf, childrenOf, readXmlRecords, type XmlElement } from '../../../formats/xml/records.ts';
import { openSpooled } from '../../../lib/spooled-file.ts';
import { type Advisory, ANY_MODULE, type VulnerabilityText } from '../../../model/advisory.ts';
import { buildsIn } from '../scopes/module-builds.ts';
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
  rules: UpdateRules,
  context: Pick<FeedContext, 'problem'>,
): Generator<Advisory> {
  const { scope, listsBuilds = false, firstOf } = rules;
  const seen = new Set<string>();
  for (const { module, attributes } of packagesOf(update, vulnerability, rules, context)) {
    const fixed = versionOf(attributes);
    const { name = '', arch = '' } = attributes;
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

interface UpdatedPackage {
  readonly module: string | undefined;
  /** Of `<package>`. */
  readonly attributes: Readonly<Record<string, string>>;
}

/** The packages that an update lists. Of modules Fedora's name builds alone, in the title: then those that the repository lists. */
function* packagesOf(
  update: XmlElement,
  { name }: VulnerabilityText,
  { modules }: UpdateRules,
  context: Pick<FeedContext, 'problem'>,
): Generator<UpdatedPackage> {
  const builds = modules && buildsIn(childOf(update, 'title')?.text ?? '', modules);
  const streams = new Set(builds?.map(({ module }) => module));
  const stream = builds && (streams.size === 1 ? [...streams][0] : ANY_MODULE);
  let count = 0;
  for (const collection of childrenOf(update, 'pkglist').flatMap((list) => childrenOf(list, 'collection'))) {
    const module = moduleOf(collection) ?? stream;
    for (const { attributes } of childrenOf(collection, 'package')) {
      count++;
      yield { module, attributes };
    }
  }
  if (count > 0 || builds === undefined) return;
  for (const { module, packages } of builds) {
    if (packages.length === 0)
      context.problem({ where: name, reason: `no list has the packages that ${module} consists of` });
    for (const attributes of packages) yield { module, attributes };
  }
  if (builds.length === 0) context.problem({ where: name, reason: 'it names no module' });
}

/** `NAME:STREAM` of the module whose packages a collection has. */
function moduleOf(collection: XmlElement): string | undefined {
  const { name = '', stream = '' } = childOf(collection, 'module')?.attributes ?? {};
  return name === '' || stream === '' ? undefined : `${name}:${stream}`;
}

/** `[epoch:]version-release`, without an epoch that is 0. */
function versionOf({
  epoch = '',
  version = '',
  release = '',
}: UpdatedPackage['attributes']): string | undefined {
  if (version === '' || release === '') return undefined;
  return `${epoch === '' || epoch === '0' ? '' : `${epoch}:`}${version}-${release}`;
}
