/** Made VEX documents of Red Hat: the archive of all, and the lists of what changed. */
import { zstdCompressSync } from 'node:zlib';
import { tarOf } from '../src/formats/archives/tar.fixture.ts';
import {
  cve,
  type Day,
  type Files,
  packageName,
  pick,
  random,
  revision,
  text,
} from './feeds-generator-random.ts';

const FOLDER = 'security.access.redhat.com/data/csaf/v2/vex';
const ARCHIVED = '2026-01-01';
const BEFORE = '2025-12-01T00:00:00+00:00';
const PRODUCTS: readonly [id: string, cpe: string, dist: string][] = [
  ['BaseOS-8.10.0.Z', 'cpe:/o:redhat:enterprise_linux:8::baseos', 'el8_10'],
  ['AppStream-8.10.0.Z', 'cpe:/a:redhat:enterprise_linux:8::appstream', 'el8_10'],
  ['BaseOS-9.6.0.Z', 'cpe:/o:redhat:enterprise_linux:9::baseos', 'el9_6'],
  ['AppStream-9.6.0.Z', 'cpe:/a:redhat:enterprise_linux:9::appstream', 'el9_6'],
];
const ARCHES = ['x86_64', 'aarch64', 's390x', 'ppc64le', 'src'];
const PARTS = 8;

/** `count` documents; the next day a list of those that changed, with them beside it. */
export function redHatArchive(count: number, day: Day): Files {
  const files: Record<string, string | Buffer> = {};
  const numbers = Array.from({ length: count }, (_, n) => n);
  const first = numbers.map((n): [string, string] => [pathOf(n), document(n, 0)]);
  const listed = first.map(([path]) => `"${path}","${BEFORE}"\n`).join('');
  if (day === 1) {
    const archive = `csaf_vex_${ARCHIVED}.tar.zst`;
    files[`${FOLDER}/archive_latest.txt`] = `${archive}\n`;
    files[`${FOLDER}/${archive}`] = zstdCompressSync(tarOf(first));
    files[`${FOLDER}/changes.csv`] = listed;
    files[`${FOLDER}/deletions.csv`] = `"2021/cve-2021-70012.json","${BEFORE}"\n`;
    return files;
  }
  const changed = numbers.filter((n) => revision(day, 'vex', n) === 1);
  for (const n of changed) files[`${FOLDER}/${pathOf(n)}`] = document(n, 1);
  files[`${FOLDER}/changes.csv`] = `${changed.map((n) => `"${pathOf(n)}","@NOW@"\n`).join('')}${listed}`;
  files[`${FOLDER}/deletions.csv`] = `"${pathOf(numbers.find((n) => !changed.includes(n)) ?? 0)}","@NOW@"\n`;
  return files;
}

function pathOf(n: number): string {
  return `${cve(n).slice(4, 8)}/${cve(n).toLowerCase()}.json`;
}

function document(n: number, rev: number): string {
  const products: object[] = [];
  const relationships: object[] = [];
  const fixed: string[] = [];
  const affected: string[] = [];
  const source = packageName('rpm', 2000, n);
  for (const [id, cpe, dist] of PRODUCTS) {
    products.push(branch('product_name', id, { cpe }));
    const isFixed = random('fixed', id, n) < 0.6;
    for (let part = 0; part < PARTS; part++) {
      const name = part === 0 ? source : `${source}-part${part}`;
      if (!isFixed) {
        products.push(branch('product_version', name, { purl: `pkg:rpm/redhat/${name}?arch=src` }));
        affected.push(relate(relationships, id, name));
        continue;
      }
      for (const arch of ARCHES) {
        const version = `${n % 9}.${n % 31}.${rev}-${part}.${dist}`;
        const nevra = `${name}-0:${version}.${arch}`;
        products.push(
          branch('product_version', nevra, { purl: `pkg:rpm/redhat/${name}@${version}?arch=${arch}` }),
        );
        fixed.push(relate(relationships, id, nevra));
      }
    }
  }
  const severity = pick(['Low', 'Moderate', 'Important', 'Critical'], 'severity', n);
  return JSON.stringify({
    document: {
      category: 'csaf_vex',
      csaf_version: '2.0',
      aggregate_severity: { text: severity },
      references: [{ category: 'self', summary: 'Canonical URL', url: `https://${FOLDER}/${pathOf(n)}` }],
      title: text(60, n),
      tracking: {
        id: cve(n),
        current_release_date: BEFORE,
        initial_release_date: BEFORE,
        status: 'final',
        version: String(1 + rev),
      },
    },
    product_tree: { branches: [{ category: 'vendor', name: 'Red Hat', branches: products }], relationships },
    vulnerabilities: [
      {
        cve: cve(n),
        notes: [{ category: 'description', text: text(300, n), title: 'Vulnerability description' }],
        release_date: BEFORE,
        product_status: {
          ...(fixed.length > 0 && { fixed }),
          ...(affected.length > 0 && { known_affected: affected }),
        },
        remediations: [
          ...(fixed.length > 0
            ? [
                {
                  category: 'vendor_fix',
                  details: 'Update.',
                  product_ids: fixed,
                  url: `https://access.redhat.com/errata/RHSA-2025:${1000 + n}`,
                },
              ]
            : []),
          ...(affected.length > 0
            ? [{ category: 'none_available', details: 'Affected', product_ids: affected }]
            : []),
        ],
        threats: [{ category: 'impact', details: severity, product_ids: [...fixed, ...affected] }],
      },
    ],
  });
}

function branch(category: string, id: string, helper: object): object {
  return { category, name: id, product: { name: id, product_id: id, product_identification_helper: helper } };
}

function relate(relationships: object[], product: string, component: string): string {
  const id = `${product}:${component}`;
  relationships.push({
    category: 'default_component_of',
    full_product_name: { name: `${component} as a component of ${product}`, product_id: id },
    product_reference: component,
    relates_to_product_reference: product,
  });
  return id;
}
