/** Why something that Syft or Trivy has in a tree is not found here: each with what has to hold for it. */

export interface Reason {
  /** Of the tree. */
  readonly tree: RegExp;
  /** Of `TYPE:NAME@VERSION`. */
  readonly of: RegExp;
  /** Of each file that it was found in. */
  readonly at?: RegExp;
  /** What is found here in its stead; default with `alsoIn`: the same. */
  readonly as?: (key: string) => string;
  /** The tree where that is found, which has the same files without a package database; default: the same tree. */
  readonly alsoIn?: string;
  /** The ledger accounts for each of the files. */
  readonly accounted?: true;
  readonly reason: string;
}

const OWNED = {
  tree: /^debian$/,
  alsoIn: 'programs',
  reason:
    "a package of Debian owns the file, whose advisories know its patches; without dpkg's database (tree `programs`) it is found",
} as const;

function javaOf(key: string): string {
  return key.replace(/oracle\/openjdk@([\d.]+)\+.*$/, 'java@$1');
}

function elixirOf(key: string): string {
  return key.replace('program:', 'hex:');
}

/** Tomcat's archives are `catalina-tribes.jar` and `servlet-api.jar`; in Maven Central `tomcat-tribes` and `tomcat-servlet-api`. */
function inMavenCentral(key: string): string {
  const name = key.replace(/^maven:(?:catalina-(?=ssi|storeconfig|tribes))?(.*)@.*$/, '$1');
  return `maven:tomcat-${name}@9.0.50`;
}

/** The first that fits counts. */
export const REASONS: readonly Reason[] = [
  { ...OWNED, of: /^program:oracle\/openjdk@/, as: javaOf },
  { ...OWNED, of: /^program:elixir@/, as: elixirOf },
  { ...OWNED, of: /^(?:gem|hex|maven|npm|program|pypi):/ },
  {
    tree: /^(?:debian|programs)$/,
    of: /^gem:/,
    at: /\/gems\/(?:rbs-2\.1\.0\/steep|typeprof-0\.21\.2)\/Gemfile\.lock$/,
    reason:
      'a `Gemfile.lock` within an installed gem names it: it was for its development, and is not installed',
  },
  {
    tree: /^(?:debian|programs)$/,
    of: /^npm:/,
    at: /\/gems\/typeprof-0\.21\.2\/vscode\/package(?:-lock)?\.json$/,
    reason: 'the sources of an editor extension within an installed gem name it: nothing of it is installed',
  },
  {
    tree: /^programs$/,
    of: /^program:oracle\/openjdk@/,
    as: javaOf,
    reason: 'found as `java`, by its `release` file',
  },
  {
    tree: /^programs$/,
    of: /^program:elixir@/,
    as: elixirOf,
    reason: 'found as the application `elixir` of Erlang',
  },
  {
    tree: /^pypi$/,
    of: /^program:(?:cli|gui)(?:-32|-64|-arm64)?@unknown$/,
    at: /\/setuptools\/(?:cli|gui)(?:-32|-64|-arm64)?\.exe$/,
    accounted: true,
    reason:
      'launchers without a version in the wheel of `setuptools`: the ledger has them as files of that wheel',
  },
  {
    tree: /^npm$/,
    of: /^github:/,
    at: /\/node_modules\/(?:json-schema-traverse|fast-uri)\/\.github\/workflows\/[\w-]+\.yml$/,
    reason: 'workflows that a package of npm was tested with: they do not run here',
  },
  {
    tree: /^npm$/,
    of: /^npm:(?:benchmark|bin|dist)@1\.0\.0$/,
    at: /\/node_modules\/(?:fast-uri\/benchmark|terser\/(?:bin|dist))\/package\.json$/,
    reason: 'a `package.json` further down in a package, which is not published: it is no package',
  },
  { tree: /^cargo$/, of: /^cargo:app@0\.1\.0$/, reason: 'the project itself' },
  { tree: /^go$/, of: /^golang:example-com\/app@$/, reason: 'the project itself' },
  {
    tree: /^go$/,
    of: /^golang:gopkg-in\/check-v1@0\.0\.0-20161208181325-20d25e280405$/,
    reason: '`go.sum` alone names it, for the tests of `yaml.v3`: no build of the project needs it',
  },
  { tree: /^nuget$/, of: /^nuget:app@1\.0\.0$/, reason: 'the project itself' },
  {
    tree: /^maven$/,
    of: /^maven:(?:catalina(?:-(?:ha|ssi|storeconfig|tribes))?|jasper(?:-el)?|(?:annotations|el|jaspic|jsp|servlet|websocket)-api)@(?:9\.0\.50|\d\.\d\.fr)$/,
    as: inMavenCentral,
    reason:
      "Tomcat's own archives, found under their names in Maven Central (`tomcat-catalina`), not those of their files",
  },
];
