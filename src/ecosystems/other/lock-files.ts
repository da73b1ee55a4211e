/** Lists of packages that nobody reads yet: which files they are, and the names in them. */
import { fieldOf } from '../../formats/json/file.ts';

export interface LockFile {
  /** Of the base name. */
  readonly is: RegExp;
  /** What finds the packages that such a file names, once they are installed. */
  readonly detector: string;
  /** Names of packages that are meant to be installed; [] if they cannot be told. */
  readonly names: (text: string) => readonly string[];
}

function each(pattern: RegExp): LockFile['names'] {
  return (text) => [...text.matchAll(pattern)].flatMap(([, name]) => name ?? []);
}

function json(names: (document: unknown) => readonly string[]): LockFile['names'] {
  return (text) => {
    try {
      return names(JSON.parse(text));
    } catch {
      return [];
    }
  };
}

function entries(value: unknown): [string, unknown][] {
  return typeof value === 'object' && value !== null ? Object.entries(value) : [];
}

/** What is for development only, or only for other machines, is not meant to be there. */
function isInstalled(value: unknown): boolean {
  return !['dev', 'optional', 'devOptional', 'link', 'peer'].some((key) => fieldOf(value, key) === true);
}

function ofNpm(document: unknown): string[] {
  const packages = entries(fieldOf(document, 'packages')).filter(([path]) => path.includes('node_modules/'));
  const older = entries(fieldOf(document, 'dependencies'));
  return (packages.length > 0 ? packages : older)
    .filter(([, value]) => isInstalled(value))
    .map(([path]) => path.slice(path.lastIndexOf('node_modules/') + 1).replace(/^ode_modules\//, ''));
}

function listed(key: string): LockFile['names'] {
  return json((document) =>
    entries(fieldOf(document, key)).flatMap(([, value]) => {
      const name = fieldOf(value, 'name');
      return typeof name === 'string' ? [name] : [];
    }),
  );
}

const NAMES_IN_TOML = each(/^name = "([^"\n]+)"/gm);

export const LOCK_FILES: readonly LockFile[] = [
  { is: /^(?:package-lock|npm-shrinkwrap)\.json$/, detector: 'nodejs', names: json(ofNpm) },
  { is: /^yarn\.lock$/, detector: 'nodejs', names: each(/^"?(@?[^@\s"#]+)@[^\n]*:$/gm) },
  {
    is: /^pnpm-lock\.yaml$/,
    detector: 'nodejs',
    names: each(/^ {2}'?\/?(@?[^@(:\s'/]+(?:\/[^@(:\s'/]+)?)[@/]\d/gm),
  },
  // Those of Bun are JSON with commas too many, or binary; Plug'n'Play has packages in archives.
  { is: /^bun\.lock$/, detector: 'nodejs', names: each(/^ {4}"[^"\n]+": \["((?:@[^/@"\n]+\/)?[^@"\n]+)@/gm) },
  { is: /^bun\.lockb$/, detector: 'nodejs', names: () => [] },
  { is: /^deno\.lock$/, detector: 'nodejs', names: each(/"((?:@[^/@"\n]+\/)?[^@"/\n:]+)@\d[^"\n]*": *\{/g) },
  { is: /^\.pnp\.cjs$/, detector: 'nodejs', names: each(/^ {6}\["((?:@[^/"\n]+\/)?[^"\n]+)", \[/gm) },
  { is: /^requirements[\w.-]*\.txt$/, detector: 'python', names: each(/^[ \t]*([A-Za-z0-9][\w.-]*)/gm) },
  {
    is: /^Pipfile\.lock$/,
    detector: 'python',
    names: json((document) => entries(fieldOf(document, 'default')).map(([name]) => name)),
  },
  {
    is: /^(?:(?:poetry|uv|pdm)\.lock|pylock(?:\.[\w-]+)?\.toml)$/,
    detector: 'python',
    names: NAMES_IN_TOML,
  },
  {
    is: /^pom\.xml$/,
    detector: 'java',
    names: each(/<dependency>(?:(?!<\/dependency>)[\s\S]){0,2000}?<artifactId>\s*([^<\s]+)/g),
  },
  {
    is: /^(?:gradle|buildscript-gradle)\.lockfile$/,
    detector: 'java',
    names: each(/^[^:#\s]+:([^:\s]+):/gm),
  },
  { is: /^(?:Gemfile\.lock|gems\.locked)$/, detector: 'ruby', names: each(/^ {4}([\w.-]+) \(/gm) },
  { is: /^composer\.lock$/, detector: 'composer', names: listed('packages') },
  { is: /^go\.mod$/, detector: 'gobin', names: each(/^(?:require[ \t]+|\t)([\w.-]+\.[\w.-]+\/\S+) v/gm) },
  { is: /^Cargo\.lock$/, detector: 'cargo-auditable', names: NAMES_IN_TOML },
  { is: /^mix\.lock$/, detector: 'hex', names: each(/^ {2}"([\w]+)":/gm) },
  {
    is: /^packages\.lock\.json$/,
    detector: 'dotnet-deps',
    names: json((document) =>
      entries(fieldOf(document, 'dependencies')).flatMap(([, of]) => entries(of).map(([name]) => name)),
    ),
  },
  {
    is: /^packages\.config$/i,
    detector: 'dotnet-deps',
    names: each(/<package\s(?:[^>]*\s)?id\s*=\s*"([^"]+)"/g),
  },
  { is: /^rebar\.lock$/, detector: 'hex', names: each(/\{<<"(\w+)">>,\s*\{pkg,/g) },
  { is: /^pubspec\.lock$/, detector: 'pub-lock', names: each(/^ {2}(\w+):$/gm) },
  {
    is: /^Package\.resolved$/,
    detector: 'swift-lock',
    names: each(/"(?:identity|package)"\s*:\s*"([^"]+)"/g),
  },
  { is: /^renv\.lock$/, detector: 'cran', names: each(/"Package"\s*:\s*"([^"]+)"/g) },
  { is: /^stack\.yaml\.lock$/, detector: 'haskell-lock', names: each(/hackage: ([\w-]+)-\d/g) },
  { is: /^cabal\.project\.freeze$/, detector: 'haskell-lock', names: each(/any\.([\w-]+) ==/g) },
  { is: /^build\.sbt\.lock$/, detector: 'java', names: each(/"name"\s*:\s*"([^"]+)"/g) },
  { is: /\.opam\.locked$/, detector: 'opam', names: each(/^[ \t]*"([\w+-]+)" \{= "/gm) },
];
