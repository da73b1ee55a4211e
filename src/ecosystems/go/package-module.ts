/** The module of a package, where a path in a package URL cannot be that of a module: some tools name packages. */

/** First words of the paths of the standard library (pkg.go.dev/std). */
const STANDARD =
  /^(?:archive|bufio|builtin|bytes|cmp|compress|container|context|crypto|database|debug|embed|encoding|errors|expvar|flag|fmt|hash|html|image|index|io|iter|log|maps|math|mime|net|os|path|plugin|reflect|regexp|runtime|slices|sort|strconv|strings|structs|sync|syscall|testing|text|time|unicode|unique|unsafe|weak)(?:\/|$)/;

/** Hosts whose repositories are two words behind them (go.dev/ref/mod#vcs-find). */
const REPOSITORY = /^((?:github\.com|gitlab\.com|bitbucket\.org)\/[^/]+\/[^/]+)\/./;

/** Owners whose modules are one word each, but for these. */
const ONE_WORD = /^(golang\.org\/x\/(?!exp\/)[^/]+|k8s\.io\/[^/]+)\/(?!v\d+(?:\/|$))./;
const NESTED = /^golang\.org\/x\/(?:tools\/gopls|telemetry|perf|vulndb|build)(?:\/|$)/;

/**
 * Returns the module of the package `path` at the version of its module; undefined: `path` may be a module itself. go.dev/ref/mod:
 * the path of a module from v2 on ends in its major version, unless that is `+incompatible`.
 */
export function moduleOfPackage(path: string, version: string): string | undefined {
  if (STANDARD.test(path)) return /^(?:v|go)?1(?:\.|$)/.test(version) ? 'stdlib' : undefined;
  const [, versioned] = /^(gopkg\.in\/(?:[^/]+\/)?[^/]+\.v\d+)\/./.exec(path) ?? [];
  if (versioned !== undefined) return versioned;
  const [, major = ''] = /^v?(\d+)\./.exec(version) ?? [];
  if (Number(major) >= 2) {
    if (path.endsWith(`/v${major}`)) return undefined;
    const end = path.indexOf(`/v${major}/`);
    if (end !== -1) return path.slice(0, end + `/v${major}`.length);
    return REPOSITORY.exec(path)?.[1];
  }
  return NESTED.test(path) ? undefined : ONE_WORD.exec(path)?.[1];
}
