/** `matchers.config` of the configuration: scopes of which what has no fix is left out. */
import type { Ecosystem } from '../../contract/ecosystem.ts';
import { AppError } from '../../errors.ts';

/** Beginnings of the scopes that `ignore_unpatched` of some matcher is about. Throws `bad-config` if it is no boolean. */
export function fixedOnlyScopes(
  ecosystems: readonly Ecosystem[],
  config: Readonly<Record<string, unknown>> | null | undefined,
): string[] {
  return ecosystems
    .flatMap(({ unpatched = {} }) => Object.entries(unpatched))
    .flatMap(([matcher, scopes]) => (isOn(matcher, config?.[matcher]) ? scopes : []));
}

function isOn(matcher: string, settings: unknown): boolean {
  const { ignore_unpatched: value = false } = (settings ?? {}) as { ignore_unpatched?: unknown };
  if (typeof value === 'boolean') return value;
  throw new AppError(
    'bad-config',
    `matchers.config.${matcher}.ignore_unpatched: invalid value ${JSON.stringify(value)}: expected true or false`,
  );
}
