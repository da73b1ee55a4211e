/** What of a Haskell package is looked up in the advisories. */
import type { Repository } from '../../model/package.ts';
import { lookupsOf } from '../osv-language.ts';

/** Where they come from. */
export const HACKAGE: Repository = { name: 'hackage', uri: 'https://hackage.haskell.org/' };

/** The one scope of all of them. */
export const HACKAGE_SCOPE = 'hackage';

/** A package at its version. */
export const lookups = lookupsOf({ scope: HACKAGE_SCOPE, repository: HACKAGE });
