/** How a command gets to know what was said before it, and its configuration. */
import type { Command } from 'commander';
import { COMMANDS } from './commands.ts';
import { isFile, LOCAL_CONFIG } from './flags/global-options.ts';

const SHARED = ['config', 'issuer', 'debug', 'quiet'] as const;

/** Hands what was said before the command to `action`, as far as it was not told otherwise, and finds its configuration. */
export function inheritGlobals(program: Command, action: Command): void {
  for (const key of SHARED) {
    const isGiven = program.getOptionValueSource(key) === 'cli';
    if (isGiven && hasOption(action, key) && action.getOptionValueSource(key) !== 'cli') {
      action.setOptionValueWithSource(key, program.getOptionValue(key), 'cli');
    }
  }
  const command = topLevelName(action);
  const usesLocalConfig = COMMANDS.find(({ name }) => name === command)?.usesLocalConfig === true;
  if (!usesLocalConfig || !hasOption(action, 'config')) return;
  if (action.getOptionValue('config') === undefined && isFile(LOCAL_CONFIG)) {
    action.setOptionValueWithSource('config', LOCAL_CONFIG, 'default');
  }
}

function hasOption(command: Command, key: string): boolean {
  return command.options.some((option) => option.attributeName() === key);
}

function topLevelName(command: Command): string {
  let top = command;
  while (top.parent?.parent) top = top.parent;
  return top.name();
}
