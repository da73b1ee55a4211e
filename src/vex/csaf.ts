/** CSAF 2.0 and 2.1, profile VEX (https://docs.oasis-open.org/csaf/csaf/v2.0/): products by package URL. */
import { type JsonObject, listOf, recordOf } from '../model/json-object.ts';
import type { Problem } from '../model/package.ts';
import { productsOf } from './csaf-products.ts';
import { timeOf, trimmedOf, type VexDocument, type VexStatement, type VexStatus } from './statement.ts';

const STATUSES: Readonly<Record<string, VexStatus>> = {
  known_not_affected: 'not_affected',
  fixed: 'fixed',
  first_fixed: 'fixed',
  known_affected: 'affected',
  first_affected: 'affected',
  last_affected: 'affected',
  under_investigation: 'under_investigation',
};

export function isCsaf(document: JsonObject): boolean {
  return trimmedOf(recordOf(document.document).csaf_version) !== '' && 'vulnerabilities' in document;
}

export function readCsaf(document: JsonObject, name: string): VexDocument {
  const products = productsOf(recordOf(document.product_tree));
  const groups = new Map(
    listOf(recordOf(document.product_tree).product_groups)
      .map(recordOf)
      .map((group) => [trimmedOf(group.group_id), listOf(group.product_ids).map(trimmedOf)]),
  );
  const tracking = recordOf(recordOf(document.document).tracking);
  const statements: VexStatement[] = [];
  const problems: Problem[] = [];
  for (const [index, value] of listOf(document.vulnerabilities).entries()) {
    const vulnerability = recordOf(value);
    const where = `vulnerabilities[${index}]`;
    const ids = [vulnerability.cve, ...listOf(vulnerability.ids).map((id) => recordOf(id).text)]
      .map(trimmedOf)
      .filter((id) => id !== '');
    if (ids.length === 0) {
      problems.push({ source: name, where, reason: 'it has neither cve nor ids' });
      continue;
    }
    const said = (list: unknown, text: string): Map<string, string> =>
      new Map(
        listOf(list)
          .map(recordOf)
          .flatMap((each) =>
            [
              ...listOf(each.product_ids).map(trimmedOf),
              ...listOf(each.group_ids).flatMap((id) => groups.get(trimmedOf(id)) ?? []),
            ].map((id): [string, string] => [id, trimmedOf(each[text])]),
          ),
      );
    const flags = said(vulnerability.flags, 'label');
    const impacts = said(
      listOf(vulnerability.threats).filter((threat) => recordOf(threat).category === 'impact'),
      'details',
    );
    let unusable = 0;
    for (const [key, list] of Object.entries(recordOf(vulnerability.product_status))) {
      const status = STATUSES[key];
      if (status === undefined) continue; // e.g. recommended: says nothing of being affected
      for (const id of listOf(list).map(trimmedOf)) {
        const product = products.get(id);
        if (product === undefined) {
          unusable++;
          continue;
        }
        statements.push({
          source: `${name}: ${where}`,
          ids,
          status,
          justification: flags.get(id) ?? '',
          reason: impacts.get(id) ?? '',
          products: [product],
          time: timeOf(vulnerability.release_date, tracking.current_release_date),
        });
      }
    }
    if (unusable > 0)
      problems.push({
        source: name,
        where,
        reason: `${unusable} of its products have no package URL, or are a range of versions that is not read`,
      });
  }
  return { statements, problems };
}
