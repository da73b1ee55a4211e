/** Who accounts for which of the files of a layer that can run, and how that is stored: small, by folder. */
import type { LayerView } from '../../contract/detector.ts';
import {
  ACCOUNT_NAMES,
  type Account,
  MARK_NAMES,
  type Mark,
  RUNNABLE_KINDS,
  type RunnableKind,
} from '../../model/ledger.ts';
import type { DetectorRun } from './detector-run.ts';
import type { Runnable } from './runnable-files.ts';

export interface AccountedFile extends Runnable {
  readonly account: Account;
}

/**
 * A folder, and of each file in it the name, the size in bytes, and a number: the account, the kind and the marks by their
 * places in the lists of them.
 */
export type AccountedFolder = readonly [folder: string, ...files: readonly (string | number)[]];

/** The account of each of `files`; `owned` has those that packages of the operating system own. */
export function accountsOf(
  files: readonly Runnable[],
  owned: ReadonlySet<string>,
  runs: readonly DetectorRun[],
  views: ReadonlyMap<DetectorRun, LayerView>,
): AccountedFile[] {
  const accounts = new Map<string, Account>();
  const take = (path: string, account: Account): void => {
    const before = accounts.get(path);
    if (before === undefined || rank(account) < rank(before)) accounts.set(path, account);
  };
  for (const path of owned) take(path, 'os_package');
  const rest = new Set(files.flatMap(({ path }) => (owned.has(path) ? [] : path)));
  for (const run of rest.size === 0 ? [] : runs) {
    const { findsProducts, owns } = run.detector;
    if (owns !== undefined) continue;
    const account = run.detector.account ?? (findsProducts ? 'program' : 'language_package');
    for (const path of run.programPaths()) take(path, 'program');
    const packages = new Set(run.packagePaths());
    for (const path of packages) take(path, account);
    const view = views.get(run);
    if (view === undefined) continue;
    for (const path of run.brought(view, rest, packages)) take(path, account);
  }
  return files.map((file) => ({ ...file, account: accounts.get(file.path) ?? 'unaccounted' }));
}

function rank(account: Account): number {
  return ACCOUNT_NAMES.indexOf(account);
}

/** How they are stored. */
export function toFolders(files: readonly AccountedFile[]): AccountedFolder[] {
  const folders = new Map<string, [string, ...(string | number)[]]>();
  for (const { path, size, ...file } of files) {
    const slash = path.lastIndexOf('/');
    const folder = path.slice(0, Math.max(0, slash));
    let row = folders.get(folder);
    if (row === undefined) folders.set(folder, (row = [folder]));
    row.push(path.slice(slash + 1), size, toCode(file));
  }
  return [...folders.values()];
}

/** Reads what `toFolders` gave. */
export function* inFolder([, ...files]: AccountedFolder): Generator<
  Omit<AccountedFile, 'path'> & { readonly name: string }
> {
  for (let at = 0; at + 2 < files.length; at += 3) {
    const [name, size, code] = files.slice(at, at + 3) as [string, number, number];
    yield { name, size, ...fromCode(code) };
  }
}

const KIND = 8;
const MARKS = KIND * 8;

function toCode({ account, kind, marks }: Omit<AccountedFile, 'path' | 'size'>): number {
  // What is accounted for says of itself what it is made of.
  const told = account === 'unaccounted' ? marks : [];
  const bits = told.reduce((sum, mark) => sum + 2 ** MARK_NAMES.indexOf(mark), 0);
  return rank(account) + KIND * RUNNABLE_KINDS.indexOf(kind) + MARKS * bits;
}

function fromCode(code: number): Omit<AccountedFile, 'path' | 'size'> {
  const bits = Math.floor(code / MARKS);
  return {
    account: ACCOUNT_NAMES[code % KIND] as Account,
    kind: RUNNABLE_KINDS[Math.floor(code / KIND) % 8] as RunnableKind,
    marks: MARK_NAMES.filter((_, index): _ is Mark => Math.floor(bits / 2 ** index) % 2 === 1),
  };
}
