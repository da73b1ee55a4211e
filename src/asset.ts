/** Files that the programs need beside their code. */

/** The file at `path` of the repository, or of the folder of the built programs. */
export function asset(path: string): URL {
  return new URL(import.meta.url.endsWith('.ts') ? `../${path}` : `./${path}`, import.meta.url);
}
