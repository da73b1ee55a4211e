/** `clairctl report REF…`: vulnerability reports of images, from a running Clair. */
import type { Command } from 'commander';
import { commandWithEnvironment } from '../flags/flag-environment.ts';
import { addReportOptions, type ReportFlags } from './report-options.ts';

const HELP = `
Clair fetches the layers. If it cannot, and for local images (oci:PATH, dir:PATH, sbom:FILE, …),
the image is indexed on this machine and its index report is sent. Clair v4 servers do not support
this.

text  NAME found PACKAGE VERSION VULNERABILITY [(fixed: VERSION)], or NAME ok; not in Clair v4:
      NAME undecided …, NAME incomplete WHAT: WHY, NAME unread FILE: WHY, NAME error WHY
json  one report per line; null for a report that failed
xml   JUnit: one suite per image, one case per package

Exit codes:
  0  all reports are printed
  1  a report failed; without --keep-going nothing is printed

Example:
  clairctl report --host http://clair:6060/ --out json debian:12 | jq .vulnerabilities`;

/** The command. */
export function reportCommand(): Command {
  const command = commandWithEnvironment('report')
    .description('request vulnerability reports for images')
    .argument('<container...>')
    .addHelpText('after', HELP);
  return addReportOptions(command).action(async (references: string[], flags: ReportFlags) => {
    const { report } = await import('./report.ts');
    process.exitCode = await report(references, flags);
  });
}
