/** Writes what a scan found in every form that was asked for. */
import { loadFormat } from '../formats/load-format.ts';
import type { FormatInput } from '../formats/view.ts';
import { wantsColor } from '../terminal/paint.ts';
import { writeText } from '../terminal/write-text.ts';
import type { Outputs } from './output-options.ts';

/** Files first: who reads stdout knows then that they are there. Throws `bad-target` if one cannot be written. */
export async function writeReports({ reports, sboms }: Outputs, input: FormatInput): Promise<void> {
  const { isTTY, columns } = process.stdout;
  const color = wantsColor(isTTY === true, process.env);
  for (const { format, file } of sboms) {
    const write =
      format === 'spdx'
        ? (await import('../formats/spdx.ts')).spdxSbom
        : (await import('../formats/cyclonedx.ts')).cyclonedxSbom;
    await writeText(write(input), file);
  }
  const last = (file: string | undefined) => Number(file === undefined);
  for (const { format, file } of reports.toSorted((a, b) => last(a.file) - last(b.file))) {
    const isScreen = file === undefined && isTTY === true;
    const write = await loadFormat(format);
    const text = write({
      ...input,
      color: color && file === undefined && format === 'table',
      ...(isScreen && columns !== undefined && { columns }),
    });
    await writeText(text, file);
  }
}
