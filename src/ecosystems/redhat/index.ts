/** Red Hat: rpms, with those of the other distributions that have rpm, and containers of its catalog. */
import type { Ecosystem } from '../../contract/ecosystem.ts';
import { rhcc } from './containers/index.ts';
import { rpm } from './rpms/index.ts';

/** Both share VEX documents, CPEs and mappings. */
export const redhat: readonly Ecosystem[] = [rpm, rhcc];
