/** The differences of two reports, one by one: each has to be explained on its own. */
import {
  type NormalEnvironment,
  type NormalPackage,
  type NormalReport,
  type NormalVulnerability,
  VULNERABILITY_FIELDS,
  type VulnerabilityField,
} from './normal-form.ts';

/** Who has it: `missing` is in the golden answer alone, `extra` in ours alone. */
export type Side = 'missing' | 'extra';

export type PackageField =
  | 'name'
  | 'version'
  | 'kind'
  | 'arch'
  | 'module'
  | 'normalizedVersion'
  | 'detector'
  | 'source';

/** One difference. */
export type Atom =
  | {
      readonly atom: 'outcome';
      readonly what: 'status' | 'state' | 'kind of error' | 'report status';
      readonly golden: string;
      readonly ours: string;
    }
  | { readonly atom: 'package'; readonly side: Side; readonly package: NormalPackage }
  | {
      readonly atom: 'field';
      readonly field: PackageField;
      readonly golden: NormalPackage;
      readonly ours: NormalPackage;
    }
  | {
      readonly atom: 'environment';
      readonly side: Side;
      readonly environment: NormalEnvironment;
      readonly golden: NormalPackage;
      readonly ours: NormalPackage;
    }
  | { readonly atom: 'distribution' | 'repository'; readonly side: Side; readonly value: string }
  | {
      readonly atom: 'vulnerability';
      readonly side: Side;
      readonly vulnerability: NormalVulnerability;
      readonly golden: NormalPackage;
      readonly ours: NormalPackage;
    }
  | {
      readonly atom: 'vulnerability-field';
      readonly field: VulnerabilityField;
      readonly theirs: NormalVulnerability;
      readonly vulnerability: NormalVulnerability;
      readonly golden: NormalPackage;
      readonly ours: NormalPackage;
    }
  | {
      readonly atom: 'enrichment';
      readonly side: Side;
      readonly type: string;
      readonly record: string;
      readonly theirs: NormalVulnerability;
      readonly vulnerability: NormalVulnerability;
    };

const PACKAGE_FIELDS: readonly PackageField[] = [
  'name',
  'version',
  'kind',
  'arch',
  'module',
  'normalizedVersion',
  'detector',
  'source',
];

/** All differences between the golden report and ours. */
export function differences(golden: NormalReport, ours: NormalReport): Atom[] {
  return [
    ...setDifference('distribution', golden.distributions, ours.distributions),
    ...setDifference('repository', golden.repositories, ours.repositories),
    ...comparePackages(golden.packages, ours.packages),
  ];
}

function setDifference(
  atom: 'distribution' | 'repository',
  golden: readonly string[],
  ours: readonly string[],
): Atom[] {
  return [
    ...golden
      .filter((value) => !ours.includes(value))
      .map((value): Atom => ({ atom, side: 'missing', value })),
    ...ours.filter((value) => !golden.includes(value)).map((value): Atom => ({ atom, side: 'extra', value })),
  ];
}

type Alike = (golden: NormalPackage, ours: NormalPackage) => boolean;

const samePlace: Alike = (a, b) =>
  a.environments.some(({ packageDb }) => b.environments.some((other) => other.packageDb === packageDb));
const sameBut =
  (...fields: PackageField[]): Alike =>
  (a, b) =>
    PACKAGE_FIELDS.every((field) => fields.includes(field) || a[field] === b[field]);
const foldedName = ({ name }: NormalPackage) => name.toLowerCase().replace(/[-_.]+/g, '-');

/** Which of our packages answers which golden one: the closest kinship first. */
const KINSHIP: readonly Alike[] = [
  (a, b) => sameBut()(a, b) && samePlace(a, b),
  (a, b) => sameBut('source', 'normalizedVersion')(a, b) && samePlace(a, b),
  (a, b) => sameBut('source', 'normalizedVersion', 'version')(a, b) && samePlace(a, b),
  (a, b) =>
    foldedName(a) === foldedName(b) && a.arch === b.arch && a.detector === b.detector && samePlace(a, b),
  (a, b) => sameBut('source', 'normalizedVersion')(a, b),
];

function comparePackages(golden: readonly NormalPackage[], ours: readonly NormalPackage[]): Atom[] {
  const atoms: Atom[] = [];
  let missing = [...golden];
  const extra = new Set(ours);
  for (const alike of KINSHIP) {
    const candidates = Map.groupBy(extra, foldedName);
    missing = missing.filter((theirs) => {
      const namesakes = candidates.get(foldedName(theirs)) ?? [];
      const match = namesakes.find((pkg) => extra.has(pkg) && alike(theirs, pkg));
      if (match === undefined) return true;
      extra.delete(match);
      atoms.push(...comparePackage(theirs, match));
      return false;
    });
  }
  atoms.push(...missing.map((pkg): Atom => ({ atom: 'package', side: 'missing', package: pkg })));
  atoms.push(...[...extra].map((pkg): Atom => ({ atom: 'package', side: 'extra', package: pkg })));
  return atoms;
}

function comparePackage(golden: NormalPackage, ours: NormalPackage): Atom[] {
  return [
    ...PACKAGE_FIELDS.filter((field) => golden[field] !== ours[field]).map(
      (field): Atom => ({ atom: 'field', field, golden, ours }),
    ),
    ...compareEnvironments(golden, ours),
    ...compareVulnerabilities(golden, ours),
  ];
}

function compareEnvironments(golden: NormalPackage, ours: NormalPackage): Atom[] {
  const [missing, extra] = unpaired(golden.environments, ours.environments, [
    (a, b) => JSON.stringify(a) === JSON.stringify(b),
  ]);
  const atom =
    (side: Side) =>
    (environment: NormalEnvironment): Atom => ({ atom: 'environment', side, environment, golden, ours });
  return [...missing.map(atom('missing')), ...extra.map(atom('extra'))];
}

function compareVulnerabilities(golden: NormalPackage, ours: NormalPackage): Atom[] {
  const same =
    (...fields: readonly VulnerabilityField[]) =>
    (a: NormalVulnerability, b: NormalVulnerability) =>
      fields.every((field) => a.fields[field] === b.fields[field]);
  const atoms: Atom[] = [];
  const [missing, extra] = unpaired(
    golden.vulnerabilities,
    ours.vulnerabilities,
    [
      same(...VULNERABILITY_FIELDS),
      same('updater', 'name', 'package', 'repository', 'fixed_in_version'),
      same('updater', 'name'),
    ],
    (theirs, vulnerability) => {
      for (const field of VULNERABILITY_FIELDS) {
        if (theirs.fields[field] === vulnerability.fields[field]) continue;
        atoms.push({ atom: 'vulnerability-field', field, theirs, vulnerability, golden, ours });
      }
      atoms.push(...compareEnrichments(theirs, vulnerability));
    },
  );
  const atom =
    (side: Side) =>
    (vulnerability: NormalVulnerability): Atom => ({
      atom: 'vulnerability',
      side,
      vulnerability,
      golden,
      ours,
    });
  return [...atoms, ...missing.map(atom('missing')), ...extra.map(atom('extra'))];
}

function compareEnrichments(theirs: NormalVulnerability, vulnerability: NormalVulnerability): Atom[] {
  const types = new Set([...theirs.enrichments.keys(), ...vulnerability.enrichments.keys()]);
  return [...types].flatMap((type) => {
    const [missing, extra] = unpaired(
      theirs.enrichments.get(type) ?? [],
      vulnerability.enrichments.get(type) ?? [],
      [(a, b) => a === b],
    );
    const atom =
      (side: Side) =>
      (record: string): Atom => ({ atom: 'enrichment', side, type, record, theirs, vulnerability });
    return [...missing.map(atom('missing')), ...extra.map(atom('extra'))];
  });
}

/** What of two multisets finds no partner, the closest likeness first. */
function unpaired<T>(
  golden: readonly T[],
  ours: readonly T[],
  likenesses: readonly ((a: T, b: T) => boolean)[],
  onPair: (a: T, b: T) => void = () => {},
): [T[], T[]] {
  let missing = [...golden];
  const extra = [...ours];
  for (const alike of likenesses) {
    missing = missing.filter((a) => {
      const index = extra.findIndex((b) => alike(a, b));
      if (index < 0) return true;
      onPair(a, extra[index] as T);
      extra.splice(index, 1);
      return false;
    });
  }
  return [missing, extra];
}

/** One line for people. */
export function describeAtom(atom: Atom): string {
  const at = ({ name, version, arch, detector }: NormalPackage) =>
    `${detector} ${name} ${version}${arch && ` ${arch}`}`;
  switch (atom.atom) {
    case 'outcome':
      return `${atom.what}: Clair ${atom.golden}, ours ${atom.ours}`;
    case 'package':
      return `${atom.side} package ${at(atom.package)} (${atom.package.environments.map(({ packageDb }) => packageDb).join(', ')})`;
    case 'field':
      return `${at(atom.golden)}: ${atom.field}: Clair ${JSON.stringify(atom.golden[atom.field])}, ours ${JSON.stringify(atom.ours[atom.field])}`;
    case 'environment':
      return `${at(atom.golden)}: ${atom.side} environment ${JSON.stringify(atom.environment)}`;
    case 'distribution':
    case 'repository':
      return `${atom.side} ${atom.atom} ${atom.value}`;
    case 'vulnerability': {
      const { updater, name, fixed_in_version } = atom.vulnerability.fields;
      return `${at(atom.ours)}: ${atom.side} vulnerability ${name} (${updater}, fixed ${JSON.stringify(fixed_in_version)})`;
    }
    case 'vulnerability-field':
      return `${at(atom.ours)}: ${atom.vulnerability.fields.name}: ${atom.field}: Clair ${clip(atom.theirs.fields[atom.field])}, ours ${clip(atom.vulnerability.fields[atom.field])}`;
    case 'enrichment':
      return `${atom.vulnerability.fields.name}: ${atom.side} enrichment ${atom.type.replace(/^.*enricher=(\S+).*$/, '$1')} ${clip(atom.record)}`;
  }
}

function clip(text: string): string {
  return JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text);
}
