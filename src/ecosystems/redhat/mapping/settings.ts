/** How an operator says where a mapping of Red Hat is to be had: by a URL, a file, or both. */
import { AppError } from '../../../errors.ts';
import { parseDuration } from '../../../lib/duration.ts';

/** Where a mapping is. */
export interface MappingSettings {
  /** Read at first. */
  readonly file?: string;
  /** Asked at first and once a day; undefined: the file is all there is. */
  readonly url?: string;
  /** How long one download may take, in ms. */
  readonly timeout: number;
}

/** The keys of a mapping in the configuration of its detector, and where Red Hat publishes it. */
export interface MappingKeys {
  /** What the keys are below, for messages. */
  readonly section: string;
  readonly url: string;
  readonly file: string;
  readonly defaultUrl: string;
}

const DEFAULT_TIMEOUT = 10_000;

/** Checks the unchecked `config` of a detector; other keys are not looked at. Throws `bad-config`. */
export function mappingSettings(config: unknown, keys: MappingKeys): MappingSettings {
  if (config === undefined || config === null) return { url: keys.defaultUrl, timeout: DEFAULT_TIMEOUT };
  if (typeof config !== 'object')
    throw new AppError('bad-config', `${keys.section}: must be a map of settings`);
  const given = config as Readonly<Record<string, unknown>>;
  const file = textOf(given, keys.file, keys.section);
  const url = textOf(given, keys.url, keys.section);
  if (url !== undefined && !/^https?:\/\/[^/]/.test(url)) {
    throw new AppError(
      'bad-config',
      `${keys.section}.${keys.url}: must be a URL of http or https, not ${url}`,
    );
  }
  const asked = url ?? (file === undefined ? keys.defaultUrl : undefined);
  return {
    ...(file !== undefined && { file }),
    ...(asked !== undefined && { url: asked }),
    timeout: timeoutOf(given.timeout, `${keys.section}.timeout`),
  };
}

/** As in Go, an empty text is none. */
function textOf(given: Readonly<Record<string, unknown>>, key: string, section: string): string | undefined {
  const value = given[key] ?? '';
  if (typeof value !== 'string') throw new AppError('bad-config', `${section}.${key}: must be a text`);
  return value === '' ? undefined : value;
}

// differs: a duration may be a text such as 10s too, which switches the detector off in Clair (clair-indexing.md#detector-settings)
function timeoutOf(value: unknown, key: string): number {
  if (value === undefined || value === null || value === 0) return DEFAULT_TIMEOUT;
  // A number is of nanoseconds, as Go's durations are in JSON.
  const ms =
    typeof value === 'string' ? parseDuration(value) : typeof value === 'number' ? value / 1e6 : undefined;
  if (ms === undefined || !(ms > 0) || ms > 86_400_000) {
    throw new AppError(
      'bad-config',
      `${key}: must be a duration of at most a day, e.g. 10s, or a number of nanoseconds`,
    );
  }
  return Math.max(1, Math.ceil(ms));
}
