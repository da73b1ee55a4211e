/** For tests of detectors of programs: damaged ones. */
import fc from 'fast-check';

/** Gives `read` each of `valid` with bytes of its headers changed, and cut off: it must not throw. */
export function damage(valid: readonly Buffer[], read: (bytes: Buffer) => unknown): void {
  fc.assert(
    fc.property(
      fc.constantFrom(...valid),
      fc.array(fc.tuple(fc.nat(0x400), fc.nat(255)), { maxLength: 8 }),
      fc.option(fc.nat(0x400)),
      (bytes, changes, cut) => {
        const copy = Buffer.from(bytes.subarray(0, cut ?? undefined));
        for (const [at, value] of changes) if (at < copy.length) copy[at] = value;
        read(copy);
      },
    ),
    { numRuns: 3000 },
  );
}
