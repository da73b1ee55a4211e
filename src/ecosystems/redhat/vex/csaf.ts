/** CSAF 2.0 documents of the profile VEX: which products a vulnerability affects, which it does not, and where it is fixed. */

import { cvssScore } from '../../../formats/cvss.ts';
import { type JsonObject, recordOf } from '../../../model/json-object.ts';
import { listIn, textIn, textsIn } from './csaf-json.ts';
import { type ProductTree, readProductTree } from './csaf-tree.ts';

export interface CsafDocument {
  /** `document.tracking.id`: the CVE. */
  readonly id: string;
  /** Whether the publisher took it back. */
  readonly deleted: boolean;
  /** URL of the document itself; '' if it does not say. */
  readonly self: string;
  readonly products: ProductTree;
  readonly vulnerabilities: readonly CsafVulnerability[];
}

export type ProductStatus = 'fixed' | 'known_affected' | 'known_not_affected';

export interface CsafVulnerability {
  readonly cve: string;
  /** The last of its descriptions. */
  readonly description: string;
  /** RFC 3339 in UTC; undefined if there is none. */
  readonly released: string | undefined;
  readonly references: readonly string[];
  /** Product ids. */
  products(status: ProductStatus): readonly string[];
  /** What is said of one product. */
  about(productId: string): CsafAbout;
}

export interface CsafAbout {
  /** Of the newest version of CVSS; '' if none can be read. */
  readonly vector: string;
  /** CVSS says that there is no impact at all. */
  readonly scoredZero: boolean;
  /** The publisher's word for the impact; undefined: none. */
  readonly impact: string | undefined;
  /** URL of the erratum that fixes it; '' if there is none. */
  readonly fix: string;
}

/** Throws if `json` is no document with an id. */
export function readCsafDocument(json: unknown): CsafDocument {
  const whole = recordOf(json);
  const document = recordOf(whole.document);
  const tracking = recordOf(document.tracking);
  const id = textIn(tracking, 'id').trim();
  if (!ID.test(id)) throw new Error('no CSAF document with a tracking id');
  return {
    id,
    deleted: textIn(tracking, 'status') === 'deleted',
    self: urlsOf(document, 'self')[0] ?? '',
    products: readProductTree(whole.product_tree),
    vulnerabilities: listIn(whole, 'vulnerabilities').map(readVulnerability),
  };
}

// CSAF 2.0 §3.2.1.12.4 wants no more than that it has no line breaks and no blanks around; nobody writes more than this.
const ID = /^[\w:.-]{1,200}$/;

function readVulnerability(json: unknown): CsafVulnerability {
  const fields = recordOf(json);
  const status = recordOf(fields.product_status);
  const about = aboutOf(fields);
  const descriptions = listIn(fields, 'notes')
    .map(recordOf)
    .filter((note) => note.category === 'description');
  return {
    cve: textIn(fields, 'cve'),
    description: textIn(descriptions.at(-1) ?? {}, 'text'),
    released: timeOf(textIn(fields, 'release_date')),
    references: urlsOf(fields),
    products: (name) => textsIn(status, name),
    about,
  };
}

function urlsOf(fields: JsonObject, category?: string): string[] {
  return listIn(fields, 'references')
    .map(recordOf)
    .filter((reference) => category === undefined || reference.category === category)
    .map((reference) => textIn(reference, 'url'))
    .filter((url) => /^\S+$/.test(url));
}

/** RFC 3339 with seconds, in UTC, as Clair writes times. */
function timeOf(text: string): string | undefined {
  const time = new Date(text);
  return Number.isNaN(time.getTime()) ? undefined : time.toISOString().replace('.000Z', 'Z');
}

/** Of several statements about a product the first counts. */
function aboutOf(fields: JsonObject): (productId: string) => CsafAbout {
  const scores = byProduct(listIn(fields, 'scores').map(recordOf), 'products', scoreOf);
  const impacts = byProduct(
    listIn(fields, 'threats')
      .map(recordOf)
      .filter((threat) => threat.category === 'impact'),
    'product_ids',
    (threat) => textIn(threat, 'details'),
  );
  const fixes = byProduct(
    listIn(fields, 'remediations')
      .map(recordOf)
      .filter((remediation) => remediation.category === 'vendor_fix' && textIn(remediation, 'url') !== ''),
    'product_ids',
    (remediation) => textIn(remediation, 'url'),
  );
  return (id) => ({
    ...(scores.get(id) ?? NO_SCORE),
    impact: impacts.get(id),
    fix: fixes.get(id) ?? '',
  });
}

type Score = Pick<CsafAbout, 'vector' | 'scoredZero'>;

const NO_SCORE: Score = { vector: '', scoredZero: false };

/** The newest CVSS that can be read. */
function scoreOf(score: JsonObject): Score {
  const all = ['cvss_v4', 'cvss_v3', 'cvss_v2'].map((version) => recordOf(score[version]));
  const scoredZero = all.some(({ baseScore }) => baseScore === 0);
  const vector = all
    .map((each) => textIn(each, 'vectorString'))
    .find((text) => text !== '' && cvssScore(text) !== undefined);
  return { vector: vector ?? '', scoredZero };
}

function byProduct<T>(
  statements: readonly JsonObject[],
  key: string,
  read: (statement: JsonObject) => T,
): Map<string, T> {
  const map = new Map<string, T>();
  for (const statement of statements) {
    const value = read(statement);
    for (const id of textsIn(statement, key)) if (!map.has(id)) map.set(id, value);
  }
  return map;
}
