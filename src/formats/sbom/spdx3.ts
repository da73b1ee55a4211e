/** Reads SPDX 3.0 in JSON-LD: its packages. */
import { type JsonObject, listOf, recordOf, textOf } from '../../model/json-object.ts';
import { Components, ofEachPurl, type SbomComponent, type SbomDocument } from './document.ts';

/** The document that `json` is. */
export function readSpdx3(json: JsonObject): SbomDocument {
  const found = new Components();
  let version = '';
  for (const [index, value] of listOf(json['@graph']).entries()) {
    const element = recordOf(value);
    const type = textOf(element.type ?? element['@type']);
    if (type === 'CreationInfo') version ||= textOf(element.specVersion);
    if (!/^software_?Package$/i.test(type.replace(/^.*[/:]/, ''))) continue;
    const component = componentOf(element);
    if (component.name === '' && component.purl === '')
      found.problem(`@graph[${index}]`, 'has neither name nor purl');
    else for (const each of ofEachPurl(component, purlsOf(element))) found.add(each);
  }
  return {
    format: `SPDX ${version || '3.0'} (JSON-LD)`,
    properties: [],
    components: found.components,
    problems: found.problems,
  };
}

function componentOf(element: JsonObject): SbomComponent {
  const [purl = ''] = purlsOf(element);
  const purpose = textOf(element.software_primaryPurpose);
  const version = textOf(element.software_packageVersion);
  const isPackage = purl !== '' || (version !== '' && !['container', 'file', 'source'].includes(purpose));
  return {
    ref: textOf(element.spdxId) || textOf(element['@id']),
    role: purpose === 'operatingSystem' ? 'operating-system' : isPackage ? 'package' : 'other',
    name: textOf(element.name),
    version,
    purl,
    properties: [],
  };
}

/** Its own, and those among its identifiers. */
function purlsOf(element: JsonObject): string[] {
  const identifiers = listOf(element.externalIdentifier).map(recordOf);
  const identified = identifiers
    .filter((each) => /packageUrl$/i.test(textOf(each.externalIdentifierType)))
    .map((each) => textOf(each.identifier));
  return [textOf(element.software_packageUrl), ...identified].filter((purl) => purl !== '');
}
