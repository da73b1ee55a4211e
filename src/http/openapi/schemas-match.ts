/** What the matcher takes and gives. */
import { COVERAGE_KINDS } from '../../model/coverage.ts';
import { listOf, mapOf, object, orNull, ref, type Schema, text, whole, yes } from './schema.ts';

const time = (description: string): Schema => orNull(text(description, { format: 'date-time' }));
const idsByPackage = (description: string): Schema => mapOf(listOf({ type: 'string' }), description);

const SEVERITIES = ['Unknown', 'Negligible', 'Low', 'Medium', 'High', 'Critical'];

export const MATCH_SCHEMAS: Readonly<Record<string, Schema>> = {
  VulnerabilityReport: object(
    {
      manifest_hash: ref('Digest'),
      packages: mapOf(ref('Package')),
      distributions: mapOf(ref('Distribution')),
      repository: mapOf(ref('Repository')),
      environments: mapOf(listOf(ref('Environment')), 'By package.'),
      vulnerabilities: mapOf(ref('Vulnerability')),
      package_vulnerabilities: idsByPackage('Vulnerabilities by package.'),
      enrichments: mapOf(
        listOf(mapOf(listOf({}), 'By vulnerability.')),
        'By message type, e.g. CVSS vectors.',
      ),
      PackageNotVulnerable: idsByPackage('What the publisher of a package says that it does not have.'),
      feeds: listOf(object({}), 'What the answer rests on. Not in Clair.'),
      incomplete: listOf(ref('Coverage'), 'What was not checked; empty: everything was. Not in Clair.'),
      notices: listOf(ref('Coverage'), 'To be told though nothing is missing for it. Not in Clair.'),
      undecided: idsByPackage('Vulnerabilities that may affect the package. Not in Clair.'),
      problems: listOf(ref('Problem'), 'Not in Clair.'),
      aliases: mapOf(listOf({ type: 'string' }), 'Other names, by vulnerability. Not in Clair.'),
      findings: listOf(
        ref('Finding'),
        'One for each package and vulnerability, whoever says it; most severe first. Not in Clair.',
      ),
    },
    [
      'PackageNotVulnerable',
      'feeds',
      'incomplete',
      'undecided',
      'problems',
      'notices',
      'aliases',
      'findings',
    ],
  ),
  Finding: object(
    {
      package: text('Key of `packages`.'),
      name: text('The CVE id where there is one.'),
      aliases: listOf({ type: 'string' }, 'All other names of it that loaded feeds know.'),
      covers: listOf(
        { type: 'string' },
        'CVE ids, if the sources are about several vulnerabilities at once.',
      ),
      vulnerabilities: listOf({ type: 'string' }, 'Keys of `vulnerabilities`: what the sources say.'),
      severity: text('One of six.', { enum: SEVERITIES }),
      severity_source: text(
        'A feed, a record that is an alias, or `NVD`; absent if the severity is Unknown.',
      ),
      cvss: object({
        score: { type: 'number' },
        vector: { type: 'string' },
        version: { type: 'string' },
        source: { type: 'string' },
      }),
      epss: { type: 'number', description: 'Probability of exploitation within 30 days, 0 to 1.' },
      exploited: yes('Whether CISA lists it as exploited.'),
      fixed_in: text('First version that no source calls affected.'),
      fixes: listOf({ type: 'string' }, 'All fixed versions, if sources name several.'),
      undecided: yes('Whether the version could not be compared: it may or may not be affected.'),
    },
    ['aliases', 'covers', 'severity_source', 'cvss', 'epss', 'exploited', 'fixed_in', 'fixes', 'undecided'],
  ),
  Coverage: object(
    {
      kind: text('One of those in docs/coverage.md.', { enum: [...Object.keys(COVERAGE_KINDS), 'note'] }),
      what: text('A scope, a distribution, or what looked.'),
      where: text('Path in the image; empty if it is of no single file.'),
      reason: text('Why.'),
      count: whole('How many packages or files.'),
      packages: whole('The same where it is of packages.'),
    },
    ['packages'],
  ),
  Vulnerability: object(
    {
      id: text('The key of the vulnerability.'),
      updater: text('The feed that has it.'),
      name: text('E.g. a CVE.'),
      description: text('May be empty.'),
      issued: text('When; `0001-01-01T00:00:00Z` if the feed does not say.', { format: 'date-time' }),
      links: text('URLs, with a space between.'),
      severity: text('As the feed says it.'),
      normalized_severity: text('One of six.', {
        enum: SEVERITIES,
      }),
      package: orNull(ref('Package')),
      distribution: orNull(ref('Distribution')),
      repository: orNull(ref('Repository')),
      fixed_in_version: text('Empty if there is no fix.'),
      range: object({ '[': { type: 'string' }, ')': { type: 'string' } }),
      arch_op: text('How `package.arch` is compared.', { enum: ['equals', 'not equals', 'pattern match'] }),
      Invert: yes('Says that the package is not affected.'),
    },
    ['package', 'distribution', 'repository', 'range', 'arch_op', 'Invert'],
  ),
  UpdateOperation: object({
    ref: text('Its name.', { format: 'uuid' }),
    updater: text('The feed.'),
    fingerprint: text('Of what was fetched.'),
    date: text('When.', { format: 'date-time' }),
    kind: text('Always empty.'),
  }),
  UpdateOperations: mapOf(listOf(ref('UpdateOperation')), 'By feed; the newest first.'),
  UpdateDiff: object({
    prev: ref('UpdateOperation'),
    cur: ref('UpdateOperation'),
    added: orNull(listOf(ref('Vulnerability'))),
    removed: orNull(listOf(ref('Vulnerability'))),
  }),
  Feeds: object({
    updating: yes('Whether an update is running in this process.'),
    warnings: listOf({ type: 'string' }, 'What the configuration says about feeds that are not there.'),
    feeds: listOf(ref('Feed')),
  }),
  Feed: object({
    name: text('The feed.'),
    kind: text('What it is.'),
    set: text('The set that `updaters.sets` knows it by.'),
    state: text('How it is: docs/updates.md.'),
    last_attempt: time('When it was last asked.'),
    last_success: time('When it last answered.'),
    last_error: orNull(text('Why it failed.')),
    next_try: time('When it is asked again.'),
    failures: whole('In a row.'),
    vanished_at: time('Since when its set does not name it any more.'),
    rows: whole('Advisories, or records.'),
    problem_count: whole('Records that could not be read.'),
    problems: listOf({}, 'Some of them.'),
    fingerprint: text('Of what was fetched.'),
    fingerprint_changed_at: time('When it changed.'),
    scopes: listOf({ type: 'string' }, 'What it is about.'),
  }),
  FeedSelection: orNull(
    object(
      {
        sets: listOf({ type: 'string' }),
        feeds: listOf({ type: 'string' }),
      },
      ['sets', 'feeds'],
    ),
  ),
  NotificationPage: object({
    page: object(
      {
        size: whole('How many there are on a page.'),
        next: text('What the next page is asked by; absent on the last.', { format: 'uuid' }),
      },
      ['next'],
    ),
    notifications: listOf(ref('Notification')),
  }),
  Notification: object({
    id: text('Its name.', { format: 'uuid' }),
    manifest: ref('Digest'),
    reason: text('What happened.', { enum: ['added', 'removed'] }),
    vulnerability: object(
      {
        name: { type: 'string' },
        description: { type: 'string' },
        package: {},
        distribution: {},
        repo: {},
        severity: { type: 'string' },
        normalized_severity: { type: 'string' },
        fixed_in_version: { type: 'string' },
        links: { type: 'string' },
      },
      ['package', 'distribution', 'repo', 'normalized_severity'],
    ),
  }),
  Deliveries: object({
    page: object({ size: whole('How many there are on a page.'), next: text('What the next is asked by.') }, [
      'next',
    ]),
    transports: listOf({}, 'How each is doing.'),
    deliveries: listOf(object({ id: text('Its name.') })),
  }),
  TestDelivery: orNull(object({ transport: text('The only one to use.') }, ['transport'])),
  TestResults: object({ results: listOf({}, 'By transport.') }),
};
