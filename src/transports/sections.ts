/** What the configuration of the notifier learns from the list of transports. */
import type { z } from 'zod';
import { type ListedTransport, transports } from './index.ts';
import type { TransportKind } from './kind.ts';

/** The settings of those that are configured, by name. */
export type TransportSettings = {
  readonly [Kind in ListedTransport as Kind['name']]?: z.output<Kind['schema']> | null | undefined;
};

/** A transport that is configured, and its settings. */
export interface ConfiguredTransport {
  readonly kind: TransportKind;
  readonly settings: unknown;
}

/** Returns a member of the notifier's schema for each transport. */
export function transportSections(): {
  [Kind in ListedTransport as Kind['name']]: z.ZodOptional<z.ZodNullable<Kind['schema']>>;
} {
  const sections = transports.map(({ name, schema }) => [name, describedAs(schema)] as const);
  return Object.fromEntries(sections) as unknown as ReturnType<typeof transportSections>;
}

function describedAs(schema: z.ZodType): z.ZodType {
  return schema.nullish().describe(schema.description ?? '');
}

/** Returns the transports that `settings` configure, in the order of the list. */
export function configuredTransports(settings: TransportSettings): ConfiguredTransport[] {
  const kinds: readonly TransportKind[] = transports;
  const given: Readonly<Record<string, unknown>> = settings;
  return kinds
    .map((kind) => ({ kind, settings: given[kind.name] }))
    .filter(({ settings }) => settings != null);
}

/** Returns the names of all transports as a sentence has them: `a, b or c`. */
export function transportNames(): string {
  const names = transports.map(({ name }) => name);
  return `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;
}
