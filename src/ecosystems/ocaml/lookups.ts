/** What of an OCaml package is looked up in the advisories. */
import type { Repository } from '../../model/package.ts';
import { lookupsOf } from '../osv-language.ts';

/** Where they come from. */
export const OPAM: Repository = { name: 'opam', uri: 'https://opam.ocaml.org/' };

/** The one scope of all of them. */
export const OPAM_SCOPE = 'opam';

/** A package at its version. */
export const lookups = lookupsOf({ scope: OPAM_SCOPE, repository: OPAM });
