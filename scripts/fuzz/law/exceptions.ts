/** What the law of readers leaves out: damage that the bytes do not show. Each with its reason; `docs/contributing/fuzzing.md` tells them. */
import type { Damage } from './damage.ts';

interface Damaged {
  readonly detector: { readonly id: string };
  readonly wrap: unknown;
}

interface Exception {
  /** Ids of detectors. */
  readonly of: RegExp;
  readonly damages: readonly Damage[];
  /** Of the damaged content; default: any. */
  readonly when?: (content: Buffer, reader: Damaged) => boolean;
  readonly reason: string;
}

const ALL: readonly Damage[] = ['truncated', 'padded', 'oversized', 'garbled', 'nested'];
const PUT_IN: readonly Damage[] = ['padded', 'oversized', 'garbled', 'nested'];

export const EXCEPTIONS: readonly Exception[] = [
  {
    of: /./,
    damages: ['truncated'],
    when: (content) => content.length === 0,
    reason: 'an empty file is a database of nothing, or no file of that kind',
  },
  {
    of: /^(?:apk|dpkg|.*-lock|go-mod|pacman)$/,
    damages: ['truncated'],
    when: (content) => content.at(-1) === 0x0a,
    reason: 'cut exactly behind a line, in a format of lines that has no mark of its end',
  },
  {
    of: /^(?:dpkg-distroless|python|ruby|python-lock)$/,
    damages: ['truncated'],
    reason: 'the last line need not end with a line break, and nothing marks the end',
  },
  {
    of: /^(?:gobin|cargo-auditable|program)$/,
    damages: ALL,
    when: (_, { wrap }) => wrap === undefined,
    reason: 'a program whose headers are damaged does not run, and without its marks it is any other program',
  },
  {
    of: /^gobin$/,
    damages: ALL,
    when: (_, { wrap }) => wrap !== undefined,
    reason: 'in a sound frame: fewer lines, or a kind of line that a newer Go may add',
  },
  {
    of: /^java$/,
    damages: ALL,
    when: (content, { wrap }) =>
      wrap !== undefined || !content.subarray(0, 4).equals(ZIP) || content.length < 22,
    reason:
      'neither the head nor the directory of an archive, which Java does not open; or a manifest that names nothing',
  },
  {
    of: /^(?:rhel_|bitnami$|program$)/,
    damages: ALL,
    reason: 'a file without the fields of a package is of another kind, and many of the same name are',
  },
  {
    of: /^(?:apk|dpkg|dotnet-deps|dotnet-bundle|java|.*-lock|go-mod|rhel-repository-scanner|sbom)$/,
    damages: PUT_IN,
    reason: 'a heading, key, mark or state of a record that the damage made another, allowed one',
  },
];

const ZIP = Buffer.from('PK\x03\x04', 'latin1');

/** The first exception that a silent case falls under. */
export function exceptionOf(reader: Damaged, damage: Damage, content: Buffer): Exception | undefined {
  return EXCEPTIONS.find(
    ({ of, damages, when }) =>
      of.test(reader.detector.id) && damages.includes(damage) && (when?.(content, reader) ?? true),
  );
}
