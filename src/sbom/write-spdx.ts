/** Writes SPDX 2.3 in JSON: what an image has. */
import { createHash } from 'node:crypto';
import type { Ecosystem } from '../contract/ecosystem.ts';
import type { IndexReport } from '../model/index-report.ts';
import {
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
import { uuidOf } from './write-cyclonedx.ts';

export interface SpdxReference {
  readonly referenceCategory: 'SECURITY' | 'PACKAGE-MANAGER' | 'OTHER';
  readonly referenceType: string;
  readonly referenceLocator: string;
  readonly comment?: string;
}

const [DOCUMENT, IMAGE] = ['SPDXRef-DOCUMENT', 'SPDXRef-Image'];
const NOTHING_SAID = {
  downloadLocation: 'NOASSERTION',
  filesAnalyzed: false,
  licenseConcluded: 'NOASSERTION',
  licenseDeclared: 'NOASSERTION',
  copyrightText: 'NOASSERTION',
};

/** The text of the document; `referencesOf(i)` are more references of `report.packages[i]`. */
export function writeSpdx(
  report: IndexReport,
  ecosystems: readonly Ecosystem[],
  subject: SbomSubject,
  referencesOf: (position: number) => readonly SpdxReference[] = () => [],
): string {
  const { distributions, packages } = inventoryOf(report, ecosystems);
  const annotator = `Tool: clairctl-${subject.toolVersion}`;
  const annotationsOf = (properties: InventoryItem['properties']) =>
    properties.map(([name, value]) => ({
      annotationDate: subject.created,
      annotationType: 'OTHER',
      annotator,
      comment: `${name}=${value}`,
    }));
  const idOf = new Map([
    ...distributions.map(({ ref }, index) => [ref, `SPDXRef-OperatingSystem-${index + 1}`] as const),
    ...packages.map(({ ref }, index) => [ref, `SPDXRef-Package-${index + 1}`] as const),
  ]);
  // Within SPDX, environments refer to distributions by the ids of SPDX.
  const renamed = ({ properties }: InventoryItem): InventoryItem['properties'] =>
    properties.map(([name, value]) => {
      if (name !== OWN.environment) return [name, value];
      const environment = JSON.parse(value) as { distribution?: string };
      const distribution = idOf.get(environment.distribution ?? '');
      return [name, JSON.stringify({ ...environment, distribution })];
    });
  const element = (item: InventoryItem, purpose: string, references: readonly SpdxReference[]): object => ({
    SPDXID: idOf.get(item.ref),
    name: item.name,
    ...(item.version !== '' && { versionInfo: item.version }),
    primaryPackagePurpose: purpose,
    ...NOTHING_SAID,
    ...(item.paths.length > 0 && { sourceInfo: `found in ${item.paths.join(', ')}` }),
    ...(references.length > 0 && { externalRefs: references }),
    annotations: annotationsOf(renamed(item)),
  });
  const digest = /^sha256:(.*)$/.exec(report.manifestHash)?.[1];
  const image = {
    SPDXID: IMAGE,
    name: subject.name,
    ...(isImage(subject) && { versionInfo: report.manifestHash }),
    primaryPackagePurpose: isImage(subject) ? 'CONTAINER' : 'FILE',
    ...NOTHING_SAID,
    ...(isImage(subject) && digest && { checksums: [{ algorithm: 'SHA256', checksumValue: digest }] }),
    ...purlReferences(imagePurl(subject, report.manifestHash)),
  };
  const body = {
    packages: [
      image,
      ...distributions.map((item) => element(item, 'OPERATING_SYSTEM', [])),
      ...packages.map((item, position) =>
        element(item, 'LIBRARY', [
          ...(purlReferences(item.purl).externalRefs ?? []),
          ...referencesOf(position),
        ]),
      ),
    ],
    relationships: [
      { spdxElementId: DOCUMENT, relationshipType: 'DESCRIBES', relatedSpdxElement: IMAGE },
      ...[...idOf.values()].map((id) => ({
        spdxElementId: IMAGE,
        relationshipType: 'CONTAINS',
        relatedSpdxElement: id,
      })),
    ],
    annotations: annotationsOf([
      [OWN.manifest, report.manifestHash],
      ...report.repositories.map((repository) => [OWN.repository, JSON.stringify(repository)] as const),
      ...report.problems.map(problemProperty),
      ...ledgerProperties(report),
      ...linkedProperties(report),
      ...subject.properties,
    ]),
  };
  const hex = createHash('sha256')
    .update(JSON.stringify(body).replaceAll(`"annotationDate":"${subject.created}"`, ''))
    .digest('hex');
  const document = {
    spdxVersion: 'SPDX-2.3',
    dataLicense: 'CC0-1.0',
    SPDXID: DOCUMENT,
    name: subject.name,
    documentNamespace: `urn:uuid:${uuidOf(hex)}`,
    creationInfo: { created: subject.created, creators: [annotator] },
    ...body,
  };
  return `${JSON.stringify(document, undefined, 1)}\n`;
}

function purlReferences(purl: string | undefined): { externalRefs?: readonly SpdxReference[] } {
  if (purl === undefined) return {};
  return {
    externalRefs: [{ referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: purl }],
  };
}
