/** CSAF 2.0 and 2.1, profile VEX (https://docs.oasis-open.org/csaf/csaf/v2.0/): products by package URL. */
import { type JsonObject, listOf, recordOf } from '../model/json-object.ts';
import type { Problem } from '../model/package.ts';
import {
  timeOf,
  trimmedOf,
  type VexDocument,
  type VexProduct,
  type VexStatement,
  type VexStatus,
} from './statement.ts';

const STATUSES: Readonly<Record<string, VexStatus>> = {
  known_not_affected: 'not_affected',
  fixed: 'fixed',
  first_fixed: 'fixed',
  known_affected: 'affected',
  first_affected: 'affected',
  last_affected: 'affected',
  under_investigation: 'under_investigation',
};
const MAX_DEPTH = 64;

interface Helper {
  readonly identifiers: readonly string[];
  readonly cpe: string;
}

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
      problems.push({ source: name, where, reason: `${unusable} of its products have no package URL` });
  }
  return { statements, problems };
}

/** By id: those that can be known by a package URL. */
function productsOf(tree: JsonObject): Map<string, VexProduct> {
  const helpers = new Map<string, Helper>();
  const note = (value: unknown): void => {
    const product = recordOf(value);
    const id = trimmedOf(product.product_id);
    if (id !== '') helpers.set(id, helperOf(recordOf(product.product_identification_helper)));
  };
  const visit = (branches: unknown, depth: number): void => {
    for (const branch of listOf(branches).map(recordOf)) {
      note(branch.product);
      if (depth < MAX_DEPTH) visit(branch.branches, depth + 1);
    }
  };
  visit(tree.branches, 0);
  for (const product of listOf(tree.full_product_names)) note(product);

  const products = new Map<string, VexProduct>();
  for (const [id, { identifiers }] of helpers) if (identifiers.length > 0) products.set(id, { identifiers });
  // CSAF 2.0 §3.2.2.6: a component as it is part of, or installed on, something.
  for (const relationship of listOf(tree.relationships).map(recordOf)) {
    const full = recordOf(relationship.full_product_name);
    const id = trimmedOf(full.product_id);
    const part = helpers.get(trimmedOf(relationship.product_reference));
    const whole = helpers.get(trimmedOf(relationship.relates_to_product_reference));
    const own = helperOf(recordOf(full.product_identification_helper));
    if (id === '' || products.has(id)) continue;
    if (own.identifiers.length > 0) products.set(id, { identifiers: own.identifiers });
    else if (part !== undefined && part.identifiers.length > 0) {
      if (whole !== undefined && whole.identifiers.length > 0)
        products.set(id, { identifiers: whole.identifiers, parts: part.identifiers });
      // What it is installed on cannot be known by anything: then it may be another system than this one.
      else if (whole !== undefined && whole.cpe !== '')
        products.set(id, { identifiers: part.identifiers, platform: whole.cpe });
    }
  }
  return products;
}

function helperOf(helper: JsonObject): Helper {
  const hashes = listOf(helper.hashes)
    .flatMap((each) => listOf(recordOf(each).file_hashes))
    .map(recordOf)
    .filter(({ algorithm }) => /^sha-?256$/i.test(trimmedOf(algorithm)))
    .map(({ value }) => `sha256:${trimmedOf(value)}`);
  return {
    identifiers: [helper.purl, ...listOf(helper.purls)]
      .map(trimmedOf)
      .filter((purl) => purl !== '')
      .concat(hashes),
    cpe: trimmedOf(helper.cpe),
  };
}
