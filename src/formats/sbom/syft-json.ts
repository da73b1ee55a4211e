/** Reads Syft's own JSON (`syft -o json`, https://github.com/anchore/syft, schema/json): as its CycloneDX says the same things. */
import { type JsonObject, listOf, recordOf, textOf } from '../../model/json-object.ts';
import { Components, filesOf, type SbomComponent, type SbomDocument } from './document.ts';

/** Whether it is: others have artifacts, too. */
export function isSyft(json: JsonObject): boolean {
  return Array.isArray(json.artifacts) && /syft/.test(textOf(recordOf(json.schema).url));
}

/** The document that `json` is. */
export function readSyft(json: JsonObject): SbomDocument {
  const found = new Components();
  for (const [index, value] of listOf(json.artifacts).entries()) {
    const component = artifactOf(recordOf(value));
    if (component.name === '' && component.purl === '')
      found.problem(`artifacts[${index}]`, 'has neither name nor purl');
    else found.add(component);
  }
  const { id, versionID } = recordOf(json.distro);
  if (textOf(id) !== '') {
    const system = { ref: 'distro', name: textOf(id), version: textOf(versionID) };
    found.add({ ...system, role: 'operating-system', purl: '', properties: [] });
  }
  const source = recordOf(json.source);
  const image = recordOf(source.metadata);
  return {
    format: `Syft ${textOf(recordOf(json.schema).version) || '(no version)'} (JSON)`,
    subject: {
      ref: textOf(source.id),
      role: 'other',
      name: textOf(source.name) || textOf(image.userInput),
      version: textOf(image.manifestDigest) || textOf(source.version),
      purl: '',
      properties: [],
    },
    properties: [],
    components: found.components,
    problems: found.problems,
  };
}

/** Its properties by the names that Syft gives them in CycloneDX. */
function artifactOf(value: JsonObject): SbomComponent {
  const places = listOf(value.locations).map(recordOf);
  const [place] = places;
  const metadata = recordOf(value.metadata);
  const properties = [
    ['syft:location:0:path', textOf(place?.path)],
    ['syft:location:0:layerID', textOf(place?.layerID)],
    ...['source', 'sourceVersion', 'originPackage', 'modularityLabel'].map(
      (name) => [`syft:metadata:${name}`, textOf(metadata[name])] as const,
    ),
  ] as const;
  return {
    ref: textOf(value.id),
    role: 'package',
    name: textOf(value.name),
    version: textOf(value.version),
    purl: textOf(value.purl),
    properties: properties.filter(([, text]) => text !== ''),
    ...filesOf(places.map(({ path }) => textOf(path))),
  };
}
