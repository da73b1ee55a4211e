/** Rules about what the OVAL files of distributions with rpm say. */
import type { NormalVulnerability } from './normal-form.ts';
import type { Rule } from './rule.ts';

const UPDATERS = /^(?:oracle-\d{4}-updater|photon-updater-[\d.]+|suse-updater-.+)$/;

function packageOf({ fields }: NormalVulnerability): { name?: string; module?: string; arch?: string } {
  return JSON.parse(fields.package || '{}') as { name?: string; module?: string; arch?: string };
}

/** The rules. */
export const rpmOvalRules: readonly Rule[] = [
  {
    id: 'rpm-oval-no-fix',
    reason:
      'a package that an OVAL file says is affected in any version is reported, never silently safe (clair-matching.md#oval)',
    explains(atom) {
      if (atom.atom !== 'vulnerability' || atom.side !== 'extra' || atom.ours.detector !== 'rpm')
        return false;
      const { fields } = atom.vulnerability;
      const { name, arch = '' } = packageOf(atom.vulnerability);
      return (
        UPDATERS.test(fields.updater) &&
        fields.fixed_in_version === '' &&
        name === atom.ours.name &&
        arch === '' // without a state there is none
      );
    },
  },
  {
    id: 'rpm-oval-module',
    reason: 'an advisory about a module is about packages of that module alone (clair-matching.md#oval)',
    explains(atom) {
      if (atom.atom !== 'vulnerability' || atom.ours.detector !== 'rpm') return false;
      if (!UPDATERS.test(atom.vulnerability.fields.updater) || atom.side !== 'missing') return false;
      return (packageOf(atom.vulnerability).module ?? '') !== atom.ours.module;
    },
  },
  {
    id: 'oracle-ksplice',
    reason:
      'a Ksplice build is held against the advisories of Ksplice builds, which Clair leaves out (clair-matching.md#oval)',
    explains(atom) {
      if (atom.atom !== 'vulnerability' || atom.side !== 'extra' || atom.ours.detector !== 'rpm')
        return false;
      const { updater, fixed_in_version: fixed } = atom.vulnerability.fields;
      return (
        updater.startsWith('oracle-') && [fixed, atom.ours.version].every((text) => text.includes('.ksplice'))
      );
    },
  },
];
