/** Reads CycloneDX in XML, by bringing what is of interest into the shape of its JSON. */
import { SaxesParser } from 'saxes';
import { AppError, messageOf } from '../../errors.ts';
import { readCycloneDx } from './cyclonedx-json.ts';
import { MAX_COMPONENTS, type SbomDocument } from './document.ts';

type Node = Record<string, unknown>;

const MAX_DEPTH = 100;
const TEXTS: ReadonlySet<string> = new Set(['group', 'name', 'version', 'purl', 'property']);

/** Throws `bad-target` if `text` is no XML. */
export function readCycloneDxXml(text: string): SbomDocument {
  const bom: Node = {};
  /** Elements that are open; those without a node of their own are of no interest. */
  const open: { name: string; node?: Node; text: string }[] = [];
  let components = 0;
  const parser = new SaxesParser({ xmlns: false });
  const ofInterest = () => open.findLast(({ node }) => node !== undefined)?.node;
  parser.on('opentag', ({ name: qualified, attributes }) => {
    if (open.length >= MAX_DEPTH) throw new Error(`elements are nested more than ${MAX_DEPTH} deep`);
    const name = qualified.replace(/^.*:/, '');
    const parent = open.at(-1);
    const entry: (typeof open)[number] = { name, text: '' };
    if (name === 'bom' && parent === undefined) {
      entry.node = bom;
      bom.serialNumber = attributes.serialNumber;
      bom.version = attributes.version;
      bom.specVersion = /\/bom\/([\d.]+)$/.exec(
        Object.values(attributes).find((v) => /cyclonedx\.org\/schema/.test(v)) ?? '',
      )?.[1];
    } else if (name === 'metadata' && parent?.node === bom) bom.metadata = entry.node = {};
    else if (name === 'component' && (parent?.name === 'components' || parent?.name === 'metadata')) {
      if (++components > MAX_COMPONENTS) throw new Error(`more than ${MAX_COMPONENTS} components`);
      entry.node = { type: attributes.type, 'bom-ref': attributes['bom-ref'] };
      const holder = ofInterest() ?? {};
      if (parent.name === 'metadata') holder.component = entry.node;
      else ((holder.components ??= []) as Node[]).push(entry.node);
    } else if (name === 'property' && parent?.name === 'properties') {
      // Its value is its text.
      const holder = ofInterest() ?? {};
      entry.node = { name: attributes.name };
      ((holder.properties ??= []) as Node[]).push(entry.node);
    }
    open.push(entry);
  });
  const addText = (more: string): void => {
    const top = open.at(-1);
    if (top !== undefined && TEXTS.has(top.name)) top.text += more;
  };
  parser.on('text', addText);
  parser.on('cdata', addText);
  parser.on('closetag', () => {
    const { name, node, text: content } = open.pop()!;
    const parent = open.at(-1);
    if (name === 'property' && node !== undefined) node.value = content.trim();
    else if (TEXTS.has(name) && parent?.name === 'component' && parent.node)
      parent.node[name] = content.trim();
  });
  try {
    parser.write(text).close();
  } catch (error) {
    throw new AppError('bad-target', `the SBOM is no XML that can be read: ${messageOf(error)}`, {
      cause: error,
    });
  }
  return readCycloneDx(bom, 'XML');
}
