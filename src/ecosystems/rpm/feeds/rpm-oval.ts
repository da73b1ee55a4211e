/** Advisories of distributions that say in OVAL files which rpms are fixed where. */
import { z } from 'zod';
import type { Feed, FeedContext, Fetched } from '../../../contract/feed.ts';
import { httpUrl, readFeedConfig } from '../../../feeds/feed-config.ts';
import { fetchNews } from '../../../feeds/fetch-news.ts';
import { inPieces } from '../../../feeds/in-pieces.ts';
import { keepBody } from '../../../feeds/keep-body.ts';
import {
  matchesOf,
  type OvalDefinition,
  type OvalMatch,
  type OvalTables,
  type OvalValue,
  ovalPieces,
} from '../../../formats/oval/oval.ts';
import type { Advisory, Scope, VulnerabilityText } from '../../../model/advisory.ts';
import type { Distribution } from '../../../model/package.ts';
import type { Severity } from '../../../model/severity.ts';
import { archesOfPattern } from '../scopes/arch-pattern.ts';
import { scopeKeyOf } from '../scopes/releases.ts';
import { rpmVersions } from '../scopes/version.ts';

/** What is peculiar to the OVAL files of one distribution. */
export interface RpmOval {
  /** Of the feed. */
  readonly name: string;
  readonly url: string;
  /** Asked if `url` does not have it; not where the configuration names another address. */
  readonly others?: readonly string[];
  readonly scopes: readonly Scope[];
  /** The publisher's words for severities, as it writes them. */
  readonly severities: Readonly<Record<string, Severity>>;
  /** Scopes that a definition is about; all of the feed unless given. */
  readonly scopesOf?: (definition: OvalDefinition, problem: FeedContext['problem']) => readonly Scope[];
  /** Of those the ones that one of its criteria is about; all unless given. */
  readonly scopesOfMatch?: (
    match: OvalMatch,
    scopes: readonly Scope[],
    definition: OvalDefinition,
  ) => readonly Scope[];
  /** Whether dates of issue are shown. */
  readonly dated: boolean;
  /** The publisher makes the file with the first advisory in it: none yet is no failure. */
  readonly mayNotExistYet?: boolean;
}

const FeedConfig = z.object({
  url: httpUrl.optional(),
  // Any of Clair's words is accepted, and none needed: how a file is packed is seen in its first bytes.
  compression: z.enum(['auto', 'none', 'gz', 'gzip', 'bz2', 'bzip2', 'zstd']).optional(),
});

/** The scope of a release that has advisories. */
export function scopeOf(distribution: Distribution): Scope {
  const key = scopeKeyOf(distribution);
  if (key === undefined) throw new TypeError(`${distribution.did} has no scope`);
  return { key, distribution };
}

/** A feed of one file. */
export function rpmOvalFeed(file: RpmOval): Feed {
  const { name, scopes, mayNotExistYet = false } = file;
  return {
    name,
    scopes,
    versions: rpmVersions,
    async fetch(fingerprint, config, context): Promise<Fetched<Advisory> | 'unchanged'> {
      const { url: configured } = readFeedConfig(name, FeedConfig, config);
      const url = configured ?? file.url;
      const others = configured === undefined ? (file.others ?? []) : [];
      if (mayNotExistYet && fingerprint === '' && (await isMissing(url, context)))
        return { fingerprint, records: nothing() };
      const news = await fetchNews(context, { url, others, fingerprint, by: 'etag' });
      if (news === 'unchanged') return news;
      const path = await keepBody(news.response, name, context);
      const pieces = ovalPieces(path, name, 'rpminfo', (definition, tables, problem) =>
        advisoriesOf(definition, tables, file, problem),
      );
      return inPieces(news.fingerprint, pieces, context);
    },
  };
}

async function isMissing(url: string, context: FeedContext): Promise<boolean> {
  const response = await context.request(url, { method: 'HEAD' });
  await response.discard();
  return response.status === 404;
}

async function* nothing(): AsyncGenerator<never> {}

function* advisoriesOf(
  definition: OvalDefinition,
  tables: OvalTables,
  file: RpmOval,
  problem: FeedContext['problem'],
): Generator<Advisory> {
  const scopes = file.scopesOf?.(definition, problem) ?? file.scopes;
  if (scopes.length === 0) return;
  const vulnerability = textOf(definition, file);
  const modules = modulesOf(definition);
  const seen = new Set<string>();
  for (const match of matchesOf(definition, tables, problem)) {
    const { names, evr, arch } = match;
    const bounds = boundsOf(evr);
    if (bounds === undefined) continue;
    const rest = { ...archOf(arch), ...bounds };
    const own = file.scopesOfMatch?.(match, scopes, definition) ?? scopes;
    for (const name of names) {
      for (const { key: scope } of own) {
        const key = JSON.stringify([scope, name, rest]);
        if (seen.has(key)) continue;
        seen.add(key);
        for (const module of modules)
          yield { scope, name, kind: 'binary', ...module, ...rest, vulnerability };
      }
    }
  }
}

/** Where a title says more than the name: `ELSA-2021-4451:  gnutls and nettle security update (MODERATE)`. */
const ERRATUM = /^\s*([A-Z]{2,8}-\d{4}[-:]\d+):\s/;

function textOf(definition: OvalDefinition, { severities, dated }: Pick<RpmOval, 'severities' | 'dated'>) {
  const { title, description, links, severity, issued, references } = definition;
  const ids = references
    .filter(({ source }) => source === 'CVE')
    .flatMap(({ id }) => /CVE-\d{4}-\d{4,}/.exec(id)?.[0] ?? [])
    .filter((id) => id !== title);
  const [, erratum] = ERRATUM.exec(title) ?? [];
  const aliases = [...new Set([...(erratum === undefined ? [] : [erratum]), ...ids])];
  return {
    name: title, // clair-quirk: a title of an OVAL definition keeps the line breaks around it
    description,
    ...(dated && issued !== undefined ? { issued } : {}),
    links: links.join(' '),
    severity,
    normalizedSeverity: Object.hasOwn(severities, severity) ? severities[severity]! : 'Unknown',
    ...(aliases.length === 0 ? {} : { aliases }),
  } satisfies VulnerabilityText;
}

/** `{}` alone if it is about packages of no module. */
function modulesOf({ criteria }: OvalDefinition): { module?: string }[] {
  const modules = criteria.flatMap(
    ({ comment }) => /^Module (\S+) is enabled$/.exec(comment.trim())?.[1] ?? [],
  );
  return modules.length === 0 ? [{}] : [...new Set(modules)].map((module) => ({ module }));
}

type Bounds = Pick<Advisory, 'from' | 'below' | 'upTo' | 'fixedInVersion'>;

// differs: the operation of a state in OVAL counts; Clair takes each for "less than" (clair-matching.md#oval)
/** Returns the bounds of a value of a state; undefined: no version is affected. */
export function boundsOf(evr: OvalValue | undefined): Bounds | undefined {
  const text = evr?.text.trim() ?? '';
  if (evr === undefined || text === '') return { fixedInVersion: '' };
  switch (evr.operation) {
    case 'less than':
      // SUSE writes it of packages that are not affected; there is nothing below.
      return text === '0:0-0' ? undefined : { below: text, fixedInVersion: evr.text };
    case 'less than or equal':
      return { upTo: text, fixedInVersion: '' };
    case 'equals':
      return { from: text, upTo: text, fixedInVersion: '' };
    case 'greater than': // SUSE writes "greater than 0:0-0" of what has no fix; the bound itself counts, to be safe
    case 'greater than or equal':
      return { from: text, fixedInVersion: '' };
    default:
      return { fixedInVersion: '' }; // never silently safe
  }
}

function archOf(arch: OvalValue | undefined): Pick<Advisory, 'arches' | 'shownArch'> {
  const text = arch?.text.trim() ?? '';
  if (arch === undefined || text === '') return {};
  if (arch.operation === 'equals') return { arches: [text] };
  if (arch.operation !== 'pattern match') return {}; // for all: never silently safe
  const arches = archesOfPattern(text);
  return { ...(arches && { arches }), shownArch: arch.text };
}
