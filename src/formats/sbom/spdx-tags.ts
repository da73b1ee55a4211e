/** Reads SPDX 2 as tags and values, by bringing what is of interest into the shape of its JSON. */
import { SBOM, type SbomDocument } from './document.ts';
import { readSpdx } from './spdx-json.ts';

type Node = Record<string, unknown>;

const FIELDS: Readonly<Record<string, string>> = {
  SPDXID: 'SPDXID',
  PackageVersion: 'versionInfo',
  PrimaryPackagePurpose: 'primaryPackagePurpose',
  PackageSourceInfo: 'sourceInfo',
};

/** A package has lists of these. */
const EMPTY = (): Node => ({ externalRefs: [], attributionTexts: [], annotations: [], hasFiles: [] });

/** The document that `text` is; lines without a tag are skipped. */
export function readSpdxTags(text: string): SbomDocument {
  const document: Node = {};
  const packages: Node[] = [];
  const relationships: Node[] = [];
  const files: Node[] = [];
  let current: Node = document;
  const unclosed: string[] = [];
  for (const [tag, value] of tagsOf(text, unclosed)) {
    if (tag === 'SPDXVersion') document.spdxVersion = value;
    else if (tag === 'PackageName') packages.push((current = { ...EMPTY(), name: value }));
    else if (tag === 'FileName') {
      // What stands behind a package is in it (SPDX 2.3 §8).
      push(packages.at(-1)?.hasFiles, `${files.length}`);
      files.push({ SPDXID: `${files.length}`, fileName: value });
      current = {};
    } else if (/^(File|Snippet)\w*Name$|^SnippetSPDXID$|^LicenseID$/.test(tag)) current = {};
    else if (tag === 'ExternalRef') {
      const [, referenceType, referenceLocator] = /^\S+ (\S+) (.+)$/.exec(value) ?? [];
      push(current.externalRefs, { referenceType, referenceLocator });
    } else if (tag === 'PackageAttributionText') push(current.attributionTexts, value);
    else if (tag === 'AnnotationComment') push(current.annotations, { comment: value });
    else if (tag === 'Relationship') {
      const [, relationshipType, relatedSpdxElement] = /^\S+ (\S+) (\S+)$/.exec(value) ?? [];
      relationships.push({ relationshipType, relatedSpdxElement });
    } else if (Object.hasOwn(FIELDS, tag)) current[FIELDS[tag]!] = value;
  }
  const read = readSpdx({ ...document, packages, relationships, files }, 'tag-value');
  const problems = unclosed.map((where) => ({
    source: SBOM,
    where,
    reason: 'the text does not end: nothing after it is read',
  }));
  return { ...read, problems: [...read.problems, ...problems] };
}

function push(list: unknown, value: unknown): void {
  if (Array.isArray(list)) list.push(value);
}

/** `Tag: value`, where a value may be `<text>…</text>` over several lines (SPDX 2.3 §6); the tag of one that does not end is put into `unclosed`. */
function* tagsOf(text: string, unclosed: string[]): Generator<[tag: string, value: string]> {
  const pattern = /^([A-Za-z]+):[ \t]*(?:<text>|(.*)$)/gm;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    const [, tag = '', value] = match;
    if (value !== undefined) yield [tag, value.trim()];
    else {
      const end = text.indexOf('</text>', pattern.lastIndex);
      if (end === -1) {
        unclosed.push(tag);
        return;
      }
      yield [tag, text.slice(pattern.lastIndex, end)];
      pattern.lastIndex = end;
    }
  }
}
