/** An environment variable for every flag: `--fail-on` is `CLAIR_FAIL_ON`. */
import { Command, type Option } from 'commander';

/**
 * A command whose flags all have one; those that name another keep it. An empty variable is none, and one that says no
 * switches nothing on.
 */
export function commandWithEnvironment(name: string): Command {
  const command = new Command(name);
  const add = command.addOption.bind(command);
  // When a flag is added, because commander listens for what it has then.
  command.addOption = (option) => {
    option.env(option.envVar ?? variableOf(option));
    const value = process.env[option.envVar!];
    const isSwitch = !option.required && !option.optional;
    if (value === '' || (isSwitch && /^(0|f|false|no|off)$/i.test(value ?? ''))) delete option.envVar;
    return add(option);
  };
  return command;
}

/** The rule, as a help says it. */
export const ENVIRONMENT_RULE = 'Environment: --some-flag is CLAIR_SOME_FLAG unless "env" names another.';

/** Of `--no-x` it is `CLAIR_NO_X`. */
export function variableOf({ long = '' }: Option): string {
  return `CLAIR_${long.slice(2).toUpperCase().replaceAll('-', '_')}`;
}
