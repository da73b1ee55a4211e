/** The commands of `clairctl`: what the list of them says, and where each is loaded from when it is wanted. */
import type { Command } from 'commander';

/** A command that is not loaded yet. */
export interface CommandEntry {
  readonly name: string;
  /** One line, for the list of commands. */
  readonly summary: string;
  /** Heading of the help under which it is listed. */
  readonly group: string;
  readonly load: () => Promise<Command>;
  /** Without --config and CLAIR_CONF it takes `config.yaml` of the current directory if that is there, as in Clair. */
  readonly usesLocalConfig?: boolean;
}

const LOCAL = 'Scan on this machine, without a service:';
const REMOTE = 'Work with a Clair service:';
const OPERATE = 'Operate a Clair service:';
export const OTHER = 'Other commands:';

/** In the order of the help. A command's modules are imported when it is run: the rest should cost nothing. */
export const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'scan',
    summary: 'scan an image, directory or SBOM',
    group: LOCAL,
    load: async () => (await import('./scan/scan-command.ts')).scanCommand(),
  },
  {
    name: 'explain',
    summary: 'explain why a vulnerability affects an image, or does not',
    group: LOCAL,
    load: async () => (await import('./scan/explain-command.ts')).explainCommand(),
  },
  {
    name: 'diff',
    summary: 'compare two images, or one image at two dates',
    group: LOCAL,
    load: async () => (await import('./scan/diff-command.ts')).diffCommand(),
  },
  {
    name: 'convert',
    summary: 'write a saved report in other formats',
    group: LOCAL,
    load: async () => (await import('./scan/convert-command.ts')).convertCommand(),
  },
  {
    name: 'db',
    summary: 'update, inspect, export or import the advisory database',
    group: LOCAL,
    load: async () => (await import('./database/db-command.ts')).dbCommand(),
  },
  {
    name: 'report',
    summary: 'request vulnerability reports for images',
    group: REMOTE,
    load: async () => (await import('./remote/report-command.ts')).reportCommand(),
    usesLocalConfig: true,
  },
  {
    name: 'manifest',
    summary: 'print the manifest of an image that Clair indexes',
    group: REMOTE,
    load: async () => (await import('./remote/manifest-command.ts')).manifestCommand(),
  },
  {
    name: 'delete',
    summary: 'delete index reports by manifest digest',
    group: REMOTE,
    load: async () => (await import('./remote/delete-command.ts')).deleteCommand(),
    usesLocalConfig: true,
  },
  {
    name: 'export-updaters',
    summary: 'export all feeds to a file',
    group: OPERATE,
    load: async () => (await import('./database/export-updaters.ts')).exportUpdatersCommand(),
    usesLocalConfig: true,
  },
  {
    name: 'import-updaters',
    summary: 'load advisories from a file, URL or stdin',
    group: OPERATE,
    load: async () => (await import('./database/import-updaters.ts')).importUpdatersCommand(),
    usesLocalConfig: true,
  },
  {
    name: 'check-config',
    summary: 'validate configuration files and print the merged result',
    group: OPERATE,
    load: async () => (await import('./admin/check-config-command.ts')).checkConfigCommand(),
  },
  {
    name: 'doctor',
    summary: 'check feeds, databases, registry, proxies and certificates',
    group: OPERATE,
    load: async () => (await import('./admin/doctor-command.ts')).doctorCommand(),
  },
  {
    name: 'admin',
    summary: 'migrate the databases, and run the upgrade tasks of Clair v4',
    group: OPERATE,
    load: async () => (await import('./admin/admin-command.ts')).adminCommand(),
    usesLocalConfig: true,
  },
  {
    name: 'mcp',
    summary: 'serve scans to AI assistants over stdio (Model Context Protocol)',
    group: OTHER,
    load: async () => (await import('./mcp/mcp-command.ts')).mcpCommand(),
  },
  {
    name: 'words',
    summary: 'list commands and flags of other scanners and their equivalents',
    group: OTHER,
    load: async () => (await import('./words-command.ts')).wordsCommand(),
  },
  {
    name: 'version',
    summary: 'print the version',
    group: OTHER,
    load: async () => (await import('./version-command.ts')).versionCommand(),
  },
  {
    name: 'completion',
    summary: 'print a completion script for bash, zsh or fish',
    group: OTHER,
    load: async () => (await import('./completion-command.ts')).completionCommand(loadAll),
  },
];

export const COMMAND_NAMES: readonly string[] = COMMANDS.map(({ name }) => name);

async function loadAll(): Promise<Command[]> {
  return await Promise.all(COMMANDS.map(async ({ load, summary }) => (await load()).summary(summary)));
}
