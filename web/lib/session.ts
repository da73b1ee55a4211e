/** Who is signed in, and what they may do. */
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { ConsoleSession } from '../../src/model/api/console/types.ts';

export const SessionContext = createContext<ConsoleSession | undefined>(undefined);

export function useRole(role: ConsoleSession['roles'][number]): boolean {
  return useContext(SessionContext)?.roles.includes(role) ?? false;
}
