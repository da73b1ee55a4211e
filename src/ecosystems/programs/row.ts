/** What a row of the tables says: which files may be a program, and how its version stands in them. */

/** Where a version stands: each place of `literal` is looked at, with so many bytes around it, until `version` fits. */
export interface VersionMark {
  readonly literal: string;
  /** Bytes before the literal and behind it that are looked at. */
  readonly before: number;
  readonly behind: number;
  /** Of that text; its first group is the version. */
  readonly version: RegExp;
  /** Nothing but its form speaks for it: it counts only if no other one of that form is in the file. */
  readonly isAlone?: true;
}

/** Of the name of the file: `python3.11` is what stands in it. */
export type VersionMarkOf = (path: string) => VersionMark | undefined;

/** How a version is read from a file that is looked at; '' is none. */
export type VersionReading = VersionMark | VersionMarkOf | 'build id';

/** A program that is recognised by its bytes. */
export interface ProgramRow {
  /** As `PRODUCTS` has it. */
  readonly name: string;
  /** Base names, without `.exe`. */
  readonly files?: readonly string[];
  /** Or ends of paths. */
  readonly like?: RegExp;
  /** Below this size it is something else of that name. */
  readonly atLeast?: number;
  /** The first that fits. */
  readonly readings: readonly VersionReading[];
  /** It is this one only if one of these is in it. */
  readonly needs?: readonly string[];
  /** It is of another maker if one of these is in it. */
  readonly unless?: readonly string[];
}

/** A program that is recognised by a text that lies with it, or by the name of a file alone. */
export interface TextRow {
  readonly name: string;
  /** The end of a path; without `version`, its first group is the version. */
  readonly like: RegExp;
  /** Of the beginning of the file. Each has to fit; their first groups, joined by points, are the version. */
  readonly version?: readonly RegExp[];
}

/** Numbers with points between them, and what names a pre-release: whole, as nothing that may go on stands behind it. */
export const FORM =
  '\\d{1,4}(?:\\.\\d{1,8}){1,4}(?!\\d)(?:-?(?:alpha|beta|rc|RC|dev|preview|pre|M|a|b)[-.]?\\d*(?!\\d))?';

/** What may not go on behind a version. */
const END = '(?![0-9A-Za-z]|\\.\\d)';

/** Behind `literal`. `form`: a version, as a regular expression. */
export function after(literal: string, form = FORM): VersionMark {
  return { literal, before: 0, behind: 64, version: new RegExp(`^${quoted(literal)}(${form})${END}`) };
}

/** Right before `literal` but for `gap`, a regular expression. */
export function before(literal: string, gap = '', form = FORM): VersionMark {
  return {
    literal,
    before: 96,
    behind: 0,
    version: new RegExp(`(?<![0-9A-Za-z.])(${form})${gap}${quoted(literal)}$`, 's'),
  };
}

/** A whole string, NUL before and behind, that begins so. */
export function whole(start: string, form: string): VersionMark {
  return {
    literal: `\0${start}`,
    before: 0,
    behind: 64,
    version: new RegExp(`^\0(${form})\0`),
    isAlone: true,
  };
}

function quoted(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
