/** `clairctl admin`: tasks around an upgrade. Clair's are taken and need nothing here; ours migrate the databases. */
import { Argument, type Command, Option } from 'commander';
import { type Config, configSchema } from '../../config/schema.ts';
import { AppError } from '../../errors.ts';
import { commandWithEnvironment } from '../flags/flag-environment.ts';
import { addSharedOptions } from '../flags/global-options.ts';
import { EXIT } from '../policy/exit-code.ts';
import { serverConfigOf } from '../remote/api-options.ts';
import { writeText } from '../terminal/write-text.ts';
import { configured, migrateService, pendingOf, SERVICES, type ServiceName } from './admin-migrations.ts';
import { reindexCommand } from './reindex-command.ts';

type Flags = Readonly<Partial<Record<ServiceName, boolean>>> & {
  readonly config?: string;
  readonly quiet: boolean;
};

const HELP = `
pre, post and oneoff exist for scripts written for Clair v4. This Clair stores its data differently,
and these tasks do nothing.

Exit codes:
  0  success, or nothing to do
  1  failure
  3  pending: migrations are pending

Example:
  clairctl --config /etc/clair/config.yaml admin migrate --indexer`;

/** The command. */
// differs: Clair's own tasks change nothing; migrate and pending are new (clair-service.md#administrative-tasks)
export function adminCommand(): Command {
  const command = commandWithEnvironment('admin')
    .description('migrate the databases, and run the upgrade tasks of Clair v4')
    .addHelpText('after', HELP)
    .addCommand(clairTask('pre', 'run the pre-upgrade task of a Clair v4 release'))
    .addCommand(clairTask('post', 'run the post-upgrade task of a Clair v4 release'))
    .addCommand(oneOff())
    .addCommand(migrateCommand())
    .addCommand(pendingCommand())
    .addCommand(reindexCommand());
  // As Clair: without a task it shows what there is, and that is no failure.
  return command.action(() => command.outputHelp());
}

const VERSION = /^v?\d+\.\d+\.\d+(?:[-+][0-9A-Za-z.+-]+)?$/;

function clairTask(name: string, description: string): Command {
  const command = commandWithEnvironment(name)
    .description(description)
    .argument('<version>', 'of Clair: v4.7.0, v4.7.3, v4.8.0 …');
  return addSharedOptions(command).action((version: string, { quiet }: Flags) => {
    if (!VERSION.test(version))
      throw new AppError(
        'bad-target',
        `${JSON.stringify(version)} is not a valid version: expected a version such as v4.8.0`,
      );
    if (!quiet) process.stderr.write(`admin ${name} ${version}: nothing to do\n`);
  });
}

function oneOff(): Command {
  const task = new Argument('<task>', 'update-golang-packages').choices(['update-golang-packages']);
  const command = commandWithEnvironment('oneoff')
    .description('run a one-off task of Clair v4')
    .addArgument(task);
  return addSharedOptions(command).action((name: string, { quiet }: Flags) => {
    if (!quiet) process.stderr.write(`admin oneoff ${name}: nothing to do\n`);
  });
}

function migrateCommand(): Command {
  const command = commandWithEnvironment('migrate').description('migrate the databases of the services');
  return addServiceOptions(command).action(async (flags: Flags) => {
    const config = await configOf(flags);
    for (const service of chosen(flags, config)) {
      const done = await migrateService(service, config);
      await writeText(`${service}: ${done.length === 0 ? 'up to date' : `ran ${done.join(', ')}`}\n`);
    }
  });
}

function pendingCommand(): Command {
  const command = commandWithEnvironment('pending').description('list pending migrations');
  return addServiceOptions(command).action(async (flags: Flags) => {
    const config = await configOf(flags);
    for (const service of chosen(flags, config)) {
      const pending = await pendingOf(service, config);
      for (const name of pending) await writeText(`${service}: ${name}\n`);
      if (pending.length > 0) process.exitCode = EXIT.incomplete;
    }
  });
}

function addServiceOptions(command: Command): Command {
  for (const service of SERVICES) {
    command.addOption(
      new Option(`--${service}`, `the ${service} database (default: all that are configured)`).env(
        `CLAIR_ADMIN_${service.toUpperCase()}`,
      ),
    );
  }
  return addSharedOptions(command);
}

function chosen(flags: Flags, config: Config): readonly ServiceName[] {
  const named = SERVICES.filter((service) => flags[service]);
  return named.length > 0 ? named : configured(config);
}

/** Without one, the databases are those that PGHOST and the like name. */
async function configOf(flags: Flags): Promise<Config> {
  return (await serverConfigOf(flags)) ?? configSchema.parse({});
}
