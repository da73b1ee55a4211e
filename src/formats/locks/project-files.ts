/** Whether the text of a project's file needs packages of others. */
import { fieldOf, fieldsIn } from '../json/file.ts';

/** It does if it has what `pattern` says. */
export const says =
  (pattern: RegExp) =>
  (text: string): boolean =>
    pattern.test(text);

/** Versions that name a folder of the same project. */
const OWN = /^(?:workspace|file|link|portal):/;

/** It does if one of these members of a JSON object names a package that `counts`. Throws if it is no JSON. */
export function needsInJson(
  tables: readonly string[],
  counts: (name: string) => boolean = () => true,
): (text: string) => boolean {
  return (text) => {
    const document: unknown = JSON.parse(text.replace(/^\uFEFF/, ''));
    return tables.some((table) =>
      fieldsIn(fieldOf(document, table)).some(
        ([name, version]) => counts(name) && !OWN.test(String(version)),
      ),
    );
  };
}
