/** Completion scripts for shells, from the commands themselves. */
import type { Command, Option } from 'commander';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;

export type Shell = (typeof SHELLS)[number];

/** A command as completion sees it. */
interface Entry {
  /** Below the program: `['db', 'update']`. */
  readonly path: readonly string[];
  readonly summary: string;
  readonly options: readonly Option[];
  readonly commands: readonly { readonly name: string; readonly summary: string }[];
}

/** The script for `shell`; `program` has all of its commands. */
export function completionScript(program: Command, shell: Shell): string {
  const entries = [...entriesOf(program, [])];
  switch (shell) {
    case 'bash':
      return bash(program.name(), entries);
    case 'zsh':
      return zsh(program.name(), entries);
    case 'fish':
      return fish(program.name(), entries);
  }
}

function* entriesOf(command: Command, path: readonly string[]): Generator<Entry> {
  const help = command.createHelp();
  yield {
    path,
    summary: command.summary() || command.description(),
    options: help.visibleOptions(command),
    commands: command.commands.map((each) => ({
      name: each.name(),
      summary: each.summary() || each.description(),
    })),
  };
  for (const each of command.commands) yield* entriesOf(each, [...path, each.name()]);
}

const namesOf = ({ short, long }: Option): string[] => [short, long].filter((name) => name !== undefined);
const takesValue = ({ required, optional }: Option): boolean => required || optional;
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
/** Without line ends, and what a shell would expand. */
const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim();

/** The words of the command so far, without options and their values, choose the case. */
function bash(name: string, entries: readonly Entry[]): string {
  const valued = [...new Set(entries.flatMap(({ options }) => options.filter(takesValue).flatMap(namesOf)))];
  const cases = entries.map(({ path, options, commands }) => {
    const words = [...options.flatMap(namesOf), ...commands.map((each) => each.name)].join(' ');
    const choices = options
      .filter(({ argChoices }) => argChoices !== undefined)
      .map((option) => `${namesOf(option).join('|')}) words=${quoted(option.argChoices!.join(' '))} ;;`);
    return [
      `    ${quoted(path.join(' '))})`,
      `      words=${quoted(words)}`,
      ...(choices.length > 0 ? [`      case $previous in ${choices.join(' ')} esac`] : []),
      '      ;;',
    ].join('\n');
  });
  return `# Completion of ${name} for bash: source it, or copy it to the directory of bash-completion.
_${name}() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} path='' words='' word skip=0
  # --flag=value comes as three words
  if [ "$current" = = ]; then current=''; elif [ "$previous" = = ]; then previous=\${COMP_WORDS[COMP_CWORD-2]}; fi
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    if [ "$skip" = 1 ]; then skip=0; continue; fi
    case $word in
      ${valued.join('|')}) skip=1 ;;
      -*) ;;
      *) case "$path $word" in ${pathPattern(entries)}) path="\${path:+$path }$word" ;; esac ;;
    esac
  done
  case $path in
${cases.join('\n')}
  esac
  if [[ $current != -* && $previous == -* && $skip = 1 ]] && [[ $words == -* ]]; then words=''; fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  [ \${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -f -- "$current"))
}
complete -o filenames -F _${name} ${name}
`;
}

/** Each path with the space before it that a longer one would have. */
function pathPattern(entries: readonly Entry[]): string {
  const paths = entries.filter(({ path }) => path.length > 0).map(({ path }) => path.join(' '));
  return paths.map((path) => quoted(path.includes(' ') ? path : ` ${path}`)).join('|');
}

function zsh(name: string, entries: readonly Entry[]): string {
  const functionOf = (path: readonly string[]): string => ['', name, ...path].join('_').replaceAll('-', '_');
  const bracket = (text: string): string => oneLine(text).replace(/[[\]:\\]/g, '\\$&');
  const bodies = entries.map(({ path, options, commands }) => {
    const specs = options.map((option) => {
      const action = option.argChoices ? `(${option.argChoices.join(' ')})` : '_files';
      const value = takesValue(option) ? `:value:${action}` : '';
      // A long one takes its value as the next word or after "=".
      const names = namesOf(option).map((each) =>
        value !== '' && each.startsWith('--') ? `${each}=` : each,
      );
      const text = `[${bracket(option.description)}]${value}`;
      return names.length > 1 ? `{${names.join(',')}}${quoted(text)}` : quoted(`${names[0]}${text}`);
    });
    const list = commands.map((each) => quoted(`${each.name}:${bracket(each.summary)}`)).join(' ');
    const dispatch = commands.map((each) => `        ${each.name}) ${functionOf([...path, each.name])} ;;`);
    // -A: options after the name of a command are those of that command, whatever their names.
    const ofCommand = commands.length > 0 ? "-A '-*' " : '';
    return `${functionOf(path)}() {
  local state line
  _arguments -C ${ofCommand}\\
    ${[...specs, ...(commands.length > 0 ? ["'1: :->command'", "'*:: :->rest'"] : ["'*:target:_files'"])].join(' \\\n    ')}
${
  commands.length === 0
    ? ''
    : `  case $state in
    command) local -a commands=(${list}); _describe command commands ;;
    rest)
      case $line[1] in
${dispatch.join('\n')}
      esac ;;
  esac
`
}}`;
  });
  return `#compdef ${name}
# Completion of ${name} for zsh: put it as _${name} into a folder of $fpath, or source it.
${bodies.join('\n')}
if [ "$funcstack[1]" = _${name} ]; then _${name} "$@"; else compdef _${name} ${name}; fi
`;
}

function fish(name: string, entries: readonly Entry[]): string {
  const lines = entries.flatMap(({ path, options, commands }) => {
    const names = commands.map((each) => each.name);
    const seen = path.map((word) => `__fish_seen_subcommand_from ${word}`);
    const condition = quoted(path.length === 0 ? '__fish_use_subcommand' : seen.join('; and '));
    const isOpen =
      path.length === 0
        ? condition
        : quoted([...seen, `not __fish_seen_subcommand_from ${names.join(' ')}`].join('; and '));
    return [
      ...commands.map(
        (each) => `complete -c ${name} -f -n ${isOpen} -a ${each.name} -d ${quoted(oneLine(each.summary))}`,
      ),
      ...options.map((option) => {
        const flags = namesOf(option).map((each) =>
          each.startsWith('--') ? `-l ${each.slice(2)}` : `-s ${each.slice(1)}`,
        );
        const value = option.argChoices
          ? ` -x -a ${quoted(option.argChoices.join(' '))}`
          : takesValue(option)
            ? ' -r'
            : '';
        return `complete -c ${name} -n ${condition} ${flags.join(' ')}${value} -d ${quoted(oneLine(option.description))}`;
      }),
    ];
  });
  return `# Completion of ${name} for fish: copy it to ~/.config/fish/completions/${name}.fish\n${lines.join('\n')}\n`;
}
