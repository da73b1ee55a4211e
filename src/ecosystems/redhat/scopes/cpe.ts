/** Names of platforms: CPE 2.2 URIs and CPE 2.3 formatted strings, and which of them contain one another. */

/** The attributes of a name, in the order of the formatted string. */
export const CPE_ATTRIBUTES = [
  'part',
  'vendor',
  'product',
  'version',
  'update',
  'edition',
  'language',
  'swEdition',
  'targetSw',
  'targetHw',
  'other',
] as const;

/**
 * A well-formed name (NISTIR 7695 §5). Each attribute as the formatted string has it: `*` is ANY, `-` is NA, punctuation
 * but `.`, `-` and `_` is quoted by `\`, and an unquoted `*` or run of `?` may stand at either end.
 */
export type Cpe = { readonly [attribute in (typeof CPE_ATTRIBUTES)[number]]: string };

const ANY = '*';
const NA = '-';

/** No real name has a tenth of that. */
const MAX_LENGTH = 4096;

// NISTIR 7695 §5.3.2: special characters stand at the ends only, other punctuation is quoted.
const VALUE = /^(?:\*|\?*)(?:[\w.-]|\\[!-/:-@[-`{-~])*(?:\*|\?*)$/;

/** The name that `text` is, in either form; undefined if it is none. Missing parts are ANY. */
export function parseCpe(text: string): Cpe | undefined {
  if (text.length > MAX_LENGTH) return undefined;
  const values = /^cpe:2\.3:/i.test(text)
    ? valuesOfFormattedString(text.slice(8))
    : /^cpe:\//i.test(text)
      ? valuesOfUri(text.slice(5).toLowerCase())
      : undefined;
  if (values === undefined || !/^[aoh]$/i.test(values[0] ?? '')) return undefined;
  return Object.fromEntries(CPE_ATTRIBUTES.map((name, index) => [name, values[index] ?? ANY])) as Cpe;
}

/** The formatted string of CPE 2.3. */
export function formatCpe(cpe: Cpe): string {
  return ['cpe:2.3', ...CPE_ATTRIBUTES.map((name) => cpe[name])].join(':');
}

/** Whether everything that `target` names is of `advisory` too: they are equal, or it is a superset (NISTIR 7696 §6). */
export function covers(advisory: Cpe, target: Cpe): boolean {
  return CPE_ATTRIBUTES.every((name) => valueCovers(advisory[name], target[name]));
}

/**
 * As `covers`, but the last attribute that `advisory` tells may be a dotted prefix of the target's, as Red Hat means it:
 * `openshift:4` is of `openshift:4.13::el8`, not of `openshift:40`.
 */
// differs: compares whole numbers of a version, not the beginning of a text (clair-matching.md#cpe-relations)
export function coversByPrefix(advisory: Cpe, target: Cpe): boolean {
  const last = CPE_ATTRIBUTES.findLast((name) => advisory[name] !== ANY);
  return CPE_ATTRIBUTES.every((name) => {
    const [ours, theirs] = [advisory[name], target[name]];
    if (valueCovers(ours, theirs)) return true;
    return name === last && theirs.toLowerCase().startsWith(`${ours.toLowerCase()}.`);
  });
}

function valuesOfFormattedString(text: string): string[] | undefined {
  // A colon that is quoted is no separator.
  const values = text.match(/(?:\\.|[^:\\])+/g) ?? [];
  const isWhole = values.join(':') === text && values.length === CPE_ATTRIBUTES.length;
  if (!isWhole || !values.every((value) => VALUE.test(value))) return undefined;
  return values.map(unquoted);
}

/** Without the quotes that mean nothing; a lone hyphen keeps its quote, as it would be NA without. */
function unquoted(value: string): string {
  if (value === '\\-') return value;
  return value.replace(/\\(.)/g, (pair, quoted: string) => (/[._-]/.test(quoted) ? quoted : pair));
}

// NISTIR 7695 §6.1.3: seven parts; the sixth may hold five attributes, packed with `~`.
function valuesOfUri(text: string): string[] | undefined {
  const parts = text.split(':');
  if (parts.length > 7) return undefined;
  const [part = '', vendor = '', product = '', version = '', update = '', edition = '', language = ''] =
    parts;
  const packed = edition.startsWith('~') ? edition.slice(1).split('~') : [edition, '', '', '', ''];
  if (packed.length !== 5) return undefined;
  const [own = '', ...extended] = packed;
  const values = [part, vendor, product, version, update, own, language, ...extended].map(valueOfUri);
  return values.every((value) => value !== undefined) ? values : undefined;
}

/** The value of one part of a URI, in the notation of the formatted string; undefined if it cannot be one. */
function valueOfUri(text: string): string | undefined {
  if (text === '') return ANY;
  if (text === NA) return NA;
  if (!/^(?:[\w.~-]|%[0-9a-f]{2})+$/.test(text)) return undefined;
  const value = text.replace(/~|%(..)/g, (written: string, hex?: string) => {
    // NISTIR 7695 §6.1.2.1: %01 and %02 are the special characters, other codes are of quoted punctuation.
    if (hex === '01') return '?';
    if (hex === '02') return '*';
    return `\\${hex === undefined ? written : String.fromCharCode(Number.parseInt(hex, 16))}`;
  });
  return VALUE.test(value) && value !== ANY ? unquoted(value) : undefined;
}

function valueCovers(advisory: string, target: string): boolean {
  if (advisory === ANY) return true;
  const [source, other] = [advisory.toLowerCase(), target.toLowerCase()];
  if (source === other) return true;
  if (source === NA || other === ANY || other === NA || hasSpecial(other)) return false;
  return hasSpecial(source) && globCovers(source, other);
}

function hasSpecial(value: string): boolean {
  return /^[*?]|(?<!\\)(?:\\\\)*[*?]$/.test(value);
}

/** Whether a value with special characters at its ends is of `target`: `*` stands for anything, `?` for one character or none. */
function globCovers(pattern: string, target: string): boolean {
  const [, before = '', body = '', after = ''] = /^(\*|\?*)((?:\\.|[^\\*?])*)(\*|\?*)$/.exec(pattern) ?? [];
  const [wanted, there] = [charactersOf(body), charactersOf(target)];
  const [maxBefore, maxAfter] = [roomOf(before), roomOf(after)];
  for (let at = 0; at + wanted.length <= there.length && at <= maxBefore; at += 1) {
    const fits = there.length - at - wanted.length <= maxAfter;
    if (fits && wanted.every((character, index) => character === there[at + index])) return true;
  }
  return false;
}

function charactersOf(value: string): string[] {
  return value.match(/\\.|./g) ?? [];
}

function roomOf(special: string): number {
  return special === '*' ? Number.POSITIVE_INFINITY : special.length;
}
