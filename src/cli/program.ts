/** `clairctl` as a whole: its options, its list of commands, and of them the one that is wanted. */

import { Command, Help } from 'commander';
import { COMMANDS, type CommandEntry, OTHER } from './commands.ts';
import { commandWithEnvironment, ENVIRONMENT_RULE, variableOf } from './flags/flag-environment.ts';
import { addGlobalOptions } from './flags/global-options.ts';
import { withoutOpposite } from './foreign/opposites.ts';
import { inheritGlobals } from './inherit-globals.ts';
import { misuseText } from './misuse-text.ts';

/** Columns of a help. */
const WIDTH = 100;

const HELP = `Also: NO_COLOR, HTTP_PROXY, HTTPS_PROXY, NO_PROXY, DOCKER_CONFIG, REGISTRY_AUTH_FILE.

Exit codes:
  0  success
  1  failure, or wrong usage
  2  scan, diff: the --fail-on gate failed
  3  scan, explain, diff: incomplete, some packages were not checked;
     admin pending: migrations are pending; an unknown command without arguments

Examples:
  clairctl scan registry.example.com/team/app:1.0
  clairctl scan --fail-on critical,kev docker-archive:app.tar
  clairctl report --host http://clair.example.com:6060/ registry.example.com/team/app:1.0
`;

/** The program for these arguments: the command that they name is loaded, of the others there are only names. */
export async function createProgram(argv: readonly string[]): Promise<Command> {
  const wanted = commandIn(argv);
  const program = bareProgram();
  for (const entry of COMMANDS) {
    program.addCommand(
      entry.name === wanted
        ? await loaded(entry)
        : new Command(entry.name).summary(entry.summary).helpGroup(entry.group),
    );
  }
  return program;
}

/** The program with all of its commands: for documents and completions. */
export async function loadProgram(): Promise<Command> {
  const program = bareProgram();
  for (const entry of COMMANDS) program.addCommand(await loaded(entry));
  return program;
}

// differs: a wrong flag or value is exit code 1 with one line on stderr, where Clair prints the help on stdout and exits
// with 0 (clair-service.md#global-options)
function bareProgram(): Command {
  const program = addGlobalOptions(shapeHelp(commandWithEnvironment('clairctl')))
    .description('Scan container images for known vulnerabilities, and work with a Clair service.')
    .usage('[global options] <command> [options]')
    .enablePositionalOptions()
    .commandsGroup(OTHER)
    .showHelpAfterError('List commands with "clairctl --help"; scan an image with "clairctl scan NAME".')
    .helpCommand('help [command]', 'show help for a command')
    .addHelpText('after', HELP)
    .exitOverride();
  return program.hook('preAction', (_, action) => inheritGlobals(program, action));
}

async function loaded({ name, summary, group, load }: CommandEntry): Promise<Command> {
  const command = (await load()).summary(summary).helpGroup(group);
  for (const each of [command, ...command.commands]) {
    shapeHelp(each)
      .exitOverride()
      .showHelpAfterError(
        `Show options with "clairctl ${[name, ...(each === command ? [] : [each.name()])].join(' ')} --help".`,
      );
  }
  return command;
}

/** Wide enough for one line an option, narrow enough to be read. */
function shapeHelp(command: Command): Command {
  const width = (): number => Math.min(process.stdout.columns ?? WIDTH, WIDTH);
  return command
    .helpOption('-h, --help', 'show help')
    .configureOutput({
      getOutHelpWidth: width,
      outputError: (text, write) => write(misuseText(withoutOpposite(text))),
    })
    .configureHelp({
      formatHelp(of, helper) {
        const text = Help.prototype.formatHelp.call(this, of, helper);
        return of.options.length === 0 ? text : `${text}\n${ENVIRONMENT_RULE}\n`;
      },
      optionDescription(option) {
        const { description, defaultValue, defaultValueDescription, argChoices, envVar } = option;
        const isOff = defaultValue === undefined || defaultValue === false;
        const notes = [
          ...(argChoices && !argChoices.every((choice) => description.includes(choice))
            ? [argChoices.join(', ')]
            : []),
          ...(isOff ? [] : [`default: ${defaultValueDescription ?? String(defaultValue)}`]),
          ...(envVar === undefined || envVar === variableOf(option) ? [] : [`env ${envVar}`]),
        ];
        return notes.length === 0 ? description : `${description} (${notes.join('; ')})`;
      },
    });
}

/** The name of a command in `argv`, if there is one: the first word that is neither an option nor the value of one. */
export function commandIn(argv: readonly string[]): string | undefined {
  let word = 0;
  for (; argv[word]?.startsWith('-'); word++) {
    if (/^(-c|--config|--issuer)$/.test(argv[word]!)) word++;
  }
  return argv[word] === 'help' ? argv[word + 1] : argv[word];
}
