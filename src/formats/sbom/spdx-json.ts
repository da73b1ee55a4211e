/** Reads SPDX 2.2 and 2.3 in JSON. */
import { type JsonObject, listOf, recordOf, textOf } from '../../model/json-object.ts';
import { Components, filesOf, ofEachPurl, type SbomComponent, type SbomDocument } from './document.ts';

/** The document that `json` is. */
export function readSpdx(json: JsonObject, encoding: 'JSON' | 'tag-value' = 'JSON'): SbomDocument {
  const found = new Components();
  const described = describedBy(json);
  const filesIn = filesByPackage(json);
  let subject: SbomComponent | undefined;
  for (const [index, value] of listOf(json.packages).entries()) {
    const component = componentOf(recordOf(value), filesIn);
    if (component.name === '' && component.purl === '') {
      found.problem(`packages[${index}]`, 'has neither name nor purl');
    } else if (
      subject === undefined &&
      described.has(component.ref) &&
      isContainer(recordOf(value), component)
    ) {
      subject = component;
    } else for (const each of ofEachPurl(component, purlsOf(recordOf(value)))) found.add(each);
  }
  return {
    format: `${textOf(json.spdxVersion).replace('-', ' ') || 'SPDX'} (${encoding})`,
    ...(subject && { subject }),
    properties: propertiesOf(json),
    components: found.components,
    problems: found.problems,
  };
}

/** SPDX 2.3 §11.1: by a relationship, or by the older list. */
function describedBy(json: JsonObject): ReadonlySet<string> {
  const relationships = listOf(json.relationships).map(recordOf);
  return new Set([
    ...listOf(json.documentDescribes).map(textOf),
    ...relationships
      .filter((each) => each.relationshipType === 'DESCRIBES')
      .map((each) => textOf(each.relatedSpdxElement)),
  ]);
}

/** SPDX 2.3 §11.1 and §7.27: files that a package contains, by what refers to it. */
function filesByPackage(json: JsonObject): ReadonlyMap<string, readonly string[]> {
  const names = new Map(
    listOf(json.files).map((each) => [textOf(recordOf(each).SPDXID), textOf(recordOf(each).fileName)]),
  );
  if (names.size === 0) return new Map();
  const contained = [
    ...listOf(json.packages).flatMap((each) =>
      listOf(recordOf(each).hasFiles).map((file) => [textOf(recordOf(each).SPDXID), textOf(file)] as const),
    ),
    ...listOf(json.relationships)
      .map(recordOf)
      .filter(({ relationshipType }) => relationshipType === 'CONTAINS')
      .map((each) => [textOf(each.spdxElementId), textOf(each.relatedSpdxElement)] as const),
  ];
  return new Map(
    [...Map.groupBy(contained, ([owner]) => owner)].map(([owner, pairs]) => [
      owner,
      pairs.flatMap(([, file]) => names.get(file) ?? []),
    ]),
  );
}

/** What is described may be the one package of a small document as well. */
function isContainer(value: JsonObject, { purl }: SbomComponent): boolean {
  return (
    ['CONTAINER', 'FILE', 'ARCHIVE'].includes(purposeOf(value)) ||
    purl === '' ||
    /^pkg:(oci|docker)\//.test(purl)
  );
}

function componentOf(value: JsonObject, filesIn: ReadonlyMap<string, readonly string[]>): SbomComponent {
  const [purl = ''] = purlsOf(value);
  const version = textOf(value.versionInfo);
  const purpose = purposeOf(value);
  const ref = textOf(value.SPDXID);
  // Trivy; SPDX 2.2 has no purposes.
  const isSystem = purpose === '' && purl === '' && ref.startsWith('SPDXRef-OperatingSystem');
  return {
    ref,
    role:
      purpose === 'OPERATING-SYSTEM' || isSystem
        ? 'operating-system'
        : purl !== '' || (version !== '' && !OTHER.has(purpose))
          ? 'package'
          : 'other',
    name: textOf(value.name),
    version,
    purl,
    properties: propertiesOf(value),
    ...filesOf(filesIn.get(ref) ?? []),
  };
}

function purlsOf(value: JsonObject): string[] {
  const references = listOf(value.externalRefs).map(recordOf);
  return references
    .filter((each) => isPurl(textOf(each.referenceType)))
    .map((each) => textOf(each.referenceLocator));
}

/** SPDX 2.3 annex F.3: `purl`, or that type as a URI. */
function isPurl(type: string): boolean {
  return /(?:^|[/#])purl$/i.test(type);
}

const OTHER: ReadonlySet<string> = new Set(['CONTAINER', 'FILE', 'SOURCE', 'ARCHIVE', 'DEVICE']);

function purposeOf(value: JsonObject): string {
  return textOf(value.primaryPackagePurpose).replaceAll('_', '-');
}

/**
 * SPDX has no properties. Ours are annotations, `clair:name=value`; Trivy's are attribution texts, `Name: value`;
 * Syft and Trivy say in `sourceInfo` what a package was built from.
 */
function propertiesOf(value: JsonObject): [string, string][] {
  const annotations = listOf(value.annotations).flatMap((each): [string, string][] => {
    const [, name, content = ''] = /^(clair:[^=]+)=(.*)$/s.exec(textOf(recordOf(each).comment)) ?? [];
    return name === undefined ? [] : [[name, content]];
  });
  const attributions = listOf(value.attributionTexts).flatMap((each): [string, string][] => {
    const [, name, content = ''] = /^(\w+): (.+)$/s.exec(textOf(each)) ?? [];
    return name === undefined ? [] : [[`aquasecurity:trivy:${name}`, content]];
  });
  const [, name, version = ''] = /^built package from: (\S+) (\S+)$/.exec(textOf(value.sourceInfo)) ?? [];
  const built: [string, string][] = name === undefined ? [] : [['source', `${name}@${version}`]];
  return [...annotations, ...attributions, ...built];
}
