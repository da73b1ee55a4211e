/** Which files can run, by their first bytes. */
import type { RunnableKind } from '../../model/ledger.ts';
import { isElf } from './elf.ts';
import { isMachO } from './macho.ts';
import { isPe } from './pe.ts';

/** Bytes that are enough to tell: the header of a Windows program begins within them. */
export const RUNNABLE_HEAD = 1024;

/** Archives that Java and its servers run, by what they are called: any other zip is only data. */
const JAVA_ARCHIVE = /\.(?:[jwerspnkh]ar|jpi|hpi|lpkg)$/i;

/** What `\s` is in Latin-1. */
const BLANKS = new Set([0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x20, 0xa0]);

const FIRST_BYTES = new Set([0x7f, 0x4d, 0x23, 0x50, 0x00, 0xfe, 0xce, 0xcf, 0xca]);

/** Whether a file that begins so is worth a look: asked of every file. */
export function mayRun(firstByte: number): boolean {
  return FIRST_BYTES.has(firstByte);
}

/**
 * What a file of this name, permissions and beginning is; undefined: it cannot run. Programs and libraries count whatever
 * their permissions, as loaders do not ask; a script only runs by itself if it may.
 */
export function runnableKind(path: string, mode: number, head: Buffer): RunnableKind | undefined {
  // The shortest script is `#!x`.
  if (head.length < 4 && head[0] !== 0x23) return undefined;
  switch (head[0]) {
    case 0x7f:
      return isElf(head) ? 'elf' : undefined;
    case 0x4d:
      return isPe(head) ? 'pe' : undefined;
    case 0x23:
      return (mode & 0o111) !== 0 && isScript(head) ? 'script' : undefined;
    case 0x50:
      return head.readUInt32BE(0) === 0x504b0304 && JAVA_ARCHIVE.test(path) ? 'jar' : undefined;
    case 0x00:
      return head.readUInt32BE(0) === 0x0061736d ? 'wasm' : undefined;
    default:
      return isMachO(head) ? 'mach-o' : undefined;
  }
}

/** execve(2): `#!`, blanks, and the path of an interpreter. */
function isScript(head: Buffer): boolean {
  if (head[1] !== 0x21) return false;
  let at = 2;
  while (at < 64 && (head[at] === 0x20 || head[at] === 0x09)) at++;
  const first = at < 64 ? head[at] : undefined;
  return first !== undefined && !BLANKS.has(first);
}
