/** Rules about the vulnerabilities of rpms. */
import type { NormalPackage, NormalVulnerability } from './normal-form.ts';
import type { Rule } from './rule.ts';

/** The rules. */
export const rpmFeedRules: readonly Rule[] = [
  {
    id: 'rpm-vulnerability-once',
    reason:
      'a vulnerability of an rpm is told once, not once for each database that has the rpm (clair-indexing.md#environments-of-rpms)',
    explains(atom) {
      if (atom.atom !== 'vulnerability' || atom.side !== 'missing' || atom.ours.detector !== 'rpm')
        return false;
      const databases = new Set(atom.golden.environments.map(({ packageDb }) => packageDb)).size;
      const theirs = count(atom.golden, atom.vulnerability);
      return databases > 1 && theirs <= databases && count(atom.ours, atom.vulnerability) === 1;
    },
  },
  {
    id: 'aws-severity-case',
    reason: 'severities of Amazon Linux are read in any case of letters (clair-matching.md#amazon-linux)',
    explains(atom) {
      if (atom.atom !== 'vulnerability-field' || atom.field !== 'normalized_severity') return false;
      const { updater, severity, normalized_severity } = atom.theirs.fields;
      return (
        updater.startsWith('aws-') &&
        normalized_severity === 'Unknown' &&
        /^(?:low|medium|important|critical)$/i.test(severity)
      );
    },
  },
];

/** How often a package has that very vulnerability. */
function count({ vulnerabilities }: NormalPackage, { fields }: NormalVulnerability): number {
  const wanted = JSON.stringify(fields);
  return vulnerabilities.filter((each) => JSON.stringify(each.fields) === wanted).length;
}
