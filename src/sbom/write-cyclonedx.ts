/** Writes CycloneDX 1.6 in JSON: what an image has. */
import { createHash } from 'node:crypto';
import type { Ecosystem } from '../contract/ecosystem.ts';
import type { IndexReport } from '../model/index-report.ts';
import type { Environment } from '../model/package.ts';
import {
  type Inventory,
  type InventoryItem,
  imagePurl,
  inventoryOf,
  isImage,
  problemProperty,
  type SbomSubject,
} from './inventory.ts';
import { ledgerProperties } from './ledger-properties.ts';
import { linkedProperties } from './linked-properties.ts';
import { OWN } from './own-properties.ts';

/** A document without what identifies it: vulnerabilities may be added before it is sealed. */
export interface CycloneDx {
  readonly metadata: object;
  readonly components: readonly object[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
  readonly compositions: readonly object[];
  readonly vulnerabilities?: readonly object[];
}

const ROOT = 'image';

/** The components of `report`; `refs[i]` refers to `report.packages[i]`. */
export function cycloneDxOf(
  report: IndexReport,
  ecosystems: readonly Ecosystem[],
  subject: SbomSubject,
): { document: CycloneDx; refs: readonly string[] } {
  const inventory = inventoryOf(report, ecosystems);
  const purl = imagePurl(subject, report.manifestHash);
  const properties = [
    [OWN.manifest, report.manifestHash] as const,
    ...report.repositories.map((repository) => [OWN.repository, JSON.stringify(repository)] as const),
    ...report.problems.map(problemProperty),
    ...ledgerProperties(report),
    ...linkedProperties(report),
    ...subject.properties,
  ];
  return {
    refs: inventory.packages.map(({ ref }) => ref),
    document: {
      metadata: {
        timestamp: subject.created,
        tools: { components: [{ type: 'application', name: 'clairctl', version: subject.toolVersion }] },
        component: {
          type: isImage(subject) ? 'container' : 'file',
          'bom-ref': ROOT,
          name: subject.name,
          ...(isImage(subject) && { version: report.manifestHash }),
          ...(purl !== undefined && { purl }),
        },
        properties: properties.map(([name, value]) => ({ name, value })),
      },
      components: [
        ...inventory.distributions.map((item) => component('operating-system', item)),
        ...inventory.packages.map((item) => component('library', item)),
      ],
      dependencies: dependenciesOf(report, inventory),
      // What could not be read may have held more.
      compositions: [
        { aggregate: report.problems.length > 0 ? 'incomplete' : 'unknown', assemblies: [ROOT] },
      ],
    },
  };
}

/** The text of the document. The serial number depends on all of it but the time. */
export function sealCycloneDx({ metadata, ...rest }: CycloneDx): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([{ ...metadata, timestamp: '' }, rest]))
    .digest('hex');
  const document = {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:${uuidOf(digest)}`,
    version: 1,
    metadata,
    ...rest,
  };
  return `${JSON.stringify(document, undefined, 1)}\n`;
}

/** RFC 9562 §5.8: an UUID of one's own making. */
export function uuidOf(hex: string): string {
  const variant = ((Number.parseInt(hex[16]!, 16) & 0x3) | 0x8).toString(16);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}

function component(type: string, { ref, name, version, purl, properties, paths }: InventoryItem): object {
  return {
    type,
    'bom-ref': ref,
    name,
    version,
    ...(purl !== undefined && { purl }),
    ...(paths.length > 0 && { evidence: { occurrences: paths.map((location) => ({ location })) } }),
    properties: properties.map(([key, value]) => ({ name: key, value })),
  };
}

/** The image has its distributions and what is of none; a distribution has its packages. What packages need is not known. */
function dependenciesOf(
  report: IndexReport,
  { distributions, packages }: Inventory,
): CycloneDx['dependencies'] {
  const isOf = (environment: Environment, content: string) =>
    JSON.stringify(environment.distribution) === content;
  const owned = distributions.map(({ ref, distribution }) => {
    const content = JSON.stringify(distribution);
    const dependsOn = packages
      .filter((_, index) => report.packages[index]!.environments.some((each) => isOf(each, content)))
      .map((item) => item.ref);
    return { ref, dependsOn };
  });
  const inDistribution = new Set(owned.flatMap(({ dependsOn }) => dependsOn));
  const direct = [...distributions, ...packages]
    .map(({ ref }) => ref)
    .filter((ref) => !inDistribution.has(ref));
  return [{ ref: ROOT, dependsOn: direct }, ...owned];
}
