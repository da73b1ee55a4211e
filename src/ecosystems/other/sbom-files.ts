/** Which files of a layer are SBOMs, by their paths. */

/** By their names, or by the folders that are made for them: PEP 770, `/usr/share/sbom`, apk, Docker's hardened images. */
const SBOMS =
  /(?:^|\/)(?:[^/]+\.(?:spdx3?|cdx|cyclonedx|syft)(?:\.\w+)*|s?bom\.(?:json|xml)|[^/]*\bsbom(?:\.(?:json|xml|jsonl?d?|gz|zst|xz))*|[^/]+\.dist-info\/sboms\/.+|(?:share|db|docker)\/sboms?\/.+|sboms?\/[^/]+\.(?:json|xml))$/i;

/** Others have names like these as well: one that does not say what it is, is none. */
const MAYBE = /(?:^|\/)[^/]*s?bom[^/]*\.(?:json|xml)$/i;

/** How a package was built, or an input of tests, is not what is installed. */
const WITHIN =
  /(?:^|\/)(?:node_modules|gems|specifications|vendor|tests?|__tests__|fixtures|testdata|examples?|docs?|\.git)\/|(?:^|\/)(?:site|dist)-packages\/(?!(?:.*\/)?[^/]+\.dist-info\/sboms\/)|(?:^|\/)(?:pkg\/mod|registry\/src|\.cargo|\.m2|\.npm|\.cache)\//;

/** Components of Bitnami's images, which have a detector of their own; libraries in them are for any reader. */
const BITNAMI = /(?:^|\/)opt\/bitnami\/(?:.*\/)?\.spdx-[^/]+\.spdx$/;

/** Whether somebody else tells of packages of a type that the SBOM at `path` has. */
export function isToldElsewhere(path: string, type: string): boolean {
  return type === 'bitnami' && BITNAMI.test(path);
}

/** Quick, as it is asked of every file. */
const HINT = /bom|spdx|cdx|cyclonedx|\.syft/i;

/** Whether the file at `path` is to be read as an SBOM. */
export function isSbomFile(path: string): boolean {
  return HINT.test(path) && (SBOMS.test(path) || MAYBE.test(path)) && !WITHIN.test(path);
}

/** Whether one that cannot be read is told: it says by its name or by its text that it is an SBOM. */
export function claimsToBeSbom(path: string, text: string): boolean {
  return (SBOMS.test(path) && !/(?:^|\/)bom\.\w+$/i.test(path)) || /cyclonedx|spdx|in-toto/i.test(text);
}
