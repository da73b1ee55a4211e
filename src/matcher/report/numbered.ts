/** The vulnerabilities of a report: merged, ordered, numbered. */

import type { Matches } from '../matching/match.ts';
import type { Shown } from '../shown/shown.ts';
import type { JsonWriter } from './json-writer.ts';

/** The vulnerabilities of a report, in the order of their numbers, of which the first is 1. */
export interface Numbered {
  readonly vulnerabilities: readonly Shown[];
  /** By the ids of all advisories that come to them. */
  readonly numbers: ReadonlyMap<number, number>;
}

/** What is shown, numbered: what affects something first. */
export function numberVulnerabilities({ shown, affected }: Pick<Matches, 'shown' | 'affected'>): Numbered {
  const affecting = new Set<number>();
  for (const ids of affected.values()) for (const id of ids) affecting.add(id);
  const byOrder = new Map<string, Shown>();
  const first = new Set<string>();
  for (const each of shown) {
    byOrder.set(each.order, each);
    if (affecting.has(each.id)) first.add(each.order);
  }
  const others = [...byOrder.keys()].filter((order) => !first.has(order));
  const vulnerabilities: Shown[] = [];
  const numberOf = new Map<string, number>();
  for (const order of [...[...first].sort(), ...others.sort()]) {
    numberOf.set(order, vulnerabilities.push(byOrder.get(order)!));
  }
  const numbers = new Map<number, number>();
  for (const { id, order } of shown) numbers.set(id, numberOf.get(order)!);
  return { vulnerabilities, numbers };
}

/** An object by their numbers, of those vulnerabilities of which there is something to say. */
export function writeById(
  out: JsonWriter,
  { vulnerabilities }: Numbered,
  jsonOf: (vulnerability: Shown) => string | undefined,
): void {
  out.open();
  let id = 0;
  for (const vulnerability of vulnerabilities) {
    const json = jsonOf(vulnerability);
    id++;
    if (json === undefined) continue;
    out.key(id);
    out.text(json);
  }
  out.close();
}
