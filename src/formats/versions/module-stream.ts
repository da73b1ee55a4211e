/** Streams of rpm's modules, by the labels and the releases of packages. */
import { ANY_MODULE } from '../../model/advisory.ts';

/** Which release such a build has: `1.module+el8.9.0+3700+aaaa`, `1.module_el8.9.0+…`. */
const MODULAR = /\.module[_+]/;

/** Whether a version (or a fix) is of a build for some stream of a module. */
export function isModular(version: string): boolean {
  return MODULAR.test(version);
}

/** `NAME:STREAM` of a label `NAME:STREAM[:VERSION[:CONTEXT[:ARCH]]]`; undefined if it is none. */
export function streamOf(label: string | undefined): string | undefined {
  return /^[^:\s]+:[^:\s]+/.exec(label ?? '')?.[0];
}

/** The stream that a package is of, by its label; `ANY_MODULE` where only its version says that it is of one. */
export function streamOfPackage(label: string | undefined, version: string): string | undefined {
  return streamOf(label) ?? (isModular(version) ? ANY_MODULE : undefined);
}
