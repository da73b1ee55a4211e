/** Commands of other scanners. What they take after the command is read as `scan` reads it. */
import type { ForeignWord } from './word.ts';

export const FOREIGN_COMMANDS: readonly ForeignWord[] = [
  { words: ['image', 'i'], of: 'Trivy', value: 'NAME', does: { gives: ['scan'] } },
  { words: ['cves', 'quickview'], of: 'Docker Scout', value: 'NAME', does: { gives: ['scan'] } },
  {
    words: ['fs', 'filesystem', 'rootfs', 'repo', 'repository'],
    of: 'Trivy',
    value: 'PATH',
    does: { gives: ['scan', '--from', 'fs'] },
  },
  { words: ['sbom'], of: 'Trivy', value: 'FILE', does: { gives: ['scan', '--from', 'sbom'] } },
  {
    words: ['k8s', 'kubernetes'],
    of: 'Trivy',
    does: { refused: 'clusters are not scanned: pass each image to clairctl scan' },
  },
  {
    words: ['vm'],
    of: 'Trivy',
    does: { refused: 'disk images are not supported: mount it, and run clairctl scan dir:MOUNT' },
  },
  {
    words: ['server'],
    of: 'Trivy',
    does: {
      refused: 'run the service with clair -conf FILE, and query it with clairctl report --host URL',
    },
  },
  {
    words: ['client', 'c'],
    of: 'Trivy',
    does: { refused: 'query a service with clairctl report --host URL NAME' },
  },
  {
    words: ['config', 'conf', 'misconfiguration'],
    of: 'Trivy, Grype',
    does: {
      refused:
        'misconfigurations are not scanned. Default flags are in .clair.yaml; clairctl check-config validates a Clair configuration',
    },
  },
  {
    words: ['plugin', 'module'],
    of: 'Trivy',
    does: { refused: 'plugins are not supported: use --format template --template FILE for other formats' },
  },
  {
    words: ['clean'],
    of: 'Trivy',
    does: { refused: 'delete the directory that clairctl scan --help shows for --data-dir' },
  },
  {
    words: ['vex'],
    of: 'Trivy',
    does: { refused: 'VEX repositories are not supported: use clairctl scan --vex FILE' },
  },
  {
    words: ['registry', 'login'],
    of: 'Trivy, Syft',
    does: {
      refused: 'use docker login or podman login, or clairctl scan --username NAME --password-stdin',
    },
  },
  {
    words: ['attest'],
    of: 'Syft',
    does: { refused: 'use clairctl scan --sbom-output FILE NAME, then cosign attest --predicate FILE' },
  },
  {
    words: ['db list', 'db check', 'db info', 'db providers'],
    of: 'Grype',
    does: { gives: ['db', 'status'] },
  },
  {
    words: ['db delete'],
    of: 'Grype',
    does: { refused: 'delete the directory that clairctl db status --help shows for --data-dir' },
  },
  {
    words: ['db search', 'db diff'],
    of: 'Grype',
    does: { refused: 'use clairctl explain CVE NAME, which shows the advisories for an image' },
  },
];

/** The row of the command that begins with `first` and maybe `second`. */
export function foreignCommand(first: string, second = ''): ForeignWord | undefined {
  return FOREIGN_COMMANDS.find(({ words }) => words.includes(first) || words.includes(`${first} ${second}`));
}
