/** Values and resources as OTLP writes them in JSON. */
import type { Attributes } from '../../lib/work-context.ts';

export interface KeyValue {
  readonly key: string;
  readonly value: object;
}

/** Who speaks. */
export interface Resource {
  /** E.g. `clairv4/indexer`. */
  readonly service: string;
  readonly version: string;
}

export function keyValues(attributes: Attributes): KeyValue[] {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: otlpValue(value) }));
}

export function resourceOf({ service, version }: Resource): { attributes: KeyValue[] } {
  return { attributes: keyValues({ 'service.name': service, 'service.version': version }) };
}

/** ms since the epoch as nanoseconds: a 64-bit number is a string in JSON. */
export function nanoseconds(ms: number): string {
  return (BigInt(Math.floor(ms * 1000)) * 1000n).toString();
}

function otlpValue(value: string | number | boolean): object {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  return Number.isSafeInteger(value) ? { intValue: String(value) } : { doubleValue: value };
}
