/** `clairctl diff A B`: what another image, or newer feeds, change. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { AppError } from '../../errors.ts';
import { addDatabaseOptions, configOf, type DatabaseOptions } from '../database/database-options.ts';
import { openEngines } from '../database/open-engines.ts';
import { type PublishedFlags, publishedSettings } from '../database/published-options.ts';
import { commandWithEnvironment } from '../flags/flag-environment.ts';
import { addRegistryOptions, type RegistryFlagValues, registryFlagsOf } from '../flags/registry-options.ts';
import type { FormatInput } from '../formats/view.ts';
import { EXIT, exitCodeOf } from '../policy/exit-code.ts';
import { addFilters, addPolicyFiles, type PolicyOptions, verdictsOf } from '../policy/policy-options.ts';
import { interruption } from '../terminal/interruption.ts';
import { wantsColor } from '../terminal/paint.ts';
import { progressOf } from '../terminal/progress-option.ts';
import { writeText } from '../terminal/write-text.ts';
import { attachedTo } from './attached-documents.ts';
import { diffReports, diffText } from './diff-reports.ts';
import { matchFresh } from './match-target.ts';
import { judge, withNotices } from './scan.ts';
import { addTargetOptions, type TargetFlags } from './scan-command.ts';
import { openSubject } from './subject.ts';

type Flags = DatabaseOptions &
  RegistryFlagValues &
  Omit<PolicyOptions, 'sort' | 'showSuppressed'> &
  TargetFlags &
  PublishedFlags & { readonly format: 'text' | 'json'; readonly at: readonly Date[] };

const EXAMPLES = `
A and B are targets, as for scan. With --at, A is evaluated with the feeds of that date; given
twice, A and B are. B defaults to A. matcher.update_retention limits how old a date can be. EPSS,
KEV and CVSS are always current. --fail-on evaluates new findings. Exit codes are those of scan.

Examples:
  clairctl diff app:1.0 app:1.1
  clairctl diff --at 2030-01-31 app:1.0          findings published since that date`;

export function diffCommand(): Command {
  const command = commandWithEnvironment('diff')
    .description('Compare the findings of two images, or of one image at two dates.')
    .argument('<a>')
    .argument('[b]')
    .addOption(new Option('--at <date>', 'use the feeds of this date').argParser(readDate).default([], 'now'))
    .addOption(
      new Option('-f, --format <format>', 'text or JSON')
        .choices(['text', 'json'])
        .default('text')
        .env('CLAIR_DIFF_FORMAT'),
    )
    .addHelpText('after', EXAMPLES);
  addRegistryOptions(addTargetOptions(addPolicyFiles(addFilters(command))));
  return addDatabaseOptions(command).action(async (a: string, second: string | undefined) => {
    const flags = command.opts<Flags>();
    if (second === undefined && flags.at.length === 0)
      throw new AppError('bad-target', 'nothing to compare with. Name a second target, or a date with --at');
    const progress = progressOf(flags);
    using interrupted = interruption('interrupted');
    const { signal } = interrupted;
    const config = await configOf(flags);
    const registry = await registryFlagsOf(flags);
    const published = await publishedSettings(flags, config);
    try {
      await using engines = await openEngines(flags, progress.show, config);
      const look = async (text: string, at: Date | undefined): Promise<FormatInput> => {
        // Anew for each: entries of ignore files are used by one image or by the other.
        const given = await verdictsOf(flags, progress, new Date());
        await using subject = await openSubject(text, { ...flags, registry, progress, signal });
        const attached = await attachedTo(subject, flags, { registry, signal });
        const verdicts = given.withVex(attached.vex);
        const index = await subject.index(engines);
        const { result } = await matchFresh(engines, subject, index, {
          ...verdicts,
          ...{ config, update: flags.update, published, registry, progress, signal, ...(at && { at }) },
        });
        return judge(withNotices(result, attached), verdicts);
      };
      const from = await look(a, flags.at[0]);
      const to = await look(second ?? a, flags.at[1]);
      progress.clear();
      const diff = diffReports(from, to, flags.at);
      const color = wantsColor(process.stdout.isTTY === true, process.env);
      await writeText(flags.format === 'json' ? `${JSON.stringify(diff)}\n` : diffText(diff, color));
      const codes = [exitCodeOf(from.result, [], undefined), exitCodeOf(to.result, diff.added, flags.failOn)];
      process.exitCode = codes.includes(EXIT.gate) ? EXIT.gate : Math.max(...codes);
    } finally {
      progress.clear();
    }
  });
}

function readDate(text: string, before: readonly Date[]): readonly Date[] {
  const date = new Date(text);
  if (!/^\d{4}-\d\d-\d\d/.test(text) || Number.isNaN(date.getTime()))
    throw new InvalidArgumentError('expected a date such as 2030-01-31 or 2030-01-31T12:00:00Z.');
  if (before.length === 2) throw new InvalidArgumentError('expected at most two dates.');
  return [...before, date];
}
