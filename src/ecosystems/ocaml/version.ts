/** Versions of opam (opam manual, "Version ordering"): as Debian orders a part of a version, from whatever they begin with. */
import type { VersionScheme } from '../../contract/version-scheme.ts';
import { comparePart, keyOfPart } from '../../formats/versions/debian-part.ts';

const VERSION = /^[A-Za-z0-9.+~_-]{1,512}$/;

/** The scheme of opam. */
export const opamVersions: VersionScheme<string> = {
  id: 'opam',
  parse: (text) => (VERSION.test(text) ? text : undefined),
  compare: comparePart,
  key: keyOfPart,
};
