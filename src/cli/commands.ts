/** The commands of `clairctl`: what the list of them says, and where each is loaded from when it is wanted. */
import type { Command } from 'commander';

/** A command that is not loaded yet. */
export interface CommandEntry {
  readonly name: string;
  /** One line, for the list of commands. */
  readonly summary: string;
  readonly load: () => Promise<Command>;
  /** Without --config and CLAIR_CONF it takes `config.yaml` of the current directory if that is there, as in Clair. */
  readonly usesLocalConfig?: boolean;
}

/** In the order of the help. A command's modules are imported when it is run: the rest should cost nothing. */
export const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'scan',
    summary: 'find the known vulnerabilities of one image',
    load: async () => (await import('./scan/scan-command.ts')).scanCommand(),
  },
  {
    name: 'explain',
    summary: 'show why a vulnerability counts for an image, or not',
    load: async () => (await import('./scan/explain-command.ts')).explainCommand(),
  },
  {
    name: 'diff',
    summary: 'show what differs between two images, or two dates of the feeds',
    load: async () => (await import('./scan/diff-command.ts')).diffCommand(),
  },
  {
    name: 'convert',
    summary: 'write a report of scan in other formats',
    load: async () => (await import('./scan/convert-command.ts')).convertCommand(),
  },
  {
    name: 'db',
    summary: 'the database of advisories',
    load: async () => (await import('./database/db-command.ts')).dbCommand(),
  },
  {
    name: 'report',
    summary: 'request vulnerability reports for the named containers',
    load: async () => (await import('./remote/report-command.ts')).reportCommand(),
    usesLocalConfig: true,
  },
  {
    name: 'manifest',
    summary: 'print a clair manifest for the named container',
    load: async () => (await import('./remote/manifest-command.ts')).manifestCommand(),
  },
  {
    name: 'delete',
    summary: 'delete index reports for given manifest digests',
    load: async () => (await import('./remote/delete-command.ts')).deleteCommand(),
    usesLocalConfig: true,
  },
  {
    name: 'export-updaters',
    summary: 'run updaters and export results',
    load: async () => (await import('./database/export-updaters.ts')).exportUpdatersCommand(),
    usesLocalConfig: true,
  },
  {
    name: 'import-updaters',
    summary: 'import updates from a file, a URL or stdin',
    load: async () => (await import('./database/import-updaters.ts')).importUpdatersCommand(),
    usesLocalConfig: true,
  },
  {
    name: 'check-config',
    summary: 'check configuration files, and print what they come to',
    load: async () => (await import('./admin/check-config-command.ts')).checkConfigCommand(),
  },
  {
    name: 'admin',
    summary: 'run administrator task',
    load: async () => (await import('./admin/admin-command.ts')).adminCommand(),
    usesLocalConfig: true,
  },
  {
    name: 'words',
    summary: 'print which words of other scanners are read, and as what',
    load: async () => (await import('./words-command.ts')).wordsCommand(),
  },
  {
    name: 'version',
    summary: 'print the version',
    load: async () => (await import('./version-command.ts')).versionCommand(),
  },
  {
    name: 'completion',
    summary: 'print a completion script for bash, zsh or fish',
    load: async () => (await import('./completion-command.ts')).completionCommand(loadAll),
  },
];

export const COMMAND_NAMES: readonly string[] = COMMANDS.map(({ name }) => name);

async function loadAll(): Promise<Command[]> {
  return await Promise.all(COMMANDS.map(async ({ load, summary }) => (await load()).summary(summary)));
}
