/** The flags by which `scan` knows what to write where: `--format`, `--output`, `--template`, `--sbom-output`. */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { AppError, messageOf } from '../../errors.ts';
import { formatNamed, KNOWN_FORMATS, namesFormat } from '../foreign/formats.ts';
import { FORMAT_NAMES, type FormatName } from '../formats/load-format.ts';

/** One thing to write; without `file` it goes to stdout. */
export interface ReportOutput {
  readonly format: FormatName;
  readonly file?: string;
}

/** A list of packages to write beside the report. */
export interface SbomOutput {
  readonly format: 'cyclonedx' | 'spdx';
  readonly file: string;
}

export interface OutputOptions {
  readonly format: readonly ReportOutput[];
  readonly output?: string;
  readonly template?: string;
  readonly sbomOutput?: readonly SbomOutput[];
}

/** All that is to be written. */
export interface Outputs {
  readonly reports: readonly ReportOutput[];
  readonly sboms: readonly SbomOutput[];
  readonly template?: { readonly text: string; readonly name: string };
}

const DEFAULT: readonly ReportOutput[] = [{ format: 'table' }];
const NAMES = FORMAT_NAMES;
const MAX_TEMPLATE = 1024 * 1024;
/** A comma in the name of a file is part of it, unless a format follows. */
const NEXT = new RegExp(`,(?=\\s*(?:${KNOWN_FORMATS.join('|')})\\s*(?:[=,]|$))`, 'i');

export function addOutputOptions(command: Command): Command {
  return command
    .addOption(
      new Option('-f, --format <format[=file]>', `one or more of ${NAMES.join(', ')}`)
        .choices(NAMES) // for completion; the parser after it reads lists and files, too
        .argParser(readFormats)
        .default(DEFAULT, 'table'),
    )
    .option('-o, --output <file>', 'write the report to a file (default: stdout)')
    .option('--template <file>', 'template for --format template')
    .addOption(
      new Option(
        '--sbom-output <file>',
        'also write an SBOM: CycloneDX, or SPDX for *.spdx.json or spdx=FILE',
      ).argParser(readSbomOutput),
    );
}

/** What was asked for, made sure that it can be done. Throws `bad-config` or `bad-target`. */
export async function outputsOf(options: OutputOptions): Promise<Outputs> {
  // An environment variable or a file of defaults can say it, too.
  if (options.output !== undefined && namesFormat(options.output))
    throw new AppError(
      'bad-config',
      `--output ${options.output} would write to a file of that name. For the format, use --format ${options.output}; for the file, --output ./${options.output}`,
    );
  const unnamed = options.format.filter(({ file }) => file === undefined);
  if (unnamed.length > 1) {
    const names = unnamed.map(({ format }) => format).join(' and ');
    throw new AppError(
      'bad-config',
      `--format ${names} both write to ${options.output ?? 'stdout'}. Give one a file, for example: ${unnamed[0]!.format}=FILE`,
    );
  }
  if (unnamed.length === 0 && options.output !== undefined) {
    throw new AppError(
      'bad-config',
      '--output is unused: every --format names its own file. Remove --output',
    );
  }
  const files = [...options.format, ...(options.sbomOutput ?? [])].flatMap(
    ({ file }) => file ?? options.output ?? [],
  );
  const twice = files.find((file, index) => files.indexOf(file) !== index);
  if (twice !== undefined)
    throw new AppError('bad-config', `two outputs write to ${twice}. Name different files`);
  const wantsTemplate = options.format.some(({ format }) => format === 'template');
  if (wantsTemplate !== (options.template !== undefined)) {
    throw new AppError('bad-config', '--format template and --template FILE require each other');
  }
  return {
    reports: options.format.map(({ format, file = options.output }) => ({
      format,
      ...(file !== undefined && { file }),
    })),
    sboms: options.sbomOutput ?? [],
    ...(options.template !== undefined && {
      template: { name: basename(options.template), text: await readTemplate(options.template) },
    }),
  };
}

async function readTemplate(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new AppError('bad-target', `cannot read template ${path}: ${messageOf(cause)}`, { cause });
  });
  if (text.length > MAX_TEMPLATE) throw new AppError('bad-target', `template ${path} exceeds 1 MiB`);
  return text;
}

/** `sarif=out.sarif,html=out.html`; what was given before stays, but not the default. */
function readFormats(text: string, before: readonly ReportOutput[]): readonly ReportOutput[] {
  return [...(before === DEFAULT ? [] : before), ...text.split(NEXT).map(readFormat)];
}

function readFormat(text: string): ReportOutput {
  const equals = text.indexOf('=');
  const name = (equals === -1 ? text : text.slice(0, equals)).trim().toLowerCase();
  const file = equals === -1 ? undefined : text.slice(equals + 1).trim();
  const known = formatNamed(name);
  if (known === undefined)
    throw new InvalidArgumentError(`expected one of ${NAMES.join(', ')}, or FORMAT=FILE.`);
  if ('refused' in known) throw new InvalidArgumentError(`${known.refused}.`);
  if (file === '') throw new InvalidArgumentError(`no file after ${name}=.`);
  return { format: known.format, ...(file !== undefined && { file }) };
}

function readSbomOutput(text: string, before: readonly SbomOutput[] = []): readonly SbomOutput[] {
  const [, name, named] = /^(cyclonedx|spdx)=(.+)$/s.exec(text) ?? [];
  const isSpdx = name === 'spdx' || (name === undefined && /\.spdx(\.json)?$/i.test(text));
  return [...before, { format: isSpdx ? 'spdx' : 'cyclonedx', file: named ?? text }];
}
