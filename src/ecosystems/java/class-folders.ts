/** Which packages (in Java's sense) the classes of an archive are of: they tell archives of the same name apart. */
import type { Zip } from '../../formats/archives/zip.ts';
import { ARCHIVE_NAME } from './archive.ts';
import type { ArchiveBudget } from './budget.ts';
import { CLASSES_PREFIX } from './class-names.ts';

export interface ClassFolders {
  /** `org.h2.util`, at most four words, those with the most classes first. */
  readonly folders: readonly string[];
  /** What nearly all of them begin with; '' if there is no such. */
  readonly root: string;
  /** Whether there are classes at all: what else has folders may be any zip. */
  readonly hasClasses: boolean;
}

const MAX_FOLDERS = 12;
const MAX_WORDS = 4;
/** Names that are counted: an archive of all of them has some thousands. */
const MAX_COUNTED = 20_000;
/** Share of the classes that the root stands for: helpers of others are packed beside them. */
const NEARLY_ALL = 0.9;

/** Reads the directory once more: only archives that do not say who they are pay for it. */
export function classFolders(zip: Zip, budget: ArchiveBudget): ClassFolders {
  const counts = new Map<string, number>();
  const resources = new Map<string, number>();
  let hasClasses = false;
  for (const { name } of zip.entries()) {
    budget.spend('members', 1);
    const path = name.replace(CLASSES_PREFIX, '');
    const slash = path.lastIndexOf('/');
    const isClass = path.endsWith('.class');
    hasClasses ||= isClass;
    if (slash <= 0 || slash === path.length - 1 || /^(?:META|WEB|BOOT)-INF\//.test(path)) continue;
    if (!isClass && ARCHIVE_NAME.test(path)) continue;
    const into = isClass ? counts : resources;
    const folder = path.slice(0, slash);
    if (into.size < MAX_COUNTED || into.has(folder)) into.set(folder, (into.get(folder) ?? 0) + 1);
  }
  // Translations and the like have no classes, but lie where those are.
  return { ...summed(hasClasses ? counts : resources), hasClasses };
}

function summed(counts: ReadonlyMap<string, number>): Pick<ClassFolders, 'folders' | 'root'> {
  const short = new Map<string, number>();
  let total = 0;
  for (const [folder, count] of counts) {
    const words = folder.split('/').slice(0, MAX_WORDS);
    if (!words.every((word) => /^[\w$-]{1,64}$/.test(word))) continue;
    const key = words.join('.');
    short.set(key, (short.get(key) ?? 0) + count);
    total += count;
  }
  const sorted = [...short].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  return { folders: sorted.slice(0, MAX_FOLDERS).map(([key]) => key), root: rootOf(sorted, total) };
}

function rootOf(counts: readonly (readonly [string, number])[], total: number): string {
  let root = '';
  for (;;) {
    const next = new Map<string, number>();
    for (const [folder, count] of counts) {
      if (root !== '' && !folder.startsWith(`${root}.`)) continue;
      const word = folder.slice(root === '' ? 0 : root.length + 1).split('.', 1)[0]!;
      next.set(word, (next.get(word) ?? 0) + count);
    }
    const [word] = [...next].find(([, count]) => count >= total * NEARLY_ALL) ?? [];
    if (word === undefined || word === '') return root;
    root = root === '' ? word : `${root}.${word}`;
  }
}
