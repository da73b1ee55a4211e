/** What of a Dart package is looked up in the advisories. */
import type { Repository } from '../../model/package.ts';
import { lookupsOf } from '../osv-language.ts';

/** Where they come from. */
export const PUB: Repository = { name: 'pub', uri: 'https://pub.dev/' };

/** The one scope of all of them. */
export const PUB_SCOPE = 'pub';

/** A package at its version. */
export const lookups = lookupsOf({ scope: PUB_SCOPE, repository: PUB });
