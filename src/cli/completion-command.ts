/** `clairctl completion SHELL`: prints a script by which a shell completes our commands and flags. */
import { Argument, Command } from 'commander';
import { completionScript, SHELLS, type Shell } from './completion.ts';
import { writeText } from './terminal/write-text.ts';

/** `loadAll` gives every command. */
export function completionCommand(loadAll: () => Promise<readonly Command[]>): Command {
  return new Command('completion')
    .description('Print a completion script for bash, zsh or fish.')
    .addArgument(new Argument('<shell>', 'whose').choices(SHELLS))
    .addHelpText('after', '\n  source <(clairctl completion bash)')
    .action(async (shell: Shell, _: unknown, command: Command) => {
      const program = new Command('clairctl').helpOption('-h, --help', 'show help');
      for (const option of command.parent?.options ?? []) program.addOption(option);
      for (const each of await loadAll()) program.addCommand(each);
      await writeText(completionScript(program, shell));
    });
}
