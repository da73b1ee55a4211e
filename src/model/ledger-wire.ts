/** The ledger in JSON, and the way back. */

import type { z } from 'zod';
import type { LedgerWire as LedgerSchema } from './api/index-report.ts';
import type { Digest } from './digest.ts';
import { recordOf } from './json-object.ts';
import {
  ACCOUNT_NAMES,
  type Account,
  type AccountTotal,
  type Ledger,
  MARK_NAMES,
  MAX_UNACCOUNTED,
  RUNNABLE_KINDS,
  type UnaccountedFile,
} from './ledger.ts';

export type LedgerWire = z.infer<typeof LedgerSchema>;

export function ledgerToWire({ accounts, unaccounted }: Ledger): LedgerWire {
  return {
    accounts: { ...accounts },
    unaccounted: unaccounted.map(({ path, size, kind, marks, layer }) => ({
      path,
      size,
      kind,
      ...(marks.length > 0 && { marks: [...marks] }),
      layer,
    })),
  };
}

/** What is of another type counts as not there. */
export function ledgerFromWire(value: unknown): Ledger {
  const { accounts, unaccounted } = recordOf(value);
  const files = Array.isArray(unaccounted) ? unaccounted.slice(0, MAX_UNACCOUNTED) : [];
  return {
    accounts: Object.fromEntries(
      ACCOUNT_NAMES.map((name) => [name, totalFrom(recordOf(accounts)[name])]),
    ) as Record<Account, AccountTotal>,
    unaccounted: files.flatMap(fileFrom),
  };
}

function totalFrom(value: unknown): AccountTotal {
  const { files, bytes } = recordOf(value);
  return { files: numberOf(files), bytes: numberOf(bytes) };
}

function fileFrom(value: unknown): UnaccountedFile[] {
  const { path, size, kind, marks, layer } = recordOf(value);
  const known = RUNNABLE_KINDS.find((each) => each === kind);
  if (typeof path !== 'string' || typeof layer !== 'string' || known === undefined) return [];
  const told = Array.isArray(marks) ? marks : [];
  return [
    {
      path,
      size: numberOf(size),
      kind: known,
      marks: MARK_NAMES.filter((mark) => told.includes(mark)),
      layer: layer as Digest,
    },
  ];
}

function numberOf(value: unknown): number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : 0;
}
