/** How an operator says whether, where and how long archives are looked up by their SHA-1. */
import { AppError } from '../../errors.ts';
import { parseDuration } from '../../lib/duration.ts';

/** Where names are looked up. */
export interface SearchSettings {
  readonly url: string;
  /** How long one question may take, in ms. */
  readonly timeout: number;
}

/** What the keys are below in the configuration. */
export const SECTION = 'indexer.scanner.package.java';

const DEFAULT: SearchSettings = { url: 'https://central.sonatype.com/solrsearch/select', timeout: 2000 };

/** Checks the unchecked `config` of the detector; undefined: nobody is asked. Throws `bad-config`. */
export function searchSettings(config: unknown): SearchSettings | undefined {
  if (config === undefined || config === null) return DEFAULT;
  if (typeof config !== 'object') throw wrong('', 'must be a map of settings');
  const { disable_api: disabled, api, api_request_timeout: timeout } = config as Record<string, unknown>;
  if (disabled !== undefined && disabled !== null && typeof disabled !== 'boolean')
    throw wrong('.disable_api', 'must be true or false');
  if (disabled === true) return undefined;
  return { url: urlOf(api), timeout: timeoutOf(timeout) };
}

function urlOf(value: unknown): string {
  if (value === undefined || value === null || value === '') return DEFAULT.url;
  if (typeof value !== 'string' || !/^https?:\/\/[^/]/.test(value) || !URL.canParse(value))
    throw wrong('.api', 'must be a URL of http or https');
  return value;
}

// differs: a duration may be a text such as 2s too, which switches the detector off in Clair (clair-indexing.md#detector-settings)
function timeoutOf(value: unknown): number {
  if (value === undefined || value === null || value === 0) return DEFAULT.timeout;
  // A number is of nanoseconds, as Go's durations are in JSON.
  const ms =
    typeof value === 'string' ? parseDuration(value) : typeof value === 'number' ? value / 1e6 : undefined;
  if (ms === undefined || !(ms > 0) || ms > 600_000)
    throw wrong('.api_request_timeout', 'must be a duration of at most ten minutes, e.g. 2s');
  return Math.max(1, Math.ceil(ms));
}

function wrong(key: string, what: string): AppError {
  return new AppError('bad-config', `${SECTION}${key}: ${what}`);
}
