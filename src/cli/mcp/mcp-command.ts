/** `clairctl mcp`: what `scan`, `explain` and `db status` say, for assistants, by the Model Context Protocol over stdin and stdout. */
import { type Command, Option } from 'commander';
import { addDatabaseOptions, configOf, type DatabaseOptions } from '../database/database-options.ts';
import {
  addPublishedOptions,
  type PublishedFlags,
  publishedSettings,
} from '../database/published-options.ts';
import type { UpdatePolicy } from '../database/update-feeds.ts';
import { commandWithEnvironment } from '../flags/flag-environment.ts';
import { readDuration } from '../flags/read-duration.ts';
import { addRegistryOptions, type RegistryFlagValues, registryFlagsOf } from '../flags/registry-options.ts';
import { updateOption } from '../scan/scan-command.ts';
import { createProgress } from '../terminal/progress.ts';

type Flags = DatabaseOptions &
  RegistryFlagValues &
  PublishedFlags & { readonly update: UpdatePolicy; readonly timeout: number };

const HELP = `
Tools: scan, explain, affected_images and feed_state. They push and delete nothing, and write only
the database. Answers have a limit, and count what they leave out. stdin and stdout carry the
protocol: a registry password comes from CLAIR_REGISTRY_PASSWORD.

Example of a client configuration:
  {"mcpServers": {"clair": {"command": "clairctl", "args": ["mcp"]}}}`;

/** The command. */
export function mcpCommand(): Command {
  const command = commandWithEnvironment('mcp')
    .description('Serve scans to AI assistants over stdio (Model Context Protocol).')
    .addOption(updateOption())
    .addOption(
      new Option('--timeout <duration>', 'fail a request that takes longer')
        .argParser(readDuration)
        .default(600_000, '10m'),
    )
    .addHelpText('after', HELP);
  addRegistryOptions(addDatabaseOptions(addPublishedOptions(command)));
  return command.action(async () => {
    const flags = command.opts<Flags>();
    const registry = await registryFlagsOf({ ...flags, passwordStdin: false });
    const { serveMcp } = await import('./serve-mcp.ts'); // the protocol, and all engines
    const config = await configOf(flags);
    await serveMcp({
      ...{ database: flags, registry, update: flags.update, timeout: flags.timeout },
      ...{ config, published: await publishedSettings(flags, config) },
      // Nothing but the protocol is on stdout; nobody looks at stderr but in logs.
      progress: createProgress(process.stderr, true),
    });
  });
}
