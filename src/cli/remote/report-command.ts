/** `clairctl report REF…`: vulnerability reports of images, from a running Clair. */
import type { Command } from 'commander';
import { commandWithEnvironment } from '../flags/flag-environment.ts';
import { addReportOptions, type ReportFlags } from './report-options.ts';

const HELP = `
The server fetches the layers. If it cannot, or of a local image (oci:PATH, dir:PATH, sbom:FILE …),
what is in the image is read here and sent; the server has to be this Clair then.

text  NAME found PACKAGE VERSION VULNERABILITY [(fixed: VERSION)], or NAME ok; ours beside:
      NAME undecided …, NAME incomplete WHAT: WHY, NAME unread FILE: WHY, NAME error WHY
json  the reports, one a line; null for one that failed
xml   JUnit: a suite for each image, a case for each package
Exit  0 all reports are there; 1 one is not: without --keep-going nothing is written then

Example
  clairctl report --host http://clair:6060/ --out json debian:12 | jq .vulnerabilities`;

/** The command. */
export function reportCommand(): Command {
  const command = commandWithEnvironment('report')
    .description('request vulnerability reports for the named containers')
    .argument('<container...>')
    .addHelpText('after', HELP);
  return addReportOptions(command).action(async (references: string[], flags: ReportFlags) => {
    const { report } = await import('./report.ts');
    process.exitCode = await report(references, flags);
  });
}
