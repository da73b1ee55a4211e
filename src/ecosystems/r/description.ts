/** `DESCRIPTION` of an installed R package (Writing R Extensions, 1.1.1). */

export interface Description {
  readonly name: string;
  readonly version: string;
  readonly bioconductor: boolean;
  /** Comes with R itself, whose version it has. */
  readonly base: boolean;
}

const FIELDS = ['Package', 'Version', 'Repository', 'biocViews', 'git_url', 'Priority', 'Built'];
const PATTERNS = FIELDS.map((field) => new RegExp(`^${field}:[ \\t]*(.*)$`, 'm'));

/**
 * undefined: it is no installed package's, as in sources and templates of packages. Throws if it is one's (`isInstalled`), but lacks
 * what each has.
 */
export function readDescription(text: string, isInstalled: boolean): Description | undefined {
  const [name, version, repository, views, url, priority, built] = PATTERNS.map((pattern) =>
    pattern.exec(text)?.[1]?.trim(),
  );
  if (name && version && built !== undefined) {
    return {
      name,
      version,
      // Bioconductor's have views of it, and no Repository.
      bioconductor: isOfBioconductor(repository ?? url ?? (views === undefined ? '' : 'Bioconductor')),
      base: priority === 'base',
    };
  }
  if (isInstalled) throw new Error('it lacks Package, Version or Built: it was cut or is damaged');
  return undefined;
}

/** By what a record says of where a package is from. */
export function isOfBioconductor(origin: string): boolean {
  return /bioc/i.test(origin);
}
