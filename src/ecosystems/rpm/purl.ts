/** Packages of rpm as package URLs. */

import type { PurlMapping } from '../../contract/purl-mapping.ts';
import { osPurl, readSource, showSource } from '../../formats/purl/os.ts';
import { type Distribution, NO_DISTRIBUTION, type SourcePackage } from '../../model/package.ts';
import type { Purl } from '../../model/purl.ts';
import { sourceOf } from './databases/package.ts';
import { epelReleaseOf, epelRepositoryAt } from './scopes/epel.ts';
import {
  amazonRelease,
  leapRelease,
  oracleRelease,
  photonRelease,
  rhelRelease,
  scopeKeyOf,
  slesRelease,
} from './scopes/releases.ts';

const ofDistribution = osPurl({
  type: 'rpm',
  distribution,
  epochApart: true,
  // The name of the source's file, as other tools write it, where that says it all.
  formatSource(source, version) {
    const file = `${source.name}-${source.version.replace(/^\d+:/, '')}.src.rpm`;
    const { name, version: read } = sourceIn(file, version) ?? {};
    return name === source.name && read === source.version ? file : showSource(source);
  },
  parseSource: sourceIn,
});

/** purl's known qualifiers: where a package is from, if not from its distribution. */
const REPOSITORY = 'repository_url';

/** `pkg:rpm/…`. */
export const purl: PurlMapping = {
  ...ofDistribution,
  toPurl(installed, environment) {
    const made = ofDistribution.toPurl(installed, environment);
    const epel = environment.repositories?.find((repository) => epelReleaseOf(repository) !== undefined);
    if (made === undefined || epel?.uri === undefined) return made;
    return { ...made, qualifiers: new Map([...made.qualifiers, [REPOSITORY, epel.uri]]) };
  },
  fromPurl(written, called) {
    const read = ofDistribution.fromPurl(written, called);
    const epel = epelRepositoryAt(written.qualifiers.get(REPOSITORY) ?? '');
    const presumed = read?.distribution === undefined ? presumedOf(written) : undefined;
    return read && { ...read, ...(presumed && { presumed }), ...(epel && { repositories: [epel] }) };
  },
};

/** The release in a version, as Fedora's packaging guidelines have it: `-24.el8_10`. */
const DIST_TAG = /\.(?:el|fc|amzn)(\d+)(?=$|[._])/;

function presumedOf({ namespace, version }: Purl): Distribution | undefined {
  const release = DIST_TAG.exec(version)?.[1];
  return release === undefined || namespace === '' ? undefined : distribution(namespace, release);
}

function sourceIn(text: string, version: string): SourcePackage | undefined {
  if (!text.endsWith('.rpm')) return readSource(text, version);
  const [, epoch = '0', versionRelease = version] = /^(\d+):(.*)$/s.exec(version) ?? [];
  return sourceOf(text, versionRelease, Number(epoch));
}

/** What scanners call distributions, where that is not ID of os-release(5). */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  alma: 'almalinux',
  amazon: 'amzn',
  amazonlinux: 'amzn',
  azure: 'azurelinux',
  'cbl-mariner': 'mariner',
  'opensuse.leap': 'opensuse-leap',
  'opensuse.tumbleweed': 'opensuse-tumbleweed',
  oracle: 'ol',
  oraclelinux: 'ol',
  redhat: 'rhel',
  rockylinux: 'rocky',
  slem: 'sle-micro',
  sles_sap: 'sles',
  'suse linux enterprise micro': 'sle-micro',
  'suse linux enterprise server': 'sles',
};

function distribution(id: string, version: string): Distribution | undefined {
  const lower = id.toLowerCase();
  const did = Object.hasOwn(OTHER_NAMES, lower) ? OTHER_NAMES[lower]! : lower;
  const [major = '', minor] = /^\d+(?:\.\d+)?/.exec(version)?.[0].split('.') ?? [];
  const both = minor === undefined ? major : `${major}.${minor}`;
  if (major !== '') {
    // The first Amazon Linux had releases of two digits, `2018.03`; behind `2023` stands what was built when.
    if (did === 'amzn')
      return amazonRelease(/^20(?:1\d)\.\d\d$/.test(both) ? '2018.03' : /^\d{4}$/.test(major) ? major : both);
    if (did === 'ol') return oracleRelease(major);
    if (did === 'photon') return photonRelease(both);
    if (did === 'sles') return slesRelease(major, minor ?? /^\d+[-. ]?SP(\d+)$/i.exec(version)?.[1]);
    if (did === 'opensuse-leap') return leapRelease(both);
    if (did === 'rhel') return rhelRelease(major);
  }
  const written = {
    ...NO_DISTRIBUTION,
    did,
    name: id,
    version,
    versionId: version,
    prettyName: `${id} ${version}`,
  };
  return scopeKeyOf(written) === undefined ? undefined : written;
}
