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

/** undefined: it is not that of an installed package (those have `Built`), or of something else. */
export function readDescription(text: string): Description | undefined {
  const [name, version, repository, views, url, priority, built] = PATTERNS.map((pattern) =>
    pattern.exec(text)?.[1]?.trim(),
  );
  if (!name || !version || built === undefined) return undefined;
  return {
    name,
    version,
    // Bioconductor's have views of it, and no Repository.
    bioconductor: isOfBioconductor(repository ?? url ?? (views === undefined ? '' : 'Bioconductor')),
    base: priority === 'base',
  };
}

/** By what a record says of where a package is from. */
export function isOfBioconductor(origin: string): boolean {
  return /bioc/i.test(origin);
}
