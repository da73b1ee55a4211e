/** The advisories of Azure Linux, and of CBL-Mariner as it was called before: an OVAL file for each release. */
import { z } from 'zod';
import type { Feed, FeedContext, FeedSet } from '../../../contract/feed.ts';
import { httpUrl, readFeedConfig } from '../../../feeds/feed-config.ts';
import { fetchNews } from '../../../feeds/fetch-news.ts';
import { inFolder } from '../../../feeds/in-folder.ts';
import { inPieces } from '../../../feeds/in-pieces.ts';
import { keepBody } from '../../../feeds/keep-body.ts';
import {
  matchesOf,
  type OvalDefinition,
  type OvalMatch,
  type OvalTables,
  ovalPieces,
} from '../../../formats/oval/oval.ts';
import type { Advisory, Scope, VulnerabilityText } from '../../../model/advisory.ts';
import { parseSeverity, type Severity } from '../../../model/severity.ts';
import { numberedRelease } from '../scopes/releases.ts';
import { rpmVersions } from '../scopes/version.ts';
import { boundsOf, scopeOf } from './rpm-oval.ts';

const RELEASES: readonly (readonly [did: string, name: string, version: string, file: string])[] = [
  ['mariner', 'CBL-Mariner', '1.0', 'cbl-mariner-1.0-oval.xml'],
  ['mariner', 'CBL-Mariner', '2.0', 'cbl-mariner-2.0-oval.xml'],
  ['azurelinux', 'Azure Linux', '3.0', 'azurelinux-3.0-oval.xml'],
];

const SetConfig = z.object({
  url: httpUrl.default('https://raw.githubusercontent.com/microsoft/AzureLinuxVulnerabilityData/main/'),
});
const FeedConfig = z.object({ url: httpUrl.optional() });

/** The updater set `azure`: a feed for each release. */
export const azureFeeds: FeedSet = {
  set: 'azure',
  async feeds(config) {
    const { url } = readFeedConfig('azure', SetConfig, config);
    return RELEASES.map(([did, name, version, file]) =>
      azureFeed(
        `${did}-${version}-updater`,
        scopeOf(numberedRelease(did, name, version)),
        inFolder(url, file),
      ),
    );
  },
};

function azureFeed(name: string, scope: Scope, usual: string): Feed {
  return {
    name,
    scopes: [scope],
    versions: rpmVersions,
    async fetch(fingerprint, config, context) {
      const { url = usual } = readFeedConfig(name, FeedConfig, config);
      const news = await fetchNews(context, { url, fingerprint, by: 'etag' });
      if (news === 'unchanged') return news;
      const path = await keepBody(news.response, name, context);
      const pieces = ovalPieces(path, name, 'rpminfo', (definition, tables, problem) =>
        advisoriesOf(definition, tables, scope.key, problem),
      );
      return inPieces(news.fingerprint, pieces, context);
    },
  };
}

/** What Microsoft writes of a vulnerability that "either no longer is or was never applicable". */
const NOT_APPLICABLE = 'Not Applicable';

function* advisoriesOf(
  definition: OvalDefinition,
  tables: OvalTables,
  scope: string,
  problem: FeedContext['problem'],
): Generator<Advisory> {
  if (definition.patchable === NOT_APPLICABLE) return;
  const vulnerability = textOf(definition);
  if (vulnerability.name === '') {
    problem({ where: definition.id, reason: 'it names no vulnerability' });
    return;
  }
  const matches = [...matchesOf(definition, tables, problem)];
  const used = new Set<OvalMatch>();
  const lowers = matches.filter(isLower);
  const ranges = matches
    .filter((match) => !isLower(match))
    .map((match) => {
      const lower = lowers.find((each) => holdTogether(each, match));
      if (lower !== undefined) used.add(lower);
      return { match, lower };
    });
  const rest = lowers.filter((lower) => !used.has(lower)).map((match) => ({ match, lower: undefined }));
  for (const { match, lower } of [...ranges, ...rest]) {
    const bounds = boundsOf(match.evr);
    if (bounds === undefined) continue;
    // The bound itself counts, to be safe.
    const from = lower?.evr?.text.trim() ?? '';
    for (const name of match.names) {
      yield { scope, name, kind: 'source', ...(from === '' ? {} : { from }), ...bounds, vulnerability };
    }
  }
}

function isLower({ evr }: OvalMatch): boolean {
  return evr?.operation.startsWith('greater than') ?? false;
}

/** Whether both are about the same package and have to hold, as "earlier than 1.20" and "greater than 1.19". */
function holdTogether(lower: OvalMatch, upper: OvalMatch): boolean {
  return (
    lower.given.length > 0 &&
    upper.given.length > 0 &&
    upper.names.every((name) => lower.names.includes(name))
  );
}

function textOf({ references, description, issued, severity, links }: OvalDefinition): VulnerabilityText {
  const ids = [...new Set(references.map(({ id }) => id.trim()).filter((id) => id !== ''))];
  const [name = '', ...aliases] = ids;
  return {
    name,
    description,
    ...(issued === undefined ? {} : { issued }),
    links: links.join(' '),
    severity,
    normalizedSeverity: severityOf(severity),
    ...(aliases.length === 0 ? {} : { aliases }),
  };
}

function severityOf(severity: string): Severity {
  if (/^important$/i.test(severity)) return 'High';
  return /^moderate$/i.test(severity) ? 'Medium' : (parseSeverity(severity) ?? 'Unknown');
}
