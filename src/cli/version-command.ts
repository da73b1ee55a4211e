/** `clairctl version`: the version as text or JSON, as other scanners print theirs. */
import { type Command, Option } from 'commander';
import { VERSION } from '../lib/version.ts';
import { commandWithEnvironment } from './flags/flag-environment.ts';
import { writeText } from './terminal/write-text.ts';

export function versionCommand(): Command {
  return commandWithEnvironment('version')
    .description('print the version')
    .addOption(
      new Option('-f, --format <format>', 'text or JSON')
        .choices(['text', 'json'])
        .default('text')
        .env('CLAIR_VERSION_FORMAT'),
    )
    .action(async ({ format }: { format: 'text' | 'json' }) => {
      const { version: node, platform, arch } = process;
      const about = { application: 'clairctl', version: VERSION, node, platform: `${platform}/${arch}` };
      await writeText(format === 'json' ? `${JSON.stringify(about)}\n` : `clairctl version ${VERSION}\n`);
    });
}
