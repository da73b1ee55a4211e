/** Text of the ledger: the accounts of files that can run, and the unaccounted files. */
import { type Account, MARKS } from '../../model/ledger.ts';
import type { LedgerView, UnaccountedView, View } from './view.ts';

const NAMES: Readonly<Record<Account, string>> = {
  os_package: 'of OS packages',
  language_package: 'in language packages',
  program: 'recognized programs',
  inventory: 'in inventories',
  unaccounted: 'unaccounted',
};

/** Returns a line for all accounts, and one for each of the first `most` unaccounted files; empty without a ledger. */
export function ledgerLines({ ledger }: View, most: number): string[] {
  if (ledger === undefined) return [];
  const listed = ledger.unaccounted.slice(0, most);
  const more = ledger.accounts.unaccounted.files - listed.length;
  return [
    totalsText(ledger),
    ...listed.map((file) => `Unaccounted: ${unaccountedText(file)}`),
    ...(more > 0 && listed.length > 0 ? [`Unaccounted: ${more} more, each no larger`] : []),
  ];
}

/** Returns the accounts as text: `Files that can run: 812 of OS packages (123.4 MB), 3 unaccounted (5.1 MB)`. */
export function totalsText({ accounts }: LedgerView): string {
  const parts = Object.entries(accounts).flatMap(([name, { files, bytes }]) =>
    files > 0 ? [`${files} ${NAMES[name as Account]} (${sizeText(bytes)})`] : [],
  );
  return `Files that can run: ${parts.join(', ') || 'none'}`;
}

/** Returns a file as text: `usr/local/bin/app (elf, 4.2 MB; a Go program without build info): RUN make install`. */
function unaccountedText({ path, size, kind, marks, layer, instruction }: UnaccountedView): string {
  const what = [`${kind}, ${sizeText(size)}`, ...marks.map((mark) => MARKS[mark])].join('; ');
  return `${path} (${what}): ${instruction || `layer ${layer}`}`;
}

export function sizeText(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
