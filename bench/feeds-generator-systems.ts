/** Made feeds of Alpine, Debian and Ubuntu. */
import {
  countOf,
  cve,
  type Day,
  type Files,
  packageName,
  pick,
  random,
  revision,
  text,
} from './feeds-generator-random.ts';

// The first ones: a release is looked for only after the one before it.
const ALPINE = ['v3.3', 'v3.4', 'v3.5', 'v3.6', 'v3.7', 'edge'];
const REPOSITORIES = ['main', 'community'];

/** Alpine's secdb: `count` fixes in all. */
export function alpineSecdb(count: number, day: Day): Files {
  const files: Record<string, string> = {};
  const each = Math.ceil(count / (ALPINE.length * REPOSITORIES.length));
  for (const release of ALPINE) {
    for (const repo of REPOSITORIES) {
      const packages = new Map<string, Record<string, string[]>>();
      for (let n = 0; n < countOf(day, each); n++) {
        const name = packageName('apk', Math.ceil(each / 10), repo, n);
        const version = `${n % 7}.${n % 23}.${revision(day, `alpine ${release}`, n)}-r${n % 4}`;
        const fixes = packages.get(name) ?? {};
        (fixes[version] ??= []).push(cve(n));
        packages.set(name, fixes);
      }
      files[`secdb.alpinelinux.org/${release}/${repo}.json`] = JSON.stringify({
        distroversion: release,
        reponame: repo,
        urlprefix: 'https://dl-cdn.alpinelinux.org/alpine',
        apkurl: '{{urlprefix}}/{{distroversion}}/{{reponame}}/{{arch}}/{{pkg.name}}-{{pkg.ver}}.apk',
        packages: [...packages].map(([name, secfixes]) => ({ pkg: { name, secfixes } })),
      });
    }
  }
  files['secdb.alpinelinux.org/last-update'] = `2026-01-0${day}T00:00:00+00:00\n`;
  return files;
}

const DEBIAN = ['bullseye', 'bookworm', 'trixie', 'sid'];

/** Debian's tracker: `count` pairs of a source package and a CVE. */
export function debianTracker(count: number, day: Day): Files {
  const sources: Record<string, Record<string, object>> = {};
  for (let n = 0; n < countOf(day, count); n++) {
    const name = packageName('deb', Math.ceil(count / 8), n);
    const fixed = random('fixed', n) < 0.7 || revision(day, 'debian', n) === 1;
    const version = `${n % 9}.${n % 31}.${revision(day, 'debian', n)}-${1 + (n % 3)}`;
    (sources[name] ??= {})[cve(n)] = {
      description: text(200, cve(n)),
      scope: 'remote',
      releases: Object.fromEntries(
        DEBIAN.map((release) => [
          release,
          {
            status: fixed ? 'resolved' : 'open',
            repositories: { [release]: version },
            urgency: pick(['not yet assigned', 'low', 'medium', 'high', 'unimportant'], 'urgency', n),
            ...(fixed && { fixed_version: version }),
          },
        ]),
      ),
    };
  }
  return { 'security-tracker.debian.org/tracker/data/json': JSON.stringify(sources) };
}

const NAMESPACES = [
  'xmlns="http://oval.mitre.org/XMLSchema/oval-definitions-5"',
  'xmlns:oval="http://oval.mitre.org/XMLSchema/oval-common-5"',
  'xmlns:linux-def="http://oval.mitre.org/XMLSchema/oval-definitions-5#linux"',
];
const PACKAGES = 7;

/** Ubuntu's OVAL of one release: `count` definitions, each of several packages. */
export function ubuntuOval(release: string, count: number, day: Day): Files {
  const definitions: string[] = [];
  const tests: string[] = [];
  const objects = new Map<string, string>();
  const states = new Map<string, string>();
  const id = (kind: string, n: number | string) => `oval:com.ubuntu.${release}:${kind}:${n}`;
  const numberIn = (map: Map<string, string>, kind: string, key: string): string => {
    const known = map.get(key) ?? id(kind, map.size + 1);
    map.set(key, known);
    return known;
  };
  for (let n = 0; n < countOf(day, count); n++) {
    const name = cve(n);
    const severity = pick(['Negligible', 'Low', 'Medium', 'High', 'Critical'], 'severity', n);
    const criteria: string[] = [];
    const source = packageName('ubuntu', Math.ceil(count / 8), n);
    for (let i = 0; i < PACKAGES; i++) {
      const test = n * PACKAGES + i;
      const object = numberIn(objects, 'obj', i === 0 ? source : `${source}-part${i}`);
      const version = `0:${n % 9}.${n % 31}.${revision(day, release, n)}-${i}ubuntu1`;
      const fixed = random('fixed', release, n) < 0.8;
      const state = fixed ? `<linux-def:state state_ref="${numberIn(states, 'ste', version)}"/>` : '';
      criteria.push(`<criterion test_ref="${id('tst', test)}" comment="${source} was vulnerable"/>`);
      tests.push(
        `<linux-def:dpkginfo_test id="${id('tst', test)}" version="1" check_existence="at_least_one_exists" check="at least one" comment="x"><linux-def:object object_ref="${object}"/>${state}</linux-def:dpkginfo_test>`,
      );
    }
    definitions.push(
      `<definition class="vulnerability" id="${id('def', n)}" version="1"><metadata><title>${name} on Ubuntu (${release}) - ${severity}.</title><description>${text(250, name)}</description><affected family="unix"><platform>Ubuntu</platform></affected><reference source="CVE" ref_id="${name}" ref_url="https://ubuntu.com/security/${name}"/><advisory><severity>${severity}</severity><public_date>2025-01-02 12:00:00 UTC</public_date></advisory></metadata><criteria operator="OR">${criteria.join('')}</criteria></definition>`,
    );
  }
  const xml = [
    `<?xml version="1.0"?>\n<oval_definitions ${NAMESPACES.join(' ')}><generator><oval:schema_version>5.11.1</oval:schema_version><oval:timestamp>2026-01-0${day}T00:00:00</oval:timestamp></generator>`,
    '<definitions>',
    ...definitions,
    '</definitions><tests>',
    ...tests,
    '</tests><objects>',
    ...[...objects].map(
      ([name, object]) =>
        `<linux-def:dpkginfo_object id="${object}" version="1"><linux-def:name>${name}</linux-def:name></linux-def:dpkginfo_object>`,
    ),
    '</objects><states>',
    ...[...states].map(
      ([version, state]) =>
        `<linux-def:dpkginfo_state id="${state}" version="1"><linux-def:evr datatype="debian_evr_string" operation="less than">${version}</linux-def:evr></linux-def:dpkginfo_state>`,
    ),
    '</states></oval_definitions>\n',
  ];
  return { [`security-metadata.canonical.com/oval/com.ubuntu.${release}.cve.oval.xml`]: xml.join('\n') };
}
