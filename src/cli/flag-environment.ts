/** An environment variable for every flag: `--fail-on` is `CLAIR_FAIL_ON`. */
import { Command, type Option } from 'commander';

/** A command whose flags all have one; those that name another keep it. */
export function commandWithEnvironment(name: string): Command {
  const command = new Command(name);
  const add = command.addOption.bind(command);
  // When a flag is added, because commander listens for what it has then.
  command.addOption = (option) => add(option.envVar === undefined ? option.env(variableOf(option)) : option);
  return command;
}

/** Of `--no-x` it is `CLAIR_NO_X`. */
export function variableOf({ long = '' }: Option): string {
  return `CLAIR_${long.slice(2).toUpperCase().replaceAll('-', '_')}`;
}
