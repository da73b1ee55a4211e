/** Update operations as Clair writes them in JSON. */
import type { z } from 'zod';
import type { UpdateOperation } from '../../model/api/updates.ts';
import type { OperationRow } from '../store/update-operations.ts';

export type UpdateOperationWire = z.infer<typeof UpdateOperation>;

/** clair-quirk: `kind` is always empty. */
export function operationToWire({ ref, updater, fingerprint, date }: OperationRow): UpdateOperationWire {
  return { ref, updater, fingerprint, date, kind: '' };
}

/** What stands for "nothing before" in a diff. */
export const NO_OPERATION: UpdateOperationWire = {
  ref: '00000000-0000-0000-0000-000000000000',
  updater: '',
  fingerprint: '',
  date: '0001-01-01T00:00:00Z',
  kind: '',
};
