/** Reads CycloneDX in JSON: what 1.2 to 1.7 share. */
import { type JsonObject, listOf, recordOf, textOf } from '../../model/json-object.ts';
import { Components, filesOf, type SbomComponent, type SbomDocument } from './document.ts';

const MAX_DEPTH = 32;

/** Types of components that are packages by themselves; a `file` or a `device` is one if it has a package URL. */
const PACKAGES: ReadonlySet<string> = new Set([
  'library',
  'framework',
  'application',
  'platform',
  'firmware',
  'device-driver',
]);

/** The document that `json` is. */
export function readCycloneDx(json: JsonObject, encoding: 'JSON' | 'XML' = 'JSON'): SbomDocument {
  const found = new Components();
  const metadata = recordOf(json.metadata);
  const subject = metadata.component === undefined ? undefined : componentOf(recordOf(metadata.component));
  const visit = (list: unknown, where: string, depth: number): void => {
    if (list !== undefined && !Array.isArray(list)) found.problem(where, 'is no list');
    for (const [index, value] of listOf(list).entries()) {
      const place = `${where}[${index}]`;
      const component = componentOf(recordOf(value));
      if (component.name === '' && component.purl === '') found.problem(place, 'has neither name nor purl');
      else found.add(component);
      const nested = recordOf(value).components;
      if (nested === undefined) continue;
      if (depth < MAX_DEPTH) visit(nested, `${place}.components`, depth + 1);
      else found.problem(place, `components are nested more than ${MAX_DEPTH} deep`);
    }
  };
  visit(json.components, 'components', 1);
  visit(recordOf(metadata.component).components, 'metadata.component.components', 1);
  // CycloneDX 1.3, `compositions`: `incomplete`, `incomplete_third_party_only`, … Ours say in properties what is missing.
  const isOwn = propertiesOf(metadata.properties).some(([name]) => name.startsWith('clair:'));
  for (const [index, value] of listOf(json.compositions).entries())
    if (!isOwn && textOf(recordOf(value).aggregate).startsWith('incomplete'))
      found.problem(`compositions[${index}]`, 'the document says that it does not list everything');
  return {
    format: `CycloneDX ${textOf(json.specVersion) || '(no version)'} (${encoding})`,
    ...(textOf(json.serialNumber) !== '' && {
      serial: textOf(json.serialNumber),
      version: String(json.version ?? 1),
    }),
    ...(subject && { subject }),
    properties: propertiesOf(metadata.properties),
    components: found.components,
    problems: found.problems,
  };
}

function componentOf(value: JsonObject): SbomComponent {
  const [type, group, name] = [textOf(value.type), textOf(value.group), textOf(value.name)];
  const purl = textOf(value.purl);
  const version = textOf(value.version);
  return {
    ref: textOf(value['bom-ref']),
    role: roleOf(type, purl, version),
    name: group === '' ? name : `${group}/${name}`,
    version,
    purl,
    properties: propertiesOf(value.properties),
    ...filesOf(listOf(recordOf(value.evidence).occurrences).map((each) => textOf(recordOf(each).location))),
  };
}

function roleOf(type: string, purl: string, version: string): SbomComponent['role'] {
  if (type === 'operating-system') return 'operating-system';
  // Scanners list lock files and programs as applications: those without a version are places and no packages.
  return purl !== '' || (PACKAGES.has(type) && version !== '') ? 'package' : 'other';
}

function propertiesOf(value: unknown): SbomComponent['properties'] {
  return listOf(value).map((item) => [textOf(recordOf(item).name), textOf(recordOf(item).value)] as const);
}
