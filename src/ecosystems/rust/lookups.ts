/** What of a Rust program is looked up in the advisories. */

import { lookupsOf } from '../osv-language.ts';
import { CRATES } from './detect-auditable.ts';

/** The one scope of all crates. */
export const CRATES_SCOPE = 'crates.io';

/**
 * A crate at its version. One that did not come from crates.io (it has a `module`) is looked up too, but as a version
 * that cannot be compared: it may be a changed copy of the crate of that name, or only share the name. Where there are
 * advisories it comes out as undecided, never as safe.
 */
export const lookups = lookupsOf({ scope: CRATES_SCOPE, repository: CRATES }, ({ version, module }) =>
  module ? `${version} (${module})` : version,
);
