/** Programs and shared libraries, whatever their format: ELF, PE or Mach-O. */
import type { RandomAccessFile } from '../../contract/detector.ts';
import { isElf, readElf } from './elf.ts';
import { isMachO, readMachO } from './macho.ts';
import { isPe, readPe } from './pe.ts';
import type { Executable } from './regions.ts';

/** Whether a file that begins so may be a program. */
export function isProgram(head: Buffer): boolean {
  return isElf(head) || isPe(head) || isMachO(head);
}

/** Several detectors look at each program of an image: its headers are read for the first, and gone with the file. */
const known = new WeakMap<RandomAccessFile, readonly Executable[]>();

/** The programs in the file (several only in a universal one); none if it is none or its headers cannot be read. */
export function executablesIn(file: RandomAccessFile): readonly Executable[] {
  let executables = known.get(file);
  if (executables === undefined) {
    const single = readElf(file) ?? readPe(file);
    executables = single ? [single] : readMachO(file);
    known.set(file, executables);
  }
  return executables;
}
