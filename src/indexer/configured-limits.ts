/** `indexer.layer_limits` of the configuration, as the scanner takes them. */
import type { LayerLimits } from '../image/layer/layer-limits.ts';

/** Keys of the configuration, and what they limit. */
export const LIMIT_KEYS = {
  compressed_size: 'compressedBytes',
  unpacked_size: 'uncompressedBytes',
  ratio: 'ratio',
  entries: 'entries',
  file_size: 'fileBytes',
  files: 'files',
  read_size: 'readBytes',
  findings: 'detections',
  inspected_file_size: 'inspectBytes',
  kept_size: 'spillBytes',
  time: 'time',
} as const satisfies Record<string, keyof LayerLimits>;

type Key = keyof typeof LIMIT_KEYS;

/** What differs from the defaults. */
export function configuredLimits(
  given: Readonly<Partial<Record<Key, number | undefined>>> | null | undefined,
): Partial<LayerLimits> {
  return Object.fromEntries(
    Object.entries(given ?? {}).flatMap(([key, value]) =>
      value === undefined ? [] : [[LIMIT_KEYS[key as Key], value]],
    ),
  );
}
