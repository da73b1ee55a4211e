/** Formats by the names that other scanners have for them. */
import { FORMAT_NAMES, type FormatName, isFormat } from '../formats/load-format.ts';
import type { ForeignWord } from './word.ts';

export const FORMATS: readonly ForeignWord[] = [
  { words: ['cyclonedx-json'], of: 'Grype, Syft', does: { ours: 'cyclonedx' } },
  { words: ['spdx-json'], of: 'Trivy, Syft', does: { ours: 'spdx' } },
  {
    words: ['cosign-vuln'],
    of: 'Trivy',
    does: { refused: 'use --format json=FILE, then cosign attest --predicate FILE' },
  },
  {
    words: ['cyclonedx-xml'],
    of: 'Grype, Syft',
    does: { refused: 'CycloneDX is written as JSON: use --format cyclonedx' },
  },
  {
    words: ['spdx-tag-value', 'spdx-tv'],
    of: 'Syft',
    does: { refused: 'SPDX is written as JSON: use --format spdx' },
  },
  {
    words: ['syft-json'],
    of: 'Syft',
    does: { refused: 'packages are in --format cyclonedx, spdx and json' },
  },
  { words: ['purls'], of: 'Syft', does: { refused: 'package URLs are in --format cyclonedx and json' } },
];

/** What we call the format `name`, whoever's word it is; undefined: it is none. Throws nothing. */
export function formatNamed(
  name: string,
): { readonly format: FormatName } | { readonly refused: string } | undefined {
  const key = name.trim().toLowerCase();
  if (isFormat(key)) return { format: key };
  const found = FORMATS.find(({ words }) => words.includes(key));
  if (found === undefined) return undefined;
  if ('ours' in found.does && isFormat(found.does.ours)) return { format: found.does.ours };
  return 'refused' in found.does ? found.does : undefined;
}

/** Every name of a format that is known, ours first. */
export const KNOWN_FORMATS: readonly string[] = [...FORMAT_NAMES, ...FORMATS.flatMap(({ words }) => words)];

/** Whether `text` names a format, with or without a file: `json`, `json=x.json`, `table,sarif=x.sarif`. */
export function namesFormat(text: string): boolean {
  return text.split(',').some((part) => formatNamed(part.split('=')[0]!) !== undefined);
}
