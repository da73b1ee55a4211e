/** Systems that a Rust program can be for, by its format: names are Rust's (`target_os`, `target_arch`). */
import type { Executable, ExecutableFormat } from '../../formats/programs/regions.ts';

const SYSTEMS: Readonly<Record<ExecutableFormat, readonly string[]>> = {
  elf: [
    'android',
    'dragonfly',
    'freebsd',
    'fuchsia',
    'haiku',
    'hurd',
    'illumos',
    'linux',
    'netbsd',
    'openbsd',
    'redox',
    'solaris',
  ],
  pe: ['cygwin', 'uefi', 'windows'],
  'mach-o': ['ios', 'macos', 'tvos', 'visionos', 'watchos'],
};

/** ELF's e_machine, the machine of PE's COFF header, Mach-O's cputype. */
const ARCHITECTURES: Readonly<Record<ExecutableFormat, Readonly<Record<number, string>>>> = {
  elf: { 3: 'x86', 40: 'arm', 62: 'x86_64', 183: 'aarch64' },
  pe: { 332: 'x86', 452: 'arm', 34404: 'x86_64', 43620: 'aarch64' },
  'mach-o': { 7: 'x86', 12: 'arm', 16777223: 'x86_64', 16777228: 'aarch64' },
};

const KNOWN_SYSTEMS: ReadonlySet<string> = new Set(Object.values(SYSTEMS).flat());
const KNOWN_ARCHITECTURES: ReadonlySet<string> = new Set(
  Object.values(ARCHITECTURES).flatMap((each) => Object.values(each)),
);

/** All that may run it, as `linux/x86_64`; [] if its architecture is another. */
export function platformsOf({ format, machine }: Executable): string[] {
  const arch = ARCHITECTURES[format][machine];
  return arch === undefined ? [] : SYSTEMS[format].map((os) => `${os}/${arch}`);
}

/** Names of an advisory; undefined if it names none, or one that `platformsOf` does not tell: then any may be meant. */
export function knownSystems(names: readonly string[]): readonly string[] | undefined {
  return known(names, KNOWN_SYSTEMS);
}

export function knownArchitectures(names: readonly string[]): readonly string[] | undefined {
  return known(names, KNOWN_ARCHITECTURES);
}

function known(names: readonly string[], all: ReadonlySet<string>): readonly string[] | undefined {
  return names.length > 0 && names.every((name) => all.has(name)) ? names : undefined;
}
