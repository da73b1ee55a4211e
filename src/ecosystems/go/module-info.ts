/** The module text of Go's build info: a line each for main module, dependencies and settings (runtime/debug.BuildInfo). */
import type { BuildInfo } from './build-info.ts';

export interface Module {
  readonly path: string;
  readonly version: string;
  /** The path of the module that it replaces: its packages are imported, and their functions named, as those of that one. */
  readonly replaces?: string;
}

export interface ModuleInfo {
  readonly main: Module;
  /** Import path of the main package; '' if it is not told. */
  readonly packagePath: string;
  /** Dependencies, each as what it was replaced by; by a folder, as itself at a version that nobody knows. */
  readonly dependencies: readonly Module[];
  /** `vcs`, `vcs.revision`, … */
  readonly settings: ReadonlyMap<string, string>;
  /** Lines that could not be read. */
  readonly problems: readonly string[];
}

/** Far above what any program has. */
const LINES_LIMIT = 100_000;
const LINE_LIMIT = 4096;
/** What a linker was told may be long. */
const SETTING_LIMIT = 64 * 1024;

/** What Go writes in place of the version of a folder. */
export const DEVEL = '(devel)';

/** go.dev/ref/mod#go-mod-file-replace: a path that begins so is a folder, and no module path does. */
export const FOLDER = /^(?:\.{1,2}(?:[/\\]|$)|[/\\]|[A-Za-z]:[/\\])/;

/** Reads the lines that are understood; kinds of lines that a newer Go may add are passed over. */
export function parseModules({ modules }: Pick<BuildInfo, 'modules'>): ModuleInfo {
  let main: Module = { path: '', version: '' };
  let packagePath = '';
  const dependencies: Module[] = [];
  const settings = new Map<string, string>();
  const problems: string[] = [];
  let last: 'main' | 'dependency' | undefined;

  for (const [index, line] of linesOf(modules).entries()) {
    if (index === LINES_LIMIT) {
      problems.push(`more than ${LINES_LIMIT} lines of build info: the rest was not read`);
      break;
    }
    const tab = line.indexOf('\t');
    const kind = line.slice(0, Math.max(tab, 0));
    const [path = '', version = ''] = line.slice(tab + 1).split('\t', 2);
    if (kind === 'build') {
      const setting = parseSetting(line.slice(tab + 1));
      if (setting) settings.set(...setting);
      continue;
    }
    if (kind === 'path' && path.length <= LINE_LIMIT) packagePath = path;
    const isKind = /^[a-z]+$/.test(kind);
    if (isKind && kind !== 'mod' && kind !== 'dep') continue;
    const replaces = kind === '=>' ? last : undefined;
    if (
      !(isKind || kind === '=>') ||
      path === '' ||
      line.length > LINE_LIMIT ||
      (kind === '=>' && replaces === undefined)
    ) {
      problems.push(
        `line ${index + 1} of the build info cannot be read: ${JSON.stringify(line.slice(0, 80))}`,
      );
      last = undefined;
      continue;
    }
    const replaced = replaces === 'dependency' ? dependencies.pop() : undefined;
    // A replaced main module stays itself: Go refuses to replace it, so this is only ever a forged line.
    if (replaces === 'main') continue;
    if (kind === 'mod') main = { path, version };
    // differs: a module that a directory replaces keeps its name, because it can have the same vulnerabilities; Clair names the directory (clair-indexing.md#go-programs)
    else if (replaced !== undefined && FOLDER.test(path))
      dependencies.push({ path: replaced.path, version: DEVEL });
    else
      dependencies.push({
        path,
        version,
        ...(replaced !== undefined && replaced.path !== path && { replaces: replaced.path }),
      });
    last = kind === 'mod' ? 'main' : kind === 'dep' ? 'dependency' : undefined;
  }
  return { main, packagePath, dependencies, settings, problems };
}

function linesOf(text: string): string[] {
  return text.split('\n', LINES_LIMIT + 1).filter((line) => line !== '');
}

/** `key=value`; either may be a quoted Go string. */
function parseSetting(text: string): [string, string] | undefined {
  const match = /^("(?:[^"\\]|\\.)*"|[^="]+)=(.*)$/s.exec(text.length > SETTING_LIMIT ? '' : text);
  return match ? [unquote(match[1]!), unquote(match[2]!)] : undefined;
}

function unquote(text: string): string {
  if (!/^(".*"|`.*`)$/s.test(text)) return text;
  return text.slice(1, -1).replace(/\\(["\\])/g, '$1');
}
