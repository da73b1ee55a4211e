/** Modules of Fedora and EPEL: their packages and updates are in repositories of their own, which are scopes of their own. */
import type { Scope } from '../../../model/advisory.ts';

const FEDORA = /^(?:fedora|epel):\d+$/;

/** The scope of the modules of a release. */
export function modularScope({ key, ...rest }: Scope): Scope {
  return { ...rest, key: modularKey(key) };
}

/** The key of the scope that a package of `module` is in, where its release has `scope`. */
export function placeOf(scope: string, module: string | undefined): string {
  return module !== undefined && module !== '' && FEDORA.test(scope) ? modularKey(scope) : scope;
}

function modularKey(release: string): string {
  return `${release}:modular`;
}
