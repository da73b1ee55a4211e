/** The ledger in our SBOMs, and the way back: the totals, and each file that nobody accounts for. */

import type { SbomDocument } from '../formats/sbom/document.ts';
import type { IndexReport } from '../model/index-report.ts';
import { ledgerFromWire, ledgerToWire } from '../model/ledger-wire.ts';
import { OWN } from './own-properties.ts';

export function ledgerProperties({ ledger }: Pick<IndexReport, 'ledger'>): [name: string, value: string][] {
  if (ledger === undefined) return [];
  const { accounts, unaccounted } = ledgerToWire(ledger);
  return [
    [OWN.ledger, JSON.stringify(accounts)],
    ...unaccounted.map((file): [string, string] => [OWN.unaccounted, JSON.stringify(file)]),
  ];
}

/** No member if the document does not have it. */
export function ownLedger({ properties }: Pick<SbomDocument, 'properties'>): Pick<IndexReport, 'ledger'> {
  const valuesOf = (name: string): unknown[] =>
    properties.flatMap(([key, value]) => {
      if (key !== name) return [];
      try {
        return [JSON.parse(value)];
      } catch {
        return []; // told by the totals, which it is part of
      }
    });
  const [accounts] = valuesOf(OWN.ledger);
  if (accounts === undefined) return {};
  return { ledger: ledgerFromWire({ accounts, unaccounted: valuesOf(OWN.unaccounted) }) };
}
