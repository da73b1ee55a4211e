/** Reads a `pom.xml`, and resolves what Maven resolves without asking a repository (maven.apache.org: POM reference). */
import { childOf, childrenOf, readXmlDocument, type XmlElement } from '../../formats/xml/records.ts';
import { type Coordinates, coordinates } from './coordinates.ts';

/** A dependency as it is written, with its properties resolved as far as they are known. */
export interface PomDependency {
  readonly group: string;
  readonly artifact: string;
  /** undefined: nothing here says it. */
  readonly version: string | undefined;
}

export interface Pom {
  readonly dependencies: readonly PomDependency[];
  /** Parents and bills of materials that are in no folder here: `group:artifact:version`. */
  readonly foreign: readonly string[];
}

const MAX_PARENTS = 20;
/** Properties within properties. */
const MAX_DEPTH = 20;
const MAX_LENGTH = 4096;

interface Level {
  readonly project: XmlElement;
  /** From its own folder to the first. */
  readonly folder: string;
}

/** `beside` gives the text of a file by its path from the folder of `text`. Throws if `text` is no project. */
export function readPom(text: string, beside: (path: string) => string | undefined): Pom {
  const { levels, missing } = levelsOf(text, beside);
  const properties = propertiesOf(levels);
  const fill = (value: string | undefined) => filled(value ?? '', properties);
  const managed = new Map<string, string | undefined>();
  const foreign = new Set(missing === undefined ? [] : [fill(missing)]);
  for (const { project } of levels) {
    for (const each of dependenciesIn(childOf(project, 'dependencyManagement'))) {
      const [group, artifact, version] = partsOf(each).map(fill);
      if (textOf(each, 'scope') === 'import') foreign.add(`${group}:${artifact}:${version}`);
      // The nearest one counts.
      const key = `${group}:${artifact}`;
      if (!managed.has(key)) managed.set(key, version);
    }
  }
  const dependencies = levels.flatMap(({ project }) =>
    dependenciesIn(project).map((each) => {
      const [group = '', artifact = '', own = ''] = partsOf(each).map(fill);
      const version = own === '' ? managed.get(`${group}:${artifact}`) : own;
      return { group, artifact, version: version === undefined || !isKnown(version) ? undefined : version };
    }),
  );
  return { dependencies, foreign: [...foreign] };
}

/**
 * What the project is called, as far as its own text and the `parent` in it say: undefined lacks one of group, artifact and version.
 * A property that the text does not have stays in the version as it is written. Throws if `text` is no project.
 */
export function coordinatesOfPom(text: string): Coordinates | undefined {
  const project = projectOf(text);
  const properties = propertiesOf([{ project, folder: '' }]);
  const part = (key: string) => filled(properties.get(`project.${key}`) ?? '', properties);
  return coordinates(part('groupId'), part('artifactId'), part('version'));
}

/** The project and its parents, as far as they are in the same tree; then the first that is not. */
function levelsOf(
  text: string,
  beside: (path: string) => string | undefined,
): { levels: Level[]; missing?: string } {
  const levels: Level[] = [];
  let next: Level | undefined = { project: projectOf(text), folder: '' };
  while (next !== undefined && levels.length < MAX_PARENTS) {
    levels.push(next);
    const { project, folder }: Level = next;
    const parent = childOf(project, 'parent');
    if (parent === undefined) return { levels };
    next = parentOf(parent, folder, beside);
    if (next === undefined) return { levels, missing: partsOf(parent).join(':') };
  }
  return { levels };
}

function parentOf(
  parent: XmlElement,
  folder: string,
  beside: (path: string) => string | undefined,
): Level | undefined {
  const written = childOf(parent, 'relativePath');
  const relative = written === undefined ? '../pom.xml' : written.text.trim();
  if (relative === '') return undefined; // "look in repositories only"
  const path = folder + (relative.endsWith('.xml') ? relative : `${relative}/pom.xml`);
  const text = beside(path);
  if (text === undefined) return undefined;
  const project = projectOf(text);
  if (textOf(project, 'artifactId') !== textOf(parent, 'artifactId')) return undefined;
  return { project, folder: path.slice(0, path.lastIndexOf('/') + 1) };
}

function projectOf(text: string): XmlElement {
  const root = readXmlDocument(Buffer.from(text), 'pom.xml');
  if (root.name !== 'project') throw new Error('it is no project of Maven');
  return root;
}

/** Those of the project before those of its parents. */
function propertiesOf(levels: readonly Level[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const put = (name: string, value: string | undefined): void => {
    if (value !== undefined && value !== '' && !found.has(name)) found.set(name, value);
  };
  for (const { project } of levels) {
    for (const { name, text } of childOf(project, 'properties')?.children ?? []) put(name, text.trim());
    const parent = childOf(project, 'parent');
    for (const key of ['groupId', 'artifactId', 'version']) {
      const own = textOf(project, key) ?? (parent && textOf(parent, key));
      for (const prefix of ['project.', 'pom.', '']) put(`${prefix}${key}`, own);
      put(`project.parent.${key}`, parent && textOf(parent, key));
    }
  }
  return found;
}

function filled(text: string, properties: ReadonlyMap<string, string>): string {
  let value = text;
  for (let depth = 0; depth < MAX_DEPTH && value.includes('${'); depth++) {
    const next = value.replaceAll(
      /\$\{([^{}]{1,200})\}/g,
      (whole, name: string) => properties.get(name.trim()) ?? whole,
    );
    if (next === value || next.length > MAX_LENGTH) break;
    value = next;
  }
  return value;
}

/** A version, and no range of versions or property that nobody has. */
function isKnown(version: string): boolean {
  return version !== '' && !/\$\{|[[\](),]|^(?:LATEST|RELEASE)$/.test(version);
}

function dependenciesIn(element: XmlElement | undefined): readonly XmlElement[] {
  return childrenOf(childOf(element, 'dependencies'), 'dependency');
}

function partsOf(element: XmlElement): string[] {
  return ['groupId', 'artifactId', 'version'].map((key) => textOf(element, key) ?? '');
}

function textOf(element: XmlElement, name: string): string | undefined {
  return childOf(element, name)?.text.trim();
}
