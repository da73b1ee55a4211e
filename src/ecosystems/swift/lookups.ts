/** What of a Swift package is looked up in the advisories. */
import type { Repository } from '../../model/package.ts';
import { lookupsOf } from '../osv-language.ts';

/** Where they come from. */
export const SWIFT: Repository = { name: 'swift', uri: 'https://swiftpackageindex.com/' };

/** The one scope of all of them. */
export const SWIFT_SCOPE = 'swift';

/** OSV names a package by its repository, without scheme; hosts take names that differ in case for one. */
export function normaliseName(name: string): string {
  return name
    .replace(/^[a-z][a-z+.-]*:\/\//i, '')
    .replace(/^[\w.-]+@([^/:]+):/, '$1/')
    .replace(/^[^/@]*@/, '')
    .replace(/(?:\.git)?\/*$/, '')
    .toLowerCase();
}

/** A package at its version. */
export const lookups = lookupsOf({ scope: SWIFT_SCOPE, repository: SWIFT, normaliseName });
