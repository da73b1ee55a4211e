/** The products of a CSAF document (`product_tree`), and how they can be known. */
import { type JsonObject, listOf, recordOf } from '../model/json-object.ts';
import { formatPurl, parsePurl } from '../model/purl.ts';
import { trimmedOf, type VexProduct } from './statement.ts';

const MAX_DEPTH = 64;

interface Helper {
  readonly identifiers: readonly string[];
  readonly cpe: string;
}

/** By id: those that can be known by a package URL. */
export function productsOf(tree: JsonObject): Map<string, VexProduct> {
  const helpers = new Map<string, Helper>();
  const note = (value: unknown, branch: JsonObject = {}): void => {
    const product = recordOf(value);
    const id = trimmedOf(product.product_id);
    if (id === '') return;
    const { identifiers, cpe } = helperOf(recordOf(product.product_identification_helper));
    helpers.set(id, { identifiers: identifiers.flatMap((each) => ofBranch(each, branch)), cpe });
  };
  const visit = (branches: unknown, depth: number): void => {
    for (const branch of listOf(branches).map(recordOf)) {
      note(branch.product, branch);
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

/** CSAF 2.0 §3.1.2.2: the version of a product may be told by its branch alone. A package URL without it would be all versions. */
function ofBranch(identifier: string, { category, name }: JsonObject): string[] {
  const purl = parsePurl(identifier);
  if (purl === undefined || purl.version !== '') return [identifier];
  if (category === 'product_version_range') return [];
  const version = trimmedOf(name);
  return category === 'product_version' && /^v?\d/.test(version)
    ? [formatPurl({ ...purl, version })]
    : [identifier];
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
