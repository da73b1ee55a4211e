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
 * undefined: it is no installed package's, as in templates of packages. Throws if it lies in `folder` of that package, but lacks
 * what each installed one has.
 */
export function readDescription(text: string, folder: string): Description | undefined {
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
  if (name === folder) throw new Error('it has no Version and Built: it was cut or is damaged');
  return undefined;
}

/** By what a record says of where a package is from. */
export function isOfBioconductor(origin: string): boolean {
  return /bioc/i.test(origin);
}
