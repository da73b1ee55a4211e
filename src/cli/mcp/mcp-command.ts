/** `clairctl mcp`: what `scan`, `explain` and `db status` say, for assistants, by the Model Context Protocol over stdin and stdout. */
import { type Command, Option } from 'commander';
import { addDatabaseOptions, configOf, type DatabaseOptions } from '../database/database-options.ts';
import type { UpdatePolicy } from '../database/update-feeds.ts';
import { commandWithEnvironment } from '../flags/flag-environment.ts';
import { readDuration } from '../flags/read-duration.ts';
import { addRegistryOptions, type RegistryFlagValues, registryFlagsOf } from '../flags/registry-options.ts';
import { createProgress } from '../terminal/progress.ts';

type Flags = DatabaseOptions &
  RegistryFlagValues & { readonly update: UpdatePolicy; readonly timeout: number };

const HELP = `
Tools     scan, explain, affected_images, feed_state. They read only: nothing is pushed or deleted, no file is
          written but the database. Answers have a limit, and say what they leave out.
          stdin and stdout are the protocol's: passwords come from CLAIR_REGISTRY_PASSWORD.

Example   of a client's configuration
  {"mcpServers": {"clair": {"command": "clairctl", "args": ["mcp"]}}}`;

/** The command. */
export function mcpCommand(): Command {
  const command = commandWithEnvironment('mcp')
    .description('Answers assistants over stdio, by the Model Context Protocol.')
    .addOption(
      new Option('--update <when>', 'update feeds: auto (if older than the period), always or never')
        .choices(['auto', 'always', 'never'])
        .default('auto'),
    )
    .addOption(
      new Option('--timeout <duration>', 'give up a request that takes longer')
        .argParser(readDuration)
        .default(600_000, '10m'),
    )
    .addHelpText('after', HELP);
  addRegistryOptions(addDatabaseOptions(command));
  return command.action(async () => {
    const flags = command.opts<Flags>();
    const registry = await registryFlagsOf({ ...flags, passwordStdin: false });
    const { serveMcp } = await import('./serve-mcp.ts'); // the protocol, and all engines
    await serveMcp({
      ...{ database: flags, registry, update: flags.update, timeout: flags.timeout },
      config: await configOf(flags),
      // Nothing but the protocol is on stdout; nobody looks at stderr but in logs.
      progress: createProgress(process.stderr, true),
    });
  });
}
