/** `clairctl explain CVE TARGET`: why a vulnerability counts for an image, or why it does not. */
import { type Command, Option } from 'commander';
import { addDatabaseOptions, configOf, type DatabaseOptions } from '../database/database-options.ts';
import { openEngines } from '../database/open-engines.ts';
import { type PublishedFlags, publishedSettings } from '../database/published-options.ts';
import { commandWithEnvironment } from '../flags/flag-environment.ts';
import { addRegistryOptions, type RegistryFlagValues, registryFlagsOf } from '../flags/registry-options.ts';
import { exitCodeOf } from '../policy/exit-code.ts';
import { addPolicyFiles, type PolicyFiles, verdictsOf } from '../policy/policy-options.ts';
import { interruption } from '../terminal/interruption.ts';
import { progressOf } from '../terminal/progress-option.ts';
import { writeText } from '../terminal/write-text.ts';
import { attachedTo } from './attached-documents.ts';
import { explainText } from './explain-text.ts';
import { explainedOf } from './explained.ts';
import { matchFresh } from './match-target.ts';
import { judge, withNotices } from './scan.ts';
import { addTargetOptions, type TargetFlags, targetOf } from './scan-command.ts';
import { openSubject } from './subject.ts';

type Flags = DatabaseOptions &
  RegistryFlagValues &
  PolicyFiles &
  TargetFlags &
  PublishedFlags & { readonly format: 'text' | 'json' };

const EXAMPLES = `
Shows each package that an advisory for CVE names: the compared version and range, file and layer,
the command that created the layer, and the result. CVE can be any ID or alias of the vulnerability.

Example:
  clairctl explain CVE-2023-38545 debian:12`;

export function explainCommand(): Command {
  const command = commandWithEnvironment('explain')
    .description('Explain why a vulnerability affects an image, or why it does not.')
    .argument('<cve>', 'the vulnerability')
    .argument('[target]', 'target, as for scan (env CLAIR_TARGET)')
    .addOption(
      new Option('-f, --format <format>', 'text or JSON')
        .choices(['text', 'json'])
        .default('text')
        .env('CLAIR_EXPLAIN_FORMAT'),
    )
    .addHelpText('after', EXAMPLES);
  addRegistryOptions(addTargetOptions(addPolicyFiles(command)));
  return addDatabaseOptions(command).action(async (id: string, given: string | undefined) => {
    const flags = command.opts<Flags>();
    const target = targetOf(given, 'explain');
    const progress = progressOf(flags);
    using interrupted = interruption('interrupted');
    const { signal } = interrupted;
    const config = await configOf(flags);
    const unattached = await verdictsOf(flags, progress, new Date());
    try {
      const registry = await registryFlagsOf(flags);
      const published = await publishedSettings(flags, config);
      await using subject = await openSubject(target, { ...flags, registry, progress, signal });
      const attached = await attachedTo(subject, flags, { registry, signal });
      const verdicts = unattached.withVex(attached.vex);
      await using engines = await openEngines(flags, progress.show, config);
      const index = await subject.index(engines);
      const { result: matched, matcher } = await matchFresh(engines, subject, index, {
        ...verdicts,
        ...{ config, update: flags.update, published, registry, progress, signal },
      });
      const result = withNotices(matched, attached);
      const { advisories, known } = await matcher.explain(index, id);
      progress.clear();
      const input = judge(result, verdicts);
      process.exitCode = exitCodeOf(result, [], undefined);
      const explained = await explainedOf(id, { subject, input, advisories, known });
      await writeText(flags.format === 'json' ? `${JSON.stringify(explained)}\n` : explainText(explained));
    } finally {
      progress.clear();
    }
  });
}
