/** Reads a report of `scan` again: `--format json`, or Clair's with our members (`--format clair`, or of a service). */

import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { z } from 'zod';
import { AppError, messageOf } from '../../errors.ts';
import { readAll } from '../../lib/read-all.ts';
import { schemaIssues } from '../../lib/schema-issues.ts';
import type { VulnerabilityReportWire } from '../../matcher/report/report-wire.ts';
import { VulnerabilityReport } from '../../model/api/vulnerability-report.ts';
import { COVERAGE_KINDS, type CoverageKind } from '../../model/coverage.ts';
import type { ScanResult } from '../outcome/scan-result.ts';
import type { Suppression } from '../policy/selection.ts';

/** What a report said of its findings; by `keyOfFinding`. */
export interface ReadReport {
  readonly result: ScanResult;
  readonly suppressed: ReadonlyMap<string, Suppression>;
  /** Findings that are shown; undefined: all. What is neither shown nor suppressed is hidden by flags of then. */
  readonly shown?: ReadonlySet<string>;
  /** When it was made. */
  readonly created?: Date;
}

/** What a finding is told from others by. */
export interface FindingKey {
  readonly id: string;
  readonly type: string;
  readonly package: string;
  readonly version: string;
  readonly purl: string;
  readonly paths: readonly string[];
}

const MAX_BYTES = 1024 ** 3;
const text = z.string();
const Key = z.object({
  id: text,
  type: text,
  package: text,
  version: text,
  purl: text,
  paths: z.array(text),
});
const Coverage = z.object({
  kind: z.enum(Object.keys(COVERAGE_KINDS) as [CoverageKind, ...CoverageKind[]]),
  what: text,
  where: text,
  reason: text,
  count: z.number(),
  packages: z.number(),
});
const Accepted = z.object({ source: text, reason: text, expires: text });
const Own = z.object({
  schemaVersion: z.literal(1),
  created: text,
  target: z.object({ name: text, kind: text }),
  manifest: text,
  incomplete: z.array(Coverage),
  accepted: z.array(Coverage.extend({ accepted: Accepted })),
  problems: z.array(z.looseObject({ source: text, where: text, reason: text })),
  feeds: z.array(
    z.looseObject({ name: text, scope: text, state: text, rows: z.number(), problems: z.number() }),
  ),
  example: text.exactOptional(),
  findings: z.array(Key),
  suppressed: z.array(
    Key.extend({
      suppression: z.object({
        kind: z.enum(['ignored', 'vex']),
        source: text,
        status: z.enum(['accepted', 'not_affected', 'fixed']),
        justification: text,
        reason: text,
      }),
    }),
  ),
  report: z.unknown(),
});
/** Without these it is Clair's own, and there are no findings to show. */
const OURS = ['feeds', 'incomplete', 'notices', 'undecided', 'problems', 'aliases', 'findings'] as const;

/** Reads `path` (`-`: `stdin`). Throws `bad-target` if it is no report. */
export async function readReport(path: string, stdin: Readable): Promise<ReadReport> {
  const bytes = await readBytes(path, stdin);
  const bad = (why: string, cause?: unknown) =>
    new AppError('bad-target', `${path} is no report: ${why}`, { cause });
  let json: unknown;
  try {
    json = JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    throw bad('it is not JSON; write it with clairctl scan --format json', error);
  }
  const own = Own.safeParse(json);
  const report = readWire(own.success ? own.data.report : json);
  if ('why' in report && isSbom(json))
    throw bad(`it is an SBOM. Scan it: clairctl scan --sbom-output FILE sbom:${path}`);
  if ('why' in report)
    throw bad(own.success || !hasVersion(json) ? report.why : schemaIssues(own.error!).slice(0, 500));
  // As it was read: members that a schema does not name, and their order, stay.
  return own.success ? readOwn(json as z.infer<typeof Own>, report.wire) : readServices(report.wire);
}

/** What makes two findings of a report the same. */
export function keyOfFinding({ id, type, package: name, version, purl, paths }: FindingKey): string {
  return JSON.stringify([id, type, name, version, purl, paths]);
}

function readOwn(own: z.infer<typeof Own>, report: VulnerabilityReportWire): ReadReport {
  const { target, manifest, incomplete, accepted, problems, feeds, example, created } = own;
  return {
    result: {
      ...{ target, manifest, incomplete, accepted, report },
      names: { indexes: [], names: target.kind === 'registry' ? [target.name] : [] },
      feeds: feeds as unknown as ScanResult['feeds'],
      problems: problems as unknown as ScanResult['problems'],
      notices: [],
      ...(example !== undefined && { example }),
    },
    suppressed: new Map(own.suppressed.map((each) => [keyOfFinding(each), each.suppression])),
    shown: new Set(own.findings.map(keyOfFinding)),
    ...(Number.isNaN(Date.parse(created)) ? {} : { created: new Date(created) }),
  };
}

/** Of a service, or `--format clair`: nothing is suppressed or hidden in it. */
function readServices(report: VulnerabilityReportWire): ReadReport {
  const { manifest_hash: manifest, feeds, problems, incomplete } = report;
  return {
    result: {
      target: { name: manifest, kind: 'report' },
      names: { indexes: [], names: [] },
      ...{ manifest, feeds, problems, incomplete, report },
      accepted: [],
      notices: [],
    },
    suppressed: new Map(),
  };
}

function readWire(json: unknown): { wire: VulnerabilityReportWire } | { why: string } {
  const parsed = VulnerabilityReport.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const at = issue?.path.length ? ` (${issue.path.join('.')}: ${issue.message})` : '';
    return { why: `write it with clairctl scan --format json${at}`.slice(0, 300) };
  }
  const missing = OURS.filter((member) => parsed.data[member] === undefined);
  if (missing.length > 0)
    return { why: `it lacks ${missing.join(', ')}, as a report of Clair v4 does: scan the image` };
  const wire = json as VulnerabilityReportWire;
  // Keys are any text: `constructor` is none that is not there.
  for (const map of Object.values(wire))
    if (typeof map === 'object' && map !== null && !Array.isArray(map)) Object.setPrototypeOf(map, null);
  return { wire };
}

function isSbom(json: unknown): boolean {
  return (
    typeof json === 'object' &&
    json !== null &&
    ['bomFormat', 'spdxVersion', 'artifacts'].some((member) => member in json)
  );
}

function hasVersion(json: unknown): boolean {
  return typeof json === 'object' && json !== null && 'schemaVersion' in json && 'findings' in json;
}

async function readBytes(path: string, stdin: Readable): Promise<Buffer> {
  const over = () =>
    new AppError('bad-target', `${path} is over ${MAX_BYTES / 1024 ** 2} MiB, too big for a report`);
  try {
    if (path === '-') return await readAll(stdin, MAX_BYTES, over);
    await using file = await open(path);
    return await readAll(file.createReadStream({ autoClose: false }), MAX_BYTES, over);
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError('bad-target', `cannot read the report ${path}: ${messageOf(error)}`, { cause: error });
  }
}
