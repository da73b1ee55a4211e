/** What of a Julia package is looked up in the advisories. */
import type { Repository } from '../../model/package.ts';
import { lookupsOf } from '../osv-language.ts';

/** Where they come from. */
export const JULIA: Repository = { name: 'julia', uri: 'https://juliahub.com/' };

/** The one scope of all of them. */
export const JULIA_SCOPE = 'julia';

/** A package at its version. */
export const lookups = lookupsOf({ scope: JULIA_SCOPE, repository: JULIA });
