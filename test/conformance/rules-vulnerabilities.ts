/** Rules about which vulnerabilities a package has, and what is said about them. */
import { severityOfCvss } from '../../src/formats/cvss.ts';
import type { NormalVulnerability } from './normal-form.ts';
import { isAffected } from './osv-evidence.ts';
import type { Case, Rule } from './rule.ts';

const CVE = /cve[-_]\d{4}[-_]\d{4,}/gi;

function cvesOf({ fields }: NormalVulnerability): Set<string> {
  return new Set(
    [...`${fields.name} ${fields.links}`.matchAll(CVE)].map(([id]) => id.toUpperCase().replaceAll('_', '-')),
  );
}

function packageName({ fields }: NormalVulnerability): string {
  return (JSON.parse(fields.package || '{}') as { name?: string }).name ?? '';
}

/** dpkg and apk: whether `version` is below what the feed says is fixed. */
function isBelowFix(
  { fields }: NormalVulnerability,
  version: string,
  detector: string,
  at: Case,
): boolean | undefined {
  if (fields.fixed_in_version === '') return true;
  const order = at.orderOf(detector)(version, fields.fixed_in_version);
  return order === undefined ? undefined : order < 0;
}

/** The rules. */
export const vulnerabilityRules: readonly Rule[] = [
  {
    id: 'source-version',
    reason:
      'an advisory about a source package is compared with the version of the source (clair-matching.md#binary-and-source-versions)',
    explains(atom, at) {
      if (atom.atom !== 'vulnerability' || !/^debian/.test(atom.vulnerability.fields.updater)) return false;
      const { ours, golden, vulnerability } = atom;
      if (ours.sourceVersion === ours.version && ours.source === golden.source) return false;
      const affected = isBelowFix(vulnerability, ours.sourceVersion, ours.detector, at);
      return affected === (atom.side === 'extra');
    },
  },
  {
    id: 'source-now-known',
    reason:
      'a package whose source Clair reads wrongly, or not at all, is matched by its source (clair-indexing.md#sources-of-packages)',
    explains(atom, at) {
      if (atom.atom !== 'vulnerability') return false;
      const { ours, golden, vulnerability } = atom;
      if (ours.sourceName !== '' && golden.sourceName === ours.sourceName) return false;
      // A package without a source is its own.
      const named = (ours.sourceName || ours.name) === packageName(vulnerability);
      return atom.side === 'extra'
        ? named && isBelowFix(vulnerability, ours.sourceVersion || ours.version, ours.detector, at) === true
        : !named;
    },
  },
  {
    id: 'osv-ranges',
    reason:
      'OSV advisories are evaluated as their schema says: last_affected, versions, pre-releases and pseudo-versions count (clair-matching.md#osv, clair-matching.md#truncated-versions)',
    explains(atom, at) {
      if (atom.atom !== 'vulnerability') return false;
      const { updater, name } = atom.vulnerability.fields;
      if (!updater.startsWith('osv/')) return false;
      const advisory = at.osv.find(updater, name);
      if (advisory === undefined) return false;
      const query = {
        ecosystem: updater.slice('osv/'.length),
        name: atom.ours.name,
        version: atom.ours.version,
      };
      return isAffected(advisory, query, at.orderOf(atom.ours.detector)) === (atom.side === 'extra');
    },
  },
  {
    id: 'osv-duplicates',
    reason: 'an advisory is told once per package, however many of its ranges hold (clair-matching.md#osv)',
    explains(atom) {
      if (atom.atom !== 'vulnerability' || atom.side !== 'missing') return false;
      const { updater, name } = atom.vulnerability.fields;
      return (
        updater.startsWith('osv/') &&
        atom.ours.vulnerabilities.some(({ fields }) => fields.updater === updater && fields.name === name)
      );
    },
  },
  {
    id: 'osv-readable-severity',
    reason:
      'a vector that cannot be read says nothing: the one before it counts, or the word beside it (clair-matching.md#osv)',
    explains(atom) {
      if (atom.atom !== 'vulnerability-field' || !/^(?:normalized_)?severity$/.test(atom.field)) return false;
      const { updater, severity } = atom.theirs.fields;
      return updater.startsWith('osv/') && severityOfCvss(severity) === undefined;
    },
  },
  {
    id: 'secdb-ids-split',
    reason: 'several ids in one secdb entry are several vulnerabilities (clair-matching.md#alpine)',
    explains(atom) {
      if (atom.atom !== 'vulnerability' || !atom.vulnerability.fields.updater.startsWith('alpine-'))
        return false;
      const { name } = atom.vulnerability.fields;
      const idsOf = (list: readonly NormalVulnerability[]) => list.map(({ fields }) => fields.name);
      // What is in parentheses is a remark.
      const parts = (text: string) =>
        text
          .replace(/\(.*?\)/g, '')
          .trim()
          .split(/\s+/);
      return atom.side === 'missing'
        ? /\s/.test(name) && parts(name).every((id) => idsOf(atom.ours.vulnerabilities).includes(id))
        : idsOf(atom.golden.vulnerabilities).some(
            (joined) => /\s/.test(joined) && parts(joined).includes(name),
          );
    },
  },
  {
    id: 'empty-version',
    reason:
      'a package whose fix has an empty version in an OVAL file of Ubuntu is affected, never silently safe (clair-matching.md#oval)',
    explains(atom) {
      if (atom.atom !== 'vulnerability' || atom.side !== 'extra' || atom.ours.detector !== 'dpkg')
        return false;
      const { fields } = atom.vulnerability;
      return (
        fields.updater.startsWith('ubuntu/') &&
        fields.fixed_in_version.trim() === '' &&
        packageName(atom.vulnerability) === atom.ours.name
      );
    },
  },
  {
    id: 'unreadable-version',
    reason:
      'a version that cannot be ordered is reported as undecided, never silently safe (clair-matching.md#one-bad-version)',
    explains(atom, at) {
      if (atom.atom !== 'vulnerability' || atom.side !== 'extra') return false;
      const { vulnerability, ours } = atom;
      // What OSV says in ranges has a rule of its own.
      if (vulnerability.fields.updater.startsWith('osv/')) return false;
      const bySource = vulnerability.fields.updater.startsWith('debian');
      const compared = (bySource && ours.sourceVersion) || ours.version;
      return isBelowFix(vulnerability, compared, ours.detector, at) === undefined;
    },
  },
  {
    id: 'all-enrichments',
    reason:
      'a vulnerability that names several CVEs has the facts of all of them (clair-matching.md#enrichers)',
    explains(atom) {
      if (atom.atom !== 'enrichment' || atom.side !== 'extra') return false;
      const theirs = atom.theirs.enrichments.get(atom.type) ?? [];
      const ours = atom.vulnerability.enrichments.get(atom.type) ?? [];
      return cvesOf(atom.vulnerability).size > 1 && theirs.every((record) => ours.includes(record));
    },
  },
];
