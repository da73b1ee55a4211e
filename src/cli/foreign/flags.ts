/** Flags of other scanners, for the commands that are ours alone: Clair's keep Clair's. */
import { parseSeverities } from '../policy/severity-list.ts';
import { namesFormat } from './formats.ts';
import { type ForeignWord, listOf } from './word.ts';

const SECRETS = 'only vulnerabilities are scanned, not secrets, misconfigurations or licenses';

/** Trivy has three states without a fix, Grype two: a part of them is no view that there is here. */
function isAllUnfixed(value: string): boolean {
  const states = value.split(',').map((each) => each.trim());
  return [
    ['affected', 'will_not_fix', 'fix_deferred'],
    ['not-fixed', 'wont-fix'],
  ].some((all) => all.every((state) => states.includes(state)));
}

/** Rows are tried in order; the last of a word has no `when`, or the word is left as it is. */
export const FOREIGN_FLAGS: readonly ForeignWord[] = [
  { words: ['-s'], of: 'Trivy', value: 'LIST', does: { ours: '--severity' } },
  { words: ['--only-severity'], of: 'Docker Scout', value: 'LIST', does: { ours: '--severity' } },
  { words: ['--input'], of: 'Trivy', value: 'FILE', does: { ours: '' } },
  { words: ['--sort-by'], of: 'Grype', value: 'ORDER', does: { ours: '--sort' } },
  { words: ['--ignorefile'], of: 'Trivy', value: 'FILE', does: { ours: '--ignore-file' } },
  { words: ['--cache-dir'], of: 'Trivy', value: 'DIR', does: { ours: '--data-dir' } },
  { words: ['--file'], of: 'Grype', value: 'FILE', does: { ours: '--output' } },
  { words: ['-v', '-vv', '-d', '--verbose'], of: 'Grype, Trivy', does: { gives: ['--debug'] } },
  {
    words: ['--skip-db-update', '--skip-java-db-update', '--skip-update'],
    of: 'Trivy',
    does: { gives: ['--update', 'never'] },
  },
  {
    words: ['--offline-scan', '--skip-check-update', '--skip-version-check', '--disable-telemetry'],
    of: 'Trivy',
    does: { nothing: 'only configured feeds, registries and package repositories are contacted' },
  },
  {
    words: ['--by-cve'],
    of: 'Grype',
    does: { nothing: 'a finding always has its CVE ID as its name' },
  },
  {
    words: ['--list-all-pkgs'],
    of: 'Trivy',
    does: { nothing: 'json, cyclonedx and spdx always list all packages' },
  },
  {
    words: ['--scanners', '--security-checks'],
    of: 'Trivy',
    value: 'LIST',
    when: listOf('vuln'),
    does: { nothing: SECRETS },
  },
  { words: ['--scanners', '--security-checks'], of: 'Trivy', value: 'LIST', does: { refused: SECRETS } },
  {
    words: ['--pkg-types', '--vuln-type'],
    of: 'Trivy',
    value: 'LIST',
    when: { text: 'os and library', test: (value) => /\bos\b/.test(value) && /\blibrary\b/.test(value) },
    does: { nothing: 'both are always scanned' },
  },
  {
    words: ['--pkg-types', '--vuln-type'],
    of: 'Trivy',
    value: 'LIST',
    does: { refused: 'all package types are scanned; select feeds with updaters.sets in --config' },
  },
  {
    words: ['--scope'],
    of: 'Grype, Syft',
    value: 'SCOPE',
    when: listOf('squashed'),
    does: { nothing: 'it is the default' },
  },
  {
    words: ['--scope'],
    of: 'Grype, Syft',
    value: 'SCOPE',
    does: { refused: 'files that a higher layer removes are not in the image and not scanned' },
  },
  {
    words: ['--image-src'],
    of: 'Trivy',
    value: 'SOURCE',
    when: listOf('remote'),
    does: { gives: ['--from', 'registry'] },
  },
  {
    words: ['--image-src'],
    of: 'Trivy',
    value: 'SOURCE',
    when: {
      text: 'several, remote among them',
      test: (value) =>
        value.includes(',') &&
        listOf('docker', 'podman', 'containerd', 'remote').test(value) &&
        value.includes('remote'),
    },
    does: { nothing: 'Docker and Podman on this machine, then the registry, are always queried' },
  },
  { words: ['--image-src'], of: 'Trivy', value: 'SOURCE', does: { ours: '--from' } },
  {
    words: ['-t', '--template'],
    of: 'Trivy',
    value: '@FILE',
    when: { text: 'contrib/html.tpl', test: (value) => /html\.tpl$/.test(value) },
    does: { gives: ['--format', 'html'] },
  },
  {
    words: ['-t', '--template'],
    of: 'Trivy',
    value: '@FILE',
    when: { text: 'contrib/junit.tpl', test: (value) => /junit\.tpl$/.test(value) },
    does: { gives: ['--format', 'junit'] },
  },
  {
    words: ['-t', '--template'],
    of: 'Trivy',
    value: '@FILE',
    when: { text: 'contrib/gitlab.tpl', test: (value) => /gitlab\.tpl$/.test(value) },
    does: { gives: ['--format', 'gitlab'] },
  },
  {
    words: ['-t', '--template'],
    of: 'Trivy',
    value: '@FILE',
    when: { text: 'other *.tpl', test: (value) => /\.tpl$/.test(value) },
    does: {
      refused:
        'Go templates are not supported: use --format template --template FILE (docs/reference/output-formats.md)',
    },
  },
  { words: ['-t'], of: 'Grype', value: 'FILE', does: { ours: '--template' } },
  {
    words: ['--ignore-status', '--ignore-states'],
    of: 'Trivy, Grype',
    value: 'LIST',
    when: listOf('fixed'),
    does: { gives: ['--only-notfixed'] },
  },
  {
    words: ['--ignore-status', '--ignore-states'],
    of: 'Trivy, Grype',
    value: 'LIST',
    when: {
      text: 'all states without a fix',
      test: (value) => !/\bfixed\b/.test(value.replaceAll('not-fixed', '')) && isAllUnfixed(value),
    },
    does: { gives: ['--only-fixed'] },
  },
  {
    words: ['--ignore-status', '--ignore-states'],
    of: 'Trivy, Grype',
    value: 'LIST',
    when: listOf('not_affected', 'under_investigation', 'unknown'),
    does: { nothing: 'no finding has such a state' },
  },
  {
    words: ['--ignore-status', '--ignore-states'],
    of: 'Trivy, Grype',
    value: 'LIST',
    does: {
      refused:
        'a finding has a fix or none, and no other state: --only-fixed hides those without, --only-notfixed those with',
    },
  },
  { words: ['--skip-dirs', '--skip-files'], of: 'Trivy', value: 'PATH', does: { ours: '--exclude' } },
  {
    words: ['--java-db-repository', '--checks-bundle-repository'],
    of: 'Trivy',
    value: 'REF',
    does: {
      refused:
        'advisories are loaded from feeds: set url in updaters.config of --config, or use --feeds FILE',
    },
  },
  {
    words: ['--server'],
    of: 'Trivy',
    value: 'URL',
    does: { refused: 'query a service with clairctl report --host URL NAME' },
  },
  {
    words: ['--host'],
    of: 'Docker Scout',
    value: 'URL',
    does: { refused: 'query a service with clairctl report --host URL NAME' },
  },
  {
    words: ['--exit-on-eol'],
    of: 'Trivy',
    value: 'N',
    does: { refused: 'a distribution without support always makes a scan incomplete: exit code 3' },
  },
  {
    words: ['--dependency-tree'],
    of: 'Trivy',
    does: { refused: 'use clairctl explain CVE NAME, which shows file and layer of each package' },
  },
  { words: ['--compliance'], of: 'Trivy', value: 'NAME', does: { refused: SECRETS } },
  {
    words: ['--add-cpes-if-none'],
    of: 'Grype',
    does: { refused: 'packages are matched by their names, never by generated CPEs' },
  },
  {
    words: ['--distro'],
    of: 'Grype',
    value: 'NAME:VERSION',
    does: {
      refused:
        'the distribution is read from the image or SBOM: set it there (os-release, or an operating-system component)',
    },
  },
  {
    words: ['--locations'],
    of: 'Docker Scout',
    does: { refused: 'paths are in --format json and in clairctl explain CVE NAME' },
  },
  {
    words: ['--epss-score'],
    of: 'Docker Scout',
    does: {
      refused: "EPSS is always shown: gate with --fail-on 'epss>0.5', sort with --sort epss",
    },
  },
  {
    words: ['--ignore-base', '--only-base'],
    of: 'Docker Scout',
    does: { refused: 'use clairctl diff BASE NAME, which shows the findings that an image adds to its base' },
  },
];

/** Flags that mean something else there than here, and by their value show which is meant. */
export const TRAPS: readonly ForeignWord[] = [
  {
    words: ['-o', '--output'],
    of: 'Grype, Syft',
    value: 'FORMAT[=FILE]',
    when: { text: 'the name of a format', test: namesFormat },
    does: { ours: '--format' },
  },
  {
    words: ['-f'],
    of: 'Grype',
    value: 'SEVERITY',
    when: { text: 'a severity', test: (value) => parseSeverities(value) !== undefined },
    does: { ours: '--fail-on' },
  },
];
