/** The report of an image as a file, in every format of `scan`. */

import { formatInput } from '../cli/formats/format-input.ts';
import { FORMAT_NAMES, isFormat, loadFormat } from '../cli/formats/load-format.ts';
import { matchesOf } from '../cli/outcome/scan-result.ts';
import type { Ecosystem } from '../contract/ecosystem.ts';
import type { Session } from '../db/database.ts';
import { AppError } from '../errors.ts';
import type { ReportFile } from '../matcher/console/context.ts';
import type { IndexerClient, Matcher } from '../matcher/matcher.ts';
import type { VulnerabilityReportWire } from '../matcher/report/report-wire.ts';
import type { Digest } from '../model/digest.ts';
import type { IndexReportWire } from '../model/index-report-wire.ts';

/** By format of `scan`: type and extension of the file; the rest is text. */
const FILES: Readonly<Record<string, readonly [type: string, extension: string]>> = {
  json: ['application/json', 'json'],
  clair: ['application/json', 'clair.json'],
  sarif: ['application/sarif+json', 'sarif'],
  cyclonedx: ['application/vnd.cyclonedx+json', 'cdx.json'],
  spdx: ['application/spdx+json', 'spdx.json'],
  openvex: ['application/json', 'openvex.json'],
  gitlab: ['application/json', 'gitlab.json'],
  github: ['application/json', 'github.json'],
  junit: ['application/xml', 'xml'],
  html: ['text/html; charset=utf-8', 'html'],
  markdown: ['text/markdown; charset=utf-8', 'md'],
  csv: ['text/csv; charset=utf-8', 'csv'],
};
const TEXT = ['text/plain; charset=utf-8', 'txt'] as const;

export interface ReportExportParts {
  /** Of the console: names and instructions of images. */
  readonly db: Session;
  readonly matcher: Pick<Matcher, 'vulnerabilityReport'>;
  readonly indexer: Pick<IndexerClient, 'indexReport'>;
  readonly ecosystems: readonly Ecosystem[];
  readonly now: () => Date;
}

/** Formats with all packages of the index, and the code of programs: only the index report has that. */
const SBOMS: ReadonlySet<string> = new Set(['cyclonedx', 'spdx']);

/** The exporter throws `bad-request` for an unknown format, and returns undefined for an image that is not indexed. */
export function reportExporter({
  db,
  matcher,
  indexer,
  ecosystems,
  now,
}: ReportExportParts): (digest: Digest, format: string) => Promise<ReportFile | undefined> {
  return async (digest, name) => {
    if (!isFormat(name) || name === 'template') {
      const known = FORMAT_NAMES.filter((each) => each !== 'template').join(', ');
      throw new AppError('bad-request', `unknown format "${name}": one of ${known}`);
    }
    const made = await matcher.vulnerabilityReport(digest);
    if (made === undefined) return undefined;
    const report = JSON.parse(made.body.toString('utf8')) as VulnerabilityReportWire;
    const linked = SBOMS.has(name) ? await linkedOf(indexer, digest) : undefined;
    const { image, instructions } = await knownOf(db, digest);
    const result = {
      target: { name: image ?? digest, kind: 'image' },
      names: { indexes: [], names: image === null ? [] : [image] },
      manifest: digest,
      ...{ feeds: report.feeds, problems: report.problems, incomplete: report.incomplete },
      ...{ accepted: [], notices: [], report },
      ...(linked && { linked }),
    };
    const at = now();
    const matches = matchesOf(report, ecosystems);
    const input = formatInput({ result, matches, ecosystems, now: at, instructions }, at);
    const format = await loadFormat(name);
    const [type, extension] = FILES[name] ?? TEXT;
    return { body: format(input), type, extension };
  };
}

async function linkedOf(
  indexer: Pick<IndexerClient, 'indexReport'>,
  digest: Digest,
): Promise<IndexReportWire['linked']> {
  const json = await indexer.indexReport(digest);
  return json === undefined ? undefined : (JSON.parse(json) as IndexReportWire).linked;
}

/** The name of an image, and its instructions by digest of their layer. */
async function knownOf(
  db: Session,
  digest: Digest,
): Promise<{ readonly image: string | null; readonly instructions: ReadonlyMap<string, string> }> {
  const [row] = await db.query<{ name: string | null; layers: string[]; instructions: string[] | null }>({
    name: 'console-known-of-image',
    text: 'select name, layers, instructions from console_image where digest = $1',
    values: [digest],
  });
  const instructions = new Map<string, string>();
  for (const [position, layer] of (row?.layers ?? []).entries()) {
    const instruction = row?.instructions?.[position];
    if (instruction !== undefined) instructions.set(layer, instruction);
  }
  return { image: row?.name ?? null, instructions };
}
