/** Lists of packages that nobody reads yet: which files they are, and the names in them. */
import { fieldOf } from '../../formats/json/file.ts';

export interface LockFile {
  /** Of the base name. */
  readonly is: RegExp;
  /** As in `ListFormat`. */
  readonly isOne?: (text: string) => boolean;
  /** What find the packages that such a file names, once they are installed. */
  readonly detectors: readonly string[];
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

/** Pairs of a name and what is known of it; that of the project itself is null. */
function ofPnpData(document: unknown): string[] {
  const registry = fieldOf(document, 'packageRegistryData');
  return (Array.isArray(registry) ? registry : []).flatMap((pair: unknown) => {
    const [name] = Array.isArray(pair) ? (pair as unknown[]) : [];
    return typeof name === 'string' ? [name] : [];
  });
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

const NODE = ['nodejs', 'yarn-cache'];

const PYTHON_AND_CONDA = ['python', 'conda'];

export const LOCK_FILES: readonly LockFile[] = [
  { is: /^(?:package-lock|npm-shrinkwrap)\.json$/, detectors: NODE, names: json(ofNpm) },
  { is: /^yarn\.lock$/, detectors: NODE, names: each(/^"?(@?[^@\s"#]+)@[^\n]*:$/gm) },
  {
    is: /^pnpm-lock\.yaml$/,
    detectors: NODE,
    names: each(/^ {2}'?\/?(@?[^@(:\s'/]+(?:\/[^@(:\s'/]+)?)[@/]\d/gm),
  },
  // Those of Bun are JSON with commas too many, or binary; Plug'n'Play has packages in archives.
  { is: /^bun\.lock$/, detectors: NODE, names: each(/^ {4}"[^"\n]+": \["((?:@[^/@"\n]+\/)?[^@"\n]+)@/gm) },
  { is: /^bun\.lockb$/, detectors: NODE, names: () => [] },
  { is: /^deno\.lock$/, detectors: NODE, names: each(/"((?:@[^/@"\n]+\/)?[^@"/\n:]+)@\d[^"\n]*": *\{/g) },
  { is: /^\.pnp\.c?js$/, detectors: NODE, names: each(/^ {6}\["((?:@[^/"\n]+\/)?[^"\n]+)", \[/gm) },
  { is: /^\.pnp\.data\.json$/, detectors: NODE, names: json(ofPnpData) },
  { is: /^requirements[\w.-]*\.txt$/, detectors: ['python'], names: each(/^[ \t]*([A-Za-z0-9][\w.-]*)/gm) },
  {
    is: /^Pipfile\.lock$/,
    detectors: ['python'],
    names: json((document) => entries(fieldOf(document, 'default')).map(([name]) => name)),
  },
  {
    is: /^(?:(?:poetry|uv|pdm)\.lock|pylock(?:\.[\w-]+)?\.toml)$/,
    detectors: ['python'],
    names: NAMES_IN_TOML,
  },
  {
    is: /^pom\.xml$/,
    detectors: ['java'],
    names: each(/<dependency>(?:(?!<\/dependency>)[\s\S]){0,2000}?<artifactId>\s*([^<\s]+)/g),
  },
  {
    is: /^(?:gradle|buildscript-gradle)\.lockfile$/,
    detectors: ['java'],
    names: each(/^[^:#\s]+:([^:\s]+):/gm),
  },
  { is: /^(?:Gemfile\.lock|gems\.locked)$/, detectors: ['ruby'], names: each(/^ {4}([\w.-]+) \(/gm) },
  { is: /^composer\.lock$/, detectors: ['composer'], names: listed('packages') },
  { is: /^go\.mod$/, detectors: ['gobin'], names: each(/^(?:require[ \t]+|\t)([\w.-]+\.[\w.-]+\/\S+) v/gm) },
  { is: /^Cargo\.lock$/, detectors: ['cargo-auditable'], names: NAMES_IN_TOML },
  { is: /^mix\.lock$/, detectors: ['hex'], names: each(/^ {2}"([\w]+)":/gm) },
  {
    is: /^packages\.lock\.json$/,
    detectors: ['dotnet-deps'],
    names: json((document) =>
      entries(fieldOf(document, 'dependencies')).flatMap(([, of]) => entries(of).map(([name]) => name)),
    ),
  },
  {
    is: /^packages\.config$/i,
    detectors: ['dotnet-deps'],
    names: each(/<package\s(?:[^>]*\s)?id\s*=\s*"([^"]+)"/g),
  },
  { is: /^paket\.lock$/, detectors: ['dotnet-deps'], names: each(/^ {4}([\w.-]+) \(/gm) },
  {
    is: /^Directory\.Packages\.props$/i,
    detectors: ['dotnet-deps', 'nuget-lock'],
    names: each(/<PackageVersion\s(?:[^>]*\s)?Include\s*=\s*"([^"]+)"/g),
  },
  { is: /^pixi\.lock$/, detectors: PYTHON_AND_CONDA, names: each(/^[ -]+name: ([\w.-]+)$/gm) },
  { is: /^conda-lock\.yml$/, detectors: PYTHON_AND_CONDA, names: each(/^- name: ([\w.-]+)$/gm) },
  { is: /^cpanfile\.snapshot$/, detectors: ['cpan'], names: each(/^ {2}([A-Z][\w-]*)-v?\d/gm) },
  {
    is: /^manifest\.toml$/,
    isOne: (text) => /generated by Gleam|\bbuild_tools = \[/.test(text),
    detectors: ['hex'],
    names: each(/^ {2}\{ name = "(\w+)"/gm),
  },
  { is: /^rebar\.lock$/, detectors: ['hex'], names: each(/\{<<"(\w+)">>,\s*\{pkg,/g) },
  { is: /^pubspec\.lock$/, detectors: ['pub-lock'], names: each(/^ {2}(\w+):$/gm) },
  {
    is: /^Package\.resolved$/,
    detectors: ['swift-lock'],
    names: each(/"(?:identity|package)"\s*:\s*"([^"]+)"/g),
  },
  { is: /^renv\.lock$/, detectors: ['cran'], names: each(/"Package"\s*:\s*"([^"]+)"/g) },
  { is: /^stack\.yaml\.lock$/, detectors: ['haskell-lock'], names: each(/hackage: ([\w-]+)-\d/g) },
  { is: /^cabal\.project\.freeze$/, detectors: ['haskell-lock'], names: each(/any\.([\w-]+) ==/g) },
  { is: /^build\.sbt\.lock$/, detectors: ['java'], names: each(/"name"\s*:\s*"([^"]+)"/g) },
  { is: /\.opam\.locked$/, detectors: ['opam'], names: each(/^[ \t]*"([\w+-]+)" \{= "/gm) },
];
