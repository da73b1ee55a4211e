/** `clairctl admin reindex`: has the images that a Clair of Go knows indexed by this one, from the registries that have them. */
import { readFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { AppError, messageOf } from '../../errors.ts';
import { counted } from '../../lib/counted.ts';
import { commandWithEnvironment } from '../flags/flag-environment.ts';
import { addRegistryOptions, type RegistryFlagValues, registryFlagsOf } from '../flags/registry-options.ts';
import { EXIT } from '../policy/exit-code.ts';
import { type ApiFlags, addApiOptions, serverConfigOf, signOf } from '../remote/api-options.ts';
import { interruption } from '../terminal/interruption.ts';
import { printable } from '../terminal/printable.ts';
import { createProgress } from '../terminal/progress.ts';
import { writeText } from '../terminal/write-text.ts';

type Flags = ApiFlags &
  RegistryFlagValues & {
    readonly from: string;
    readonly repository?: string[];
    readonly repositories?: string;
    readonly list: boolean;
  };

const HELP = `
Clair stores digests, not the repositories of images: name all repositories that can have them.
Each manifest in the database of --from that the service of --host has not indexed is looked up
there by its digest, and submitted. The command can be stopped and run again: it skips what is
indexed.

Exit codes:
  0  all manifests are indexed
  1  failure, such as a database or service that cannot be reached
  3  some manifests are in no repository, or could not be indexed

Example:
  clairctl admin reindex --from "host=db dbname=clair user=clair" --host http://clair:6060
     --repository registry.example.com/team/app --repositories repositories.txt`;

const append = (value: string, list: readonly string[] = []): string[] => [...list, value];
const PATIENCE = 30 * 60_000;

/** The command. */
export function reindexCommand(): Command {
  const command = commandWithEnvironment('reindex')
    .description('index images in a Clair v4 database again')
    .addOption(
      new Option('--from <dsn>', 'database of the indexer of Clair v4; only read')
        .makeOptionMandatory()
        .env('CLAIR_REINDEX_FROM'),
    )
    .option('--repository <name>', 'a repository that can have the images; repeatable', append)
    .option('--repositories <file>', 'a file with one repository per line')
    .addOption(
      new Option('--list', 'print the digests that are not indexed, and submit nothing').default(false),
    )
    .addHelpText('after', HELP);
  return addApiOptions(addRegistryOptions(command)).action(async (flags: Flags) => {
    const { manifestsOfClair, reindex } = await import('./reindex.ts');
    const { openApi } = await import('../remote/clair-api.ts');
    const repositories = await repositoriesOf(flags);
    if (repositories.length === 0 && !flags.list)
      throw new AppError('bad-target', 'no repository to look in: add --repository or --repositories');
    const progress = createProgress(process.stderr, flags.quiet);
    using interrupted = interruption('interrupted. Run the same command to continue');
    const { signal } = interrupted;
    await using api = openApi({
      host: flags.host,
      sign: signOf((await serverConfigOf(flags))?.auth, flags.issuer),
      patience: PATIENCE,
      signal,
      onWait: progress.show,
    });
    const result = await reindex(manifestsOfClair(flags.from), {
      api,
      repositories,
      registry: await registryFlagsOf(flags),
      signal,
      ...(flags.list && { list: (digest: string) => writeText(`${digest}\n`) }),
      show: progress.show,
      note: (text) => progress.note(printable(text)),
    });
    progress.clear();
    const { known, indexed, missing, failed } = result;
    if (!flags.list) {
      await writeText(
        `${counted(indexed, 'manifest')} indexed, ${known} already indexed, ${missing} in no repository, ${failed} failed\n`,
      );
    }
    if (missing + failed > 0) process.exitCode = EXIT.incomplete;
  });
}

async function repositoriesOf({ repository = [], repositories }: Flags): Promise<string[]> {
  if (repositories === undefined) return repository;
  let text: string;
  try {
    text = await readFile(repositories, 'utf8');
  } catch (cause) {
    throw new AppError('bad-target', `--repositories ${repositories}: ${messageOf(cause)}`, { cause });
  }
  const lines = text.split('\n').map((line) => line.replace(/#.*/, '').trim());
  return [...new Set([...repository, ...lines.filter((line) => line !== '')])];
}
