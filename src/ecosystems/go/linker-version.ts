/** The version that a program was given when it was linked: `go build -ldflags "-X main.version=1.2.3"` (cmd/link, "-X"). */
import { goVersions } from './version.ts';

/** A variable that programs keep their own version in: `main.version`, `…/internal/build.Version`, `main.appVersion`. */
const NAME = /^(?:(?:app|application|build|git|program|release|sem)?_?)version(?:string)?$/i;

/** `git describe` of a later commit, or of changed files: neither is that version, nor one before it. */
const NO_RELEASE = /-\d+-g[0-9a-f]{4,}|dirty|modified/i;

/**
 * The version of the main module at `module`, with `v`; undefined if the linker was told none, several, or one that no
 * release has. Only variables of the program itself count: those of its packages are theirs.
 */
export function linkerVersion(ldflags: string, module: string): string | undefined {
  const ofMain = new Set<string>();
  const ofModule = new Set<string>();
  for (const [variable, value] of linkerVariables(ldflags)) {
    const dot = variable.lastIndexOf('.');
    const folder = variable.slice(0, dot);
    if (!NAME.test(variable.slice(dot + 1))) continue;
    const version = value.trim().replace(/^v?(?=\d)/, 'v');
    if (NO_RELEASE.test(version) || goVersions.parse(version) === undefined) continue;
    if (folder === 'main') ofMain.add(version);
    else if (module !== '' && (folder === module || folder.startsWith(`${module}/`))) ofModule.add(version);
  }
  const told = [...(ofMain.size > 0 ? ofMain : ofModule)];
  return told.length === 1 ? told[0] : undefined;
}

/** What follows each `-X`: variable and value. Words are split as cmd/internal/quoted does: one is quoted whole. */
function* linkerVariables(ldflags: string): Generator<[string, string]> {
  let isDefinition = false;
  for (const [word, single, double] of ldflags.matchAll(/'([^']*)'|"([^"]*)"|[^\s'"]\S*/g)) {
    const text = single ?? double ?? word;
    const definition = isDefinition ? text : /^--?X=(.*)$/s.exec(text)?.[1]?.replace(/^(['"])(.*)\1$/s, '$2');
    isDefinition = !isDefinition && /^--?X$/.test(text);
    const [, variable, value] = /^([^=]+\.[^=.]+)=(.*)$/s.exec(definition ?? '') ?? [];
    if (variable !== undefined && value !== undefined) yield [variable, value];
  }
}
