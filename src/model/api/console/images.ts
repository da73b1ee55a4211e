/** Images in the console: the list, one image, its packages, findings and ledger, and two of them compared. */
import { z } from 'zod';
import { Digest } from '../index-report.ts';
import { anyObject, listOf, mapOf, oneOf, text, time, whole, yes } from '../schema.ts';
import { Counts, Cvss, ImageName, ImageRef, Labels, next, Risk, Severity, Total } from './common.ts';
import { Applied } from './decisions.ts';

export const COVERAGE_STATES = ['complete', 'incomplete', 'unchecked', 'pending'] as const;

export const ImageCoverage = z.object({
  state: oneOf('`pending`: its report is not made yet. `unchecked`: nothing was checked.', COVERAGE_STATES),
  checked: whole('Packages that feeds cover.'),
  packages: whole('Packages in all.'),
});

const image = {
  digest: Digest,
  names: listOf(ImageName, 'The newest first.'),
  labels: Labels,
  distribution: text('As it calls itself; null: it does not say.').nullable(),
  packages: whole('Packages in all.'),
  layers: whole('Layers.'),
  counts: Counts.describe('Open findings: one for each vulnerability and package.'),
  cves: whole('Distinct open vulnerabilities.'),
  exploited: whole('Of them in the KEV catalog.'),
  fixable: whole('Open findings that an upgrade resolves.'),
  risk: Risk,
  change_24h: z.object({ new: whole('Findings.'), gone: whole('Findings.') }),
  decided: z.object({ accepted: whole('Findings.'), not_affected: whole('Findings.') }),
  coverage: ImageCoverage,
  indexed: time('When it was indexed.'),
  last_seen: time('When a client last submitted it or requested its report.'),
  state: text('Of its index: `IndexFinished`, `IndexError`, or the step that is being done.'),
  error: text('Why it could not be indexed.').nullable(),
  in_use: yes('Whether it is reported as running.'),
  newest: yes('Whether it is the newest of a repository, or has no name.'),
};

export const ConsoleImage = z.object(image);

export const ConsoleImages = z.object({ total: Total, next, images: listOf(ConsoleImage) });

export const ConsoleImageCounts = z.object({
  filters: z
    .object({ exploited: Total, incomplete: Total, failed: Total, changed: Total })
    .describe(
      'Images that the list would have with this filter in addition; `changed`: in the last 24 hours.',
    ),
  newest: Total.describe('Images that are the newest of a repository, or have no name.'),
  repositories: Total,
  manifests: Total.describe('Images in all.'),
  loaded: time('When a feed was last loaded.'),
});

export const ConsoleImageDetail = z.object({
  ...image,
  layer_list: listOf(
    z.object({
      digest: text(),
      instruction: text('What made it, if known.').nullable(),
      base: yes('Whether it is of the base image.'),
      findings: whole('Open findings in it.'),
    }),
    'The base first.',
  ),
  base: ImageRef.nullable().describe('An indexed image whose layers this one begins with.'),
  previous: ImageRef.nullable().describe('The image that had the newest name before.'),
  origin: z.object({ base: whole('Open findings.'), own: whole('Open findings.') }),
  not_linked: whole('Open findings whose vulnerable code is not in the program.'),
  upgrades: listOf(
    z.object({
      type: text(),
      source: text('The source package.'),
      from: text('Installed version.'),
      version: text('The lowest version that fixes the most.'),
      fixes: whole('Findings that it resolves.'),
      share: z.number().describe('Of the risk of the image, 0 to 1.'),
      risk: z.number(),
      origin: oneOf('Where it is installed.', ['base', 'own']),
    }),
    'The three that remove most of the risk.',
  ),
});

export const Facets = mapOf(mapOf(z.int().min(0)), 'By filter and value: open findings.');

export const ConsolePackage = z.object({
  type: text('As reports call it.'),
  source: text('The source package, or its own name.'),
  binaries: listOf(text(), 'What is installed of it.'),
  purl: text().nullable(),
  version: text('Installed.'),
  upgrade: z
    .object({ version: text(), fixes: whole('Findings.'), of: whole('Findings.') })
    .nullable()
    .describe('null: there is no fix.'),
  counts: Counts,
  exploited: whole('Findings.'),
  epss_max: z.number().nullable(),
  risk: z.number(),
  why: text('Why first, as text.'),
  origin: oneOf('Where it is installed.', ['base', 'own']),
  layer: text('Digest of the layer that added it.').nullable(),
  paths: listOf(text()),
  decided: whole('Findings that decisions close.'),
});

export const ConsolePackages = z.object({
  total: z.object({ packages: whole('With findings.'), findings: whole('In them.') }),
  facets: Facets,
  next,
  packages: listOf(ConsolePackage),
});

export const ConsoleFinding = z.object({
  id: text('The CVE id where there is one.'),
  aliases: listOf(text()),
  severity: Severity,
  severity_source: text().nullable(),
  cvss: Cvss.nullable(),
  epss: z.number().nullable(),
  exploited: yes('Whether it is in the KEV catalog.'),
  fixed_in: text('First version that no source calls affected.').nullable(),
  fixes: listOf(text()),
  title: text('First sentence of the description.'),
  feed: text('Whose advisory it is.').nullable(),
  undecided: yes('The version could not be compared: it may or may not be affected.'),
  linked: oneOf('Whether the vulnerable code is in the program; null: no source says which code it is.', [
    'no',
    'package',
    'symbol',
    'unknown',
  ]).nullable(),
  risk: z.number(),
  decision: Applied.nullable(),
  since: time('When it was first seen in any image.'),
  package: z.object({
    type: text(),
    source: text(),
    name: text(),
    version: text(),
    layer: text().nullable(),
    path: text(),
    origin: oneOf('Where it is installed.', ['base', 'own']),
  }),
});

export const ConsoleFindings = z.object({ total: Total, next, findings: listOf(ConsoleFinding) });

export const ConsoleCoverage = z.object({
  state: oneOf('As in the list.', COVERAGE_STATES),
  packages: whole('In all: the sum over `lines`.'),
  checked: whole('That feeds cover.'),
  lines: listOf(
    z.object({
      what: text('Type of the packages.'),
      scope: text('Where they are looked up; empty: nowhere.'),
      packages: whole('How many.'),
      feed: text('The feed that covers them.').nullable(),
      last_success: time('Of that feed.'),
      state: oneOf('Whether they were checked.', ['checked', 'stale', 'not_checked']),
      reason: text('Why not.').nullable(),
    }),
  ),
  other: listOf(
    anyObject,
    'What was not checked and is no package: as `incomplete` in the vulnerability report.',
  ),
});

export const CHANGES = ['new', 'gone', 'same'] as const;

export const Compared = z.object({
  base: ImageRef,
  head: ImageRef,
  base_at: time('The date, where one image is compared at two dates.'),
  head_at: time('The date; null: now.'),
  before: Counts,
  after: Counts,
  new_counts: Counts.describe('Findings that only the head has.'),
  gone_counts: Counts.describe('Findings that only the base has.'),
  new: whole('Findings that only the head has.'),
  gone: whole('Findings that only the base has.'),
  same: whole('Findings that both have.'),
  packages: whole('Packages that differ.'),
  why: listOf(
    z.object({
      kind: oneOf('What changed.', [
        'added',
        'removed',
        'upgraded',
        'downgraded',
        'newly_known',
        'withdrawn',
      ]),
      type: text(),
      package: text(),
      from: text('Version in the base.').nullable(),
      to: text('Version in the head.').nullable(),
      new: whole('Findings.'),
      gone: whole('Findings.'),
    }),
    'Those with most findings first, at most 200.',
  ),
  total: Total,
  next,
  findings: listOf(ConsoleFinding.extend({ change: oneOf('Of this finding.', CHANGES) })),
});

export const ComparedPackages = z.object({
  total: Total,
  next,
  packages: listOf(
    z.object({
      kind: oneOf('What changed.', ['added', 'removed', 'upgraded', 'downgraded']),
      type: text(),
      package: text('The source package.'),
      from: text('Versions in the base.').nullable(),
      to: text('Versions in the head.').nullable(),
    }),
    'By type and name.',
  ),
});

export const ConsoleWhy = z.object({
  known: yes('Whether any loaded feed has an advisory about it.'),
  advisories: listOf(
    z.object({
      package: text('The package as it is installed.'),
      version: text(),
      feed: text(),
      id: text('What the feed calls it.'),
      scope: text('Where the package was looked up.'),
      kind: text('Whether the source or the binary package is meant.'),
      name: text('The package in the advisory.'),
      range: text('The versions that it is about, as text.'),
      compared: text('Result of the comparison, as text.'),
      affects: yes('Whether it makes the finding.'),
      fixed_in: text().nullable(),
    }),
    'Every advisory about the vulnerability that names a package of the image, at most 200; those that affect it first.',
  ),
});
