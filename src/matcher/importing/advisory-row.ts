/** An advisory as a row of COPY: its keys, its digest, and the part of a report that its text will be. */
import { hash } from 'node:crypto';
import type { VersionScheme } from '../../contract/version-scheme.ts';
import { encodeCopyRow } from '../../db/database.ts';
import { keyRangeOf, versionKeys } from '../../ecosystems/version-keys.ts';
import type { Advisory, VulnerabilityText } from '../../model/advisory.ts';
import { rankOf } from '../../model/severity.ts';
import { cvesIn } from '../../model/vulnerability-names.ts';
import { writeVulnerableCode } from '../../model/vulnerable-code.ts';

/** Raised when the same record makes another row: every feed is then loaded anew, changed or not. */
export const ROW_REVISION = 5;

/** Longer ones are nobody's package: a B-tree entry has to fit a third of a page. */
const NAME_LIMIT = 1024;
/** A text is cut there: it is copied into every report that it is part of. */
const TEXT_LIMIT = 256 * 1024;
/** Go's zero time, which is what Clair shows when a feed gives no date. */
const NO_DATE = '0001-01-01T00:00:00Z';

/** The columns that `encode` fills, in its order. */
export const STAGED_COLUMNS = [
  'piece int',
  'digest bytea',
  'scope text collate "C"',
  'name text collate "C"',
  'kind text collate "C"',
  'module text',
  'arches text[]',
  'lo bytea',
  'hi bytea',
  'from_version text',
  'below text',
  'up_to text',
  'undecided boolean',
  'shown_name text',
  'shown_arch text',
  'asserts_unaffected boolean',
  'fixed_in_version text',
  'code text',
  'doc_hash bytea',
  'doc_name text',
  'doc_severity smallint',
  'doc_cves text[]',
  'doc_aliases text[]',
  'doc_wire text',
] as const;

/** What makes rows of one feed's advisories: texts that many of them share are sent once. */
export interface RowEncoder {
  /** A line of COPY, or why this advisory cannot be kept. `piece`: the number of the piece that says it. */
  encode(advisory: Advisory, piece?: number): { readonly line: string } | { readonly reason: string };
}

export function rowEncoder(versionsOf: (advisory: Advisory) => VersionScheme): RowEncoder {
  // By identity, and weakly: memory does not grow with the feed. An equal text sent twice collapses in the database.
  const sent = new WeakMap<VulnerabilityText, Buffer>();
  const keys = versionKeys();
  return {
    encode(advisory, piece) {
      const reason = unfit(advisory);
      if (reason !== undefined) return { reason };
      const known = sent.get(advisory.vulnerability);
      const doc = known === undefined ? encodeText(advisory.vulnerability) : undefined;
      const docHash = known ?? hashOfText(doc!);
      if (doc !== undefined) sent.set(advisory.vulnerability, docHash);

      const { from, below, upTo } = advisory;
      const { lo, hi, undecided } = keyRangeOf(keys, versionsOf(advisory), advisory);
      const arches = advisory.arches && [...advisory.arches].sort();
      // With the keys: a scheme that learns to order better replaces its rows.
      const columns = encodeCopyRow([
        advisory.scope,
        advisory.name,
        advisory.kind,
        advisory.module ?? '',
        arches,
        lo,
        hi,
        from,
        below,
        upTo,
        undecided,
        advisory.shownName,
        advisory.shownArch,
        advisory.assertsUnaffected ?? false,
        advisory.fixedInVersion,
        ...(advisory.code ? [JSON.stringify(writeVulnerableCode(advisory.code))] : []),
      ]).slice(0, -1);
      return { line: stagedLine(columns, { hash: docHash, piece, ...(doc && { text: doc }) }) };
    },
  };
}

const NO_TEXT = encodeCopyRow([null, null, null, null, null]);
/** Columns from `scope` to `fixed_in_version`. */
const COLUMNS_WITHOUT_CODE = 15;

/** What a line of `staged` has beside the columns from `scope` to `code`. */
export interface StagedText {
  readonly hash: Buffer;
  /** Left out where an earlier line had it. */
  readonly text?: EncodedText;
  readonly piece?: number | undefined;
  /** Of the row; default: that of its columns. */
  readonly digest?: Buffer | undefined;
}

/** A line of COPY into `staged`; `columns` are encoded, without a line feed, and without `code` if there is none: so a row is as it ever was. */
export function stagedLine(columns: string, { hash, text, piece, digest }: StagedText): string {
  const all = `${columns}\t\\\\x${hash.toString('hex')}`;
  const head = `${piece ?? '\\N'}\t\\\\x${(digest ?? digestOfRow(all)).toString('hex')}`;
  const tail =
    text === undefined
      ? NO_TEXT
      : encodeCopyRow([text.name, text.severity, text.cves, text.aliases, text.wire]);
  const code = hasCode(columns) ? '' : '\t\\N';
  return `${head}\t${columns}${code}\t\\\\x${hash.toString('hex')}\t${tail}`;
}

function hasCode(columns: string): boolean {
  let count = 1;
  for (let at = columns.indexOf('\t'); at >= 0; at = columns.indexOf('\t', at + 1)) count++;
  return count > COLUMNS_WITHOUT_CODE;
}

/** The digest of a row, of its encoded columns and the hash of its text. */
export function digestOfColumns(columns: string, hash: Buffer): Buffer {
  return digestOfRow(`${columns}\t\\\\x${hash.toString('hex')}`);
}

function digestOfRow(all: string): Buffer {
  return digestOf(`${all}\n`);
}

/** Half a SHA-256 is enough to tell rows of one database apart. */
function digestOf(text: string): Buffer {
  return hash('sha256', text, 'buffer').subarray(0, 16);
}

/** A text as `advisory_doc` has it. */
export interface EncodedText {
  readonly name: string;
  readonly severity: number;
  readonly cves: readonly string[];
  readonly aliases: readonly string[];
  readonly wire: string;
}

function encodeText(text: VulnerabilityText): EncodedText {
  const aliases = [...(text.aliases ?? [])];
  const wire = JSON.stringify({
    name: text.name,
    description: text.description.slice(0, TEXT_LIMIT),
    issued: text.issued ?? NO_DATE,
    links: text.links.slice(0, TEXT_LIMIT),
    severity: text.severity,
    normalized_severity: text.normalizedSeverity,
  }).slice(1, -1);
  return {
    name: text.name,
    severity: rankOf(text.normalizedSeverity),
    cves: cvesOf(text),
    aliases,
    wire,
  };
}

/** The hash that a text is known by. */
export function hashOfText({ wire, aliases }: Pick<EncodedText, 'wire' | 'aliases'>): Buffer {
  return digestOf(`${wire}\n${JSON.stringify(aliases)}`);
}

/**
 * All CVEs that a text names.
 * differs: underscores and lower case are folded, and aliases count, so that no enrichment is missed (clair-matching.md#enrichers)
 */
function cvesOf({ name, links, aliases = [] }: VulnerabilityText): string[] {
  return [...new Set([name, links, ...aliases].flatMap(cvesIn))].sort();
}

function unfit({ scope, name }: Advisory): string | undefined {
  if (name === '' || scope === '') return 'an advisory without a package name or scope';
  if (Buffer.byteLength(name) > NAME_LIMIT || Buffer.byteLength(scope) > NAME_LIMIT)
    return `a package name of over ${NAME_LIMIT} bytes`;
  return undefined;
}
