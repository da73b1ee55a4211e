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

type Flags = Readonly<Partial<Record<ServiceName, boolean>>> & {
  readonly config?: string;
  readonly quiet: boolean;
};

const HELP = `
pre, post and oneoff are there for scripts written for Clair: this Clair keeps its data otherwise,
so that they have nothing to do.

Exit codes
  0  done, or nothing to do
  1  it could not be done
  3  pending: there are migrations to run

Example
  clairctl --config /etc/clair/config.yaml admin migrate --indexer`;

/** The command. */
// differs: Clair's own tasks change nothing; migrate and pending are new (clair-service.md#administrative-tasks)
export function adminCommand(): Command {
  const command = commandWithEnvironment('admin')
    .description('run administrator task')
    .addHelpText('after', HELP)
    .addCommand(clairTask('pre', 'run pre-upgrade task'))
    .addCommand(clairTask('post', 'run post-upgrade task'))
    .addCommand(oneOff())
    .addCommand(migrateCommand())
    .addCommand(pendingCommand());
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
      throw new AppError('bad-target', `${JSON.stringify(version)} is no version: want e.g. v4.8.0`);
    if (!quiet) process.stderr.write(`admin ${name} ${version}: nothing to do\n`);
  });
}

function oneOff(): Command {
  const task = new Argument('<task>', 'update-golang-packages').choices(['update-golang-packages']);
  const command = commandWithEnvironment('oneoff').description('run one-off task').addArgument(task);
  return addSharedOptions(command).action((name: string, { quiet }: Flags) => {
    if (!quiet) process.stderr.write(`admin oneoff ${name}: nothing to do\n`);
  });
}

function migrateCommand(): Command {
  const command = commandWithEnvironment('migrate').description("bring the services' databases up to date");
  return addServiceOptions(command).action(async (flags: Flags) => {
    const config = await configOf(flags);
    for (const service of chosen(flags, config)) {
      const done = await migrateService(service, config);
      await writeText(`${service}: ${done.length === 0 ? 'up to date' : `ran ${done.join(', ')}`}\n`);
    }
  });
}

function pendingCommand(): Command {
  const command = commandWithEnvironment('pending').description(
    'list the migrations that are still to be run',
  );
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
      new Option(`--${service}`, `the ${service}'s; without any, all configured`).env(
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
