/** The product tree of a CSAF document: which package of which platform a product id stands for. */
import { recordOf } from '../../../model/json-object.ts';
import { listIn, textIn } from './csaf-json.ts';

/** A package as it comes from a platform, as the document identifies both. */
export interface VexComponent {
  /** A package URL. */
  readonly purl: string;
  readonly cpe: string;
  /** Package URL of the module that it is of, if the document has one between the two. */
  readonly module?: string;
}

export interface ProductTree {
  /** undefined: the id does not lead to a package URL and a CPE. */
  component(productId: string): VexComponent | undefined;
}

interface Identifiers {
  readonly purl: string;
  readonly cpe: string;
}

interface Relation {
  readonly part: string;
  readonly whole: string;
}

/** A component of a component of …: real ones are two deep. */
const MAX_STEPS = 5;

/** Reads `product_tree`; what is not as CSAF 2.0 §3.2.2 has it is left out. */
export function readProductTree(json: unknown): ProductTree {
  const tree = recordOf(json);
  const identifiers = identifiersOf(tree);
  const relations = relationsOf(tree);
  // Thousands of products share a few platforms.
  const platforms = new Map<string, Platform | undefined>();
  return {
    component(productId) {
      const relation = relations.get(productId);
      if (relation === undefined) return undefined;
      const purl = follow(relation.part, 'part', (id) => identifiers.get(id)?.purl);
      if (purl === undefined) return undefined;
      const { whole } = relation;
      if (!platforms.has(whole)) platforms.set(whole, platformOf(whole));
      const platform = platforms.get(whole);
      return platform && { purl, ...platform };
    },
  };

  function follow(start: string, to: keyof Relation, found: (id: string) => string | undefined) {
    let id: string | undefined = start;
    for (let step = 0; step < MAX_STEPS && id !== undefined; step++) {
      const value = found(id);
      if (value) return value;
      id = relations.get(id)?.[to];
    }
    return undefined;
  }

  function platformOf(whole: string): Platform | undefined {
    const cpe = follow(whole, 'whole', (id) => identifiers.get(id)?.cpe);
    if (cpe === undefined) return undefined;
    const module = follow(whole, 'whole', (id) => {
      const purl = identifiers.get(relations.get(id)?.part ?? '')?.purl;
      return purl?.startsWith('pkg:rpmmod/') ? purl : undefined;
    });
    return { cpe, ...(module && { module }) };
  }
}

type Platform = Omit<VexComponent, 'purl'>;

function identifiersOf(tree: Readonly<Record<string, unknown>>): Map<string, Identifiers> {
  const identifiers = new Map<string, Identifiers>();
  const add = (product: unknown): void => {
    const fields = recordOf(product);
    const helper = recordOf(fields.product_identification_helper);
    const [id, purl, cpe] = [textIn(fields, 'product_id'), textIn(helper, 'purl'), textIn(helper, 'cpe')];
    if (id !== '' && (purl !== '' || cpe !== '')) identifiers.set(id, { purl, cpe });
  };
  for (const product of listIn(tree, 'full_product_names')) add(product);
  const open = [...listIn(tree, 'branches')];
  for (let branch = open.pop(); branch !== undefined; branch = open.pop()) {
    const fields = recordOf(branch);
    if (fields.product !== undefined) add(fields.product);
    for (const inner of listIn(fields, 'branches')) open.push(inner);
  }
  return identifiers;
}

function relationsOf(tree: Readonly<Record<string, unknown>>): Map<string, Relation> {
  const relations = new Map<string, Relation>();
  for (const each of listIn(tree, 'relationships')) {
    const fields = recordOf(each);
    const id = textIn(recordOf(fields.full_product_name), 'product_id');
    if (fields.category !== 'default_component_of' || id === '') continue;
    relations.set(id, {
      part: textIn(fields, 'product_reference'),
      whole: textIn(fields, 'relates_to_product_reference'),
    });
  }
  return relations;
}
