/** Files of projects: those of Python. */
import type { ProjectFile } from '../../contract/project-file.ts';
import { says } from '../../formats/locks/project-files.ts';

const LISTS =
  /^(?:(?:poetry|uv|pdm|Pipfile)\.lock|pylock(?:\..+)?\.toml|[\w.-]*requirements[\w.-]*\.txt|requirements|\.?venv)$/i;

/** In a table of these names something other than Python itself. */
const POETRY =
  /^\[tool\.poetry(?:\.group\.[\w-]+)?\.dependencies\][ \t]*\r?\n(?:(?:[ \t]*(?:#.*)?|python[ \t]*=.*)\r?\n)*(?!python[ \t]*=)[A-Za-z"]/m;

export const projectFiles: readonly ProjectFile[] = [
  {
    is: /(?:^|\/)pyproject\.toml$/,
    needs: (text) => /^dependencies[ \t]*=[ \t]*\[\s*(?:#.*\n\s*)*["']/m.test(text) || POETRY.test(text),
    locked: LISTS,
  },
  { is: /(?:^|\/)setup\.(?:py|cfg)$/, needs: says(/\binstall_requires\b/), locked: LISTS },
  { is: /(?:^|\/)Pipfile$/, needs: says(/^\[(?:dev-)?packages\]\s+[^[\s]/m), locked: LISTS },
  { is: /(?:^|\/)[\w.-]*requirements[\w.-]*\.in$/, needs: says(/^[A-Za-z]/m), locked: LISTS },
];
