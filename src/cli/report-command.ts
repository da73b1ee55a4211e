/** `clairctl report REF…`: vulnerability reports of images, from a running Clair. */
import { Command } from 'commander';
import { addReportOptions, type ReportFlags } from './report-options.ts';

const HELP = `
The server fetches the layers itself. Where it cannot, the image is read here and only what is in it is sent (the
server has to be this Clair then): --local does so at once, --no-local never. A local image (oci:PATH,
docker-archive:FILE, dir:PATH, sbom:FILE and what else "scan" reads) always goes that way.

Output
  text  NAME found PACKAGE VERSION VULNERABILITY [(fixed: VERSION)], or NAME ok
        ours beside: NAME undecided …, NAME incomplete WHAT: WHY, NAME unread FILE: WHY, NAME error WHY
  json  the reports, one a line; null for one that failed
  xml   JUnit: a suite for each image, a case for each package

Exit codes
  0  all reports are there, whatever they say
  1  one is not; without --keep-going nothing is written then

Example
  clairctl report --host http://clair:6060/ --out json debian:12 | jq .vulnerabilities`;

/** The command. */
export function reportCommand(): Command {
  const command = new Command('report')
    .description('request vulnerability reports for the named containers')
    .argument('<container...>', 'images in registries, or local ones')
    .addHelpText('after', HELP);
  return addReportOptions(command).action(async (references: string[], flags: ReportFlags) => {
    const { report } = await import('./report.ts');
    process.exitCode = await report(references, flags);
  });
}
