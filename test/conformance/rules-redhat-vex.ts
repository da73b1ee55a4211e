/** Rules about what Red Hat's VEX documents say of packages. */
import type { NormalVulnerability } from './normal-form.ts';
import type { Rule } from './rule.ts';

const CONTAINERS = 'rhcc-container-repository';

interface Named {
  readonly name?: string;
  readonly kind?: string;
  readonly key?: string;
  readonly cpe?: string;
}

function read(json: string | undefined): Named {
  return (JSON.parse(json || '{}') ?? {}) as Named;
}

function isOfContainers({ fields }: NormalVulnerability): boolean {
  return fields.updater === 'rhel-vex' && read(fields.repository).key === CONTAINERS;
}

/** The rules. */
export const redHatVexRules: readonly Rule[] = [
  {
    id: 'container-cpe',
    reason:
      'the CPE of a product is told whatever the image is known by, where Clair tells it only if it compared it (clair-matching.md#vulnerabilities-in-json)',
    explains(atom) {
      if (atom.atom !== 'vulnerability-field' || atom.field !== 'repository') return false;
      if (!isOfContainers(atom.vulnerability) || !isOfContainers(atom.theirs)) return false;
      const [theirs, ours] = [
        read(atom.theirs.fields.repository),
        read(atom.vulnerability.fields.repository),
      ];
      return theirs.cpe === '' && ours.cpe === ours.name && theirs.name === ours.name;
    },
  },
  {
    id: 'document-address',
    reason:
      'a document that does not say its own address is linked where it was found, where Clair writes nothing (clair-matching.md#red-hat-vex)',
    explains(atom) {
      if (atom.atom !== 'vulnerability-field' || atom.field !== 'links') return false;
      const { updater, name } = atom.theirs.fields;
      const own = atom.vulnerability.fields.links
        .split(' ')
        .filter((link) => !link.endsWith(`/${name.toLowerCase()}.json`));
      return updater === 'rhel-vex' && own.join(' ') === atom.theirs.fields.links.trim().replace(/ +/g, ' ');
    },
  },
  {
    id: 'container-without-fix',
    reason:
      'a container that is known to be affected, and has no fix, is found by its name as rpms are (clair-matching.md#red-hat-vex)',
    explains(atom) {
      if (atom.atom !== 'vulnerability' || atom.side !== 'extra' || !isOfContainers(atom.vulnerability))
        return false;
      const { fixed_in_version, package: json } = atom.vulnerability.fields;
      const { name, kind } = read(json);
      const { ours } = atom;
      return fixed_in_version === '' && kind === 'source' && (name === ours.name || name === ours.sourceName);
    },
  },
];
