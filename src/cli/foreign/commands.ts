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
    does: { refused: 'a cluster is not asked for its images: name each of them to clairctl scan' },
  },
  {
    words: ['vm'],
    of: 'Trivy',
    does: { refused: 'disk images are not read: mount it, and clairctl scan dir:MOUNT' },
  },
  {
    words: ['server'],
    of: 'Trivy',
    does: {
      refused: 'the service is the program clair (clair -conf FILE), and clairctl report --host URL asks it',
    },
  },
  {
    words: ['client', 'c'],
    of: 'Trivy',
    does: { refused: 'clairctl report --host URL NAME asks a service' },
  },
  {
    words: ['config', 'conf', 'misconfiguration'],
    of: 'Trivy, Grype',
    does: {
      refused:
        'misconfigurations are not looked for; defaults of flags stand in .clair.yaml, and clairctl check-config checks a configuration of Clair',
    },
  },
  {
    words: ['plugin', 'module'],
    of: 'Trivy',
    does: { refused: 'there are no plugins; --format template --template FILE writes other formats' },
  },
  {
    words: ['clean'],
    of: 'Trivy',
    does: { refused: 'remove the directory that clairctl scan --help names at --data-dir' },
  },
  {
    words: ['vex'],
    of: 'Trivy',
    does: { refused: 'there are no VEX repositories; clairctl scan --vex FILE reads documents' },
  },
  {
    words: ['registry', 'login'],
    of: 'Trivy, Syft',
    does: {
      refused:
        'the logins of docker login and podman login are used; or clairctl scan --username NAME --password-stdin',
    },
  },
  {
    words: ['attest'],
    of: 'Syft',
    does: { refused: 'clairctl scan --sbom-output FILE NAME, then cosign attest --predicate FILE' },
  },
  {
    words: ['db list', 'db check', 'db info', 'db providers'],
    of: 'Grype',
    does: { gives: ['db', 'status'] },
  },
  {
    words: ['db delete'],
    of: 'Grype',
    does: { refused: 'remove the directory that clairctl db status --help names at --data-dir' },
  },
  {
    words: ['db search', 'db diff'],
    of: 'Grype',
    does: { refused: 'clairctl explain CVE NAME shows what the feeds say of a vulnerability in an image' },
  },
];

/** The row of the command that begins with `first` and maybe `second`. */
export function foreignCommand(first: string, second = ''): ForeignWord | undefined {
  return FOREIGN_COMMANDS.find(({ words }) => words.includes(first) || words.includes(`${first} ${second}`));
}
