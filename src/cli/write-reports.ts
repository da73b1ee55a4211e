/** Writes what a scan found in every form that was asked for. */
import { ecosystems } from '../ecosystems/index.ts';
import { cyclonedxSbom } from './formats/cyclonedx.ts';
import { FORMATS } from './formats/index.ts';
import { spdxSbom } from './formats/spdx.ts';
import { createdAt, formatInput } from './formats/view.ts';
import type { Outputs } from './output-options.ts';
import type { Match, ScanResult } from './scan-result.ts';
import { writeText } from './write-text.ts';

/** Files first: who reads stdout knows then that they are there. Throws `bad-target` if one cannot be written. */
export async function writeReports(
  { reports, sboms, template }: Outputs,
  result: ScanResult,
  matches: readonly Match[],
): Promise<void> {
  const now = new Date();
  const isTerminal = process.stdout.isTTY === true && !process.env.NO_COLOR;
  const color = isTerminal && reports.some(({ format, file }) => format === 'table' && file === undefined);
  const input = formatInput(
    { result, matches, ecosystems, now, color: false, ...(template && { template }) },
    createdAt(process.env, now),
  );
  for (const { format, file } of sboms) {
    await writeText((format === 'spdx' ? spdxSbom : cyclonedxSbom)(input), file);
  }
  const last = (file: string | undefined) => Number(file === undefined);
  for (const { format, file } of reports.toSorted((a, b) => last(a.file) - last(b.file))) {
    await writeText(FORMATS[format]({ ...input, color: color && file === undefined }), file);
  }
}
