/** For tests: VEX documents made from what they say. */
import type { ProductStatus } from './csaf.ts';

export interface VexFixture {
  readonly id: string;
  /** Product id -> CPE. */
  readonly platforms?: Readonly<Record<string, string>>;
  /** Product id -> package URL. */
  readonly purls?: Readonly<Record<string, string>>;
  /** Product id -> of what it is a component: the package, the whole. */
  readonly components?: Readonly<Record<string, readonly [part: string, whole: string]>>;
  readonly status?: Readonly<Partial<Record<ProductStatus, readonly string[]>>>;
  /** Further fields of the vulnerability. */
  readonly more?: Readonly<Record<string, unknown>>;
  readonly deleted?: boolean;
}

/** The JSON of a document. */
export function vexFixture({
  id,
  platforms = {},
  purls = {},
  components = {},
  status = {},
  more,
  deleted,
}: VexFixture): unknown {
  const product = (product_id: string, helper: object) => ({
    category: 'product_version',
    name: product_id,
    product: { name: product_id, product_id, product_identification_helper: helper },
  });
  const branches = [
    ...Object.entries(platforms).map(([name, cpe]) => product(name, { cpe })),
    ...Object.entries(purls).map(([name, purl]) => product(name, { purl })),
  ];
  return {
    document: {
      category: 'csaf_vex',
      references: [{ category: 'self', url: `https://example.com/${id.toLowerCase()}.json` }],
      tracking: { id, status: deleted ? 'deleted' : 'final' },
    },
    product_tree: {
      branches: [{ category: 'vendor', name: 'Vendor', branches }],
      relationships: Object.entries(components).map(([product_id, [part, whole]]) => ({
        category: 'default_component_of',
        full_product_name: { name: product_id, product_id },
        product_reference: part,
        relates_to_product_reference: whole,
      })),
    },
    vulnerabilities: [
      {
        cve: id,
        notes: [{ category: 'description', text: `about ${id}` }],
        product_status: status,
        references: [{ category: 'self', url: `https://example.com/cve/${id}` }],
        release_date: '2030-03-05T00:00:00+00:00',
        ...more,
      },
    ],
  };
}

/** A document about one rpm of one repository. */
export function rpmFixture(
  id: string,
  {
    name = 'lib',
    version = '1-2.el9',
    cpe = 'cpe:/o:redhat:enterprise_linux:9::baseos',
    status = 'fixed' as ProductStatus,
  } = {},
): unknown {
  return vexFixture({
    id,
    platforms: { platform: cpe },
    purls: { [name]: `pkg:rpm/redhat/${name}${status === 'fixed' ? `@${version}?arch=x86_64&epoch=1` : ''}` },
    components: { [`platform:${name}`]: [name, 'platform'] },
    status: { [status]: [`platform:${name}`] },
  });
}
