/** What the console says over all images: the overview, vulnerabilities, packages, search, trend. */
import { z } from 'zod';
import { anyObject, listOf, oneOf, text, time, whole, yes } from '../schema.ts';
import { Cvss, ImageRef, Labels, next, Severity, Total } from './common.ts';
import { Applied } from './decisions.ts';

const cve = {
  id: text('The CVE id where there is one.'),
  aliases: listOf(text()),
  title: text('First sentence of the description.'),
  severity: Severity.describe('The highest of its findings.'),
  cvss: Cvss.nullable(),
  epss: z.object({ score: z.number(), percentile: z.number().nullable() }).nullable(),
  exploited: yes('Whether it is in the KEV catalog.'),
  why: text('Why first, as text.'),
  images: whole('Images with an open finding of it.'),
  findings: whole('Open findings.'),
  fixable: whole('Of them with a fix.'),
  fixed_in: text('A fix, of the package with most findings.').nullable(),
  packages: listOf(text(), 'Source packages, at most 5.'),
  risk: z.number().describe('Over all its open findings.'),
  first_seen: time('In any image.'),
};

export const ConsoleCve = z.object(cve);

export const ConsoleCves = z.object({ total: Total, next, cves: listOf(ConsoleCve) });

export const ConsoleLabels = z.object({
  labels: listOf(z.object({ key: text(), value: text(), images: whole('That have it.') })),
});

export const ConsoleCveDetail = z.object({
  ...cve,
  description: text(),
  description_source: text('Whose it is.').nullable(),
  links: listOf(text(), 'Of http and https only.'),
  kev: z
    .object({ added: text().nullable(), due: text().nullable(), ransomware: yes('In known campaigns.') })
    .nullable(),
  feeds: listOf(
    z.object({
      feed: text(),
      scope: text('Where the package is looked up.'),
      name: text('What the feed calls it.'),
      severity: Severity,
      package: text(),
      fixed_in: text().nullable(),
      affected: yes('false: it says that the package is not affected.'),
    }),
    'What each feed says, at most 200.',
  ),
  states: z.object({
    affected: whole('Images.'),
    not_affected: whole('Images that have the package.'),
    unknown: whole('Images for which it is not known.'),
  }),
  upgrade: listOf(
    z.object({
      type: text(),
      package: text(),
      version: text(),
      images: whole('That it mends.'),
    }),
  ),
  timeline: listOf(
    z.object({
      at: time('When.'),
      what: oneOf('What happened.', ['first_seen', 'kev', 'found', 'gone', 'decided', 'withdrawn']),
      images: whole('Of how many images.'),
      by: text('Who decided.').nullable(),
    }),
    'The newest first, at most 100.',
  ),
});

export const UnknownVulnerability = z.object({
  code: text('`unknown-vulnerability`'),
  message: text(),
  feeds_current: yes('false: a feed that failed or is missing may be the reason.'),
});

export const CVE_STATES = ['affected', 'not_affected', 'unknown'] as const;

export const CveImages = z.object({
  total: Total,
  states: z
    .object({ affected: Total, not_affected: Total, unknown: Total })
    .describe('How many there are in each state, under the other filters.'),
  next,
  images: listOf(
    z.object({
      image: ImageRef,
      labels: Labels,
      state: oneOf('Of the image.', CVE_STATES),
      type: text(),
      package: text('The package; null where none can be named.').nullable(),
      version: text('Installed.').nullable(),
      fixed_in: text().nullable(),
      layer: text().nullable(),
      path: text().nullable(),
      reason: text('Why it is not known.').nullable(),
      indexed: time('When.'),
      decision: Applied.nullable(),
    }),
  ),
});

export const FleetPackage = z.object({
  type: text(),
  name: text('The source package.'),
  versions: whole('In use.'),
  images: whole('That have it.'),
  upgrade: text('The version that resolves most.').nullable(),
  fixes: whole('Open findings that upgrades resolve.'),
  findings: whole('Open findings.'),
  fixable_risk: z.number(),
  risk: z.number(),
});

export const FleetPackages = z.object({ total: Total, next, packages: listOf(FleetPackage) });

export const FleetPackageDetail = z.object({
  ...FleetPackage.shape,
  version_list: listOf(
    z.object({
      version: text(),
      images: whole('That have it.'),
      findings: whole('Findings in each.'),
      worst: Severity.nullable(),
    }),
    'With most images first, at most 200.',
  ),
});

export const PackageImages = z.object({
  total: Total,
  next,
  images: listOf(z.object({ image: ImageRef, labels: Labels, version: text(), binaries: listOf(text()) })),
});

export const SearchHits = z.object({
  hits: listOf(
    z.object({
      kind: oneOf('What it is.', ['cve', 'package', 'image']),
      id: text('CVE id, `type/name`, or digest.'),
      title: text(),
      images: whole('That have it; 1 for an image.'),
    }),
  ),
});

export const Trend = z.object({
  days: listOf(
    z.object({
      at: text('Day.', { format: 'date' }),
      critical: whole('Open findings.'),
      high: whole('Open findings.'),
      medium: whole('Open findings.'),
      fixable: whole('Open findings.'),
      exploited: whole('Open findings.'),
      images: whole('That were counted.'),
      runs: whole('Feed runs that changed something.'),
    }),
    'The oldest first.',
  ),
});

export const Overview = z.object({
  as_of: time('When this was counted.'),
  pending: whole('Images that wait to be matched again: the numbers do not include what changed in them.'),
  act_now: z.object({
    cves: whole('That need action.'),
    images: whole('With one of them.'),
    rule: z.object({ kev: yes('In KEV.'), epss: z.number(), severity: listOf(Severity) }),
    top: listOf(ConsoleCve, 'Six, by risk.'),
  }),
  images: z.object({
    total: whole('Counted here.'),
    manifests: whole('All of them.'),
    complete: whole('Checked completely.'),
    incomplete: whole('Checked in part.'),
    unchecked: whole('Not checked at all.'),
    pending: whole('Whose report is not made yet.'),
    failed: whole('That could not be indexed.'),
  }),
  open: listOf(
    z.object({
      severity: Severity,
      cves: whole('Each once.'),
      findings: whole('In all images.'),
      images: whole('With one of them.'),
      fixable: whole('Findings.'),
    }),
  ),
  since: z.object({
    from: time('Since when.'),
    new: z.object({ findings: whole('Findings.'), images: whole('Images.') }),
    gone: z.object({
      withdrawn: whole('Findings that feeds have taken back or narrowed.'),
      replaced: whole('Findings of images whose tag has moved on.'),
      deleted: whole('Findings of images that were deleted.'),
    }),
    newly_exploited: listOf(text(), 'CVE ids.'),
  }),
  upgrades: listOf(FleetPackage, 'Five that remove most of the risk.'),
  riskiest: listOf(
    z.object({
      image: ImageRef,
      risk: z.number().nullable(),
      exploited: whole('CVEs.'),
      critical: whole('Findings.'),
    }),
    'Six images.',
  ),
  unreadable: listOf(
    z.object({ image: ImageRef, state: text(), reason: text(), at: time('When.') }),
    'Images that could not be read, at most 10.',
  ),
  decisions: z.object({
    holding: whole('Decisions.'),
    expiring_7d: whole('Decisions.'),
    expired: whole('Decisions.'),
    unused: whole('Decisions.'),
  }),
  feeds: z.object({
    wanted: whole('Feeds.'),
    current: whole('Feeds.'),
    stale: whole('Feeds.'),
    failing: whole('Feeds.'),
    never: whole('Feeds that were never loaded.'),
    off: whole('Sets that are disabled.'),
    oldest_success: time('Of the feed with the oldest load.'),
    worst: listOf(anyObject, 'Those that are not current, at most 5: as in `feeds`.'),
  }),
  queue: z.object({ waiting: whole('Images to be indexed.'), oldest: time('Since when the first waits.') }),
});
