/** Writes update operations as JSON lines: the envelope of claircore 1.5.52. */
import { randomUUID } from 'node:crypto';
import type { FeedKind } from '../store/feeds.ts';

/** Clair writes no longer line, and its reader takes none. */
const MAX_RECORD = 1024 * 1024;

export interface OperationHead {
  readonly updater: string;
  readonly fingerprint: string;
  readonly date: Date;
  readonly kind: FeedKind;
}

/** Makes the lines of one operation of the JSON of its records; undefined: over `MAX_RECORD`. */
export function lineWriter({
  updater,
  fingerprint,
  date,
  kind,
}: OperationHead): (record: string) => string | undefined {
  const start = JSON.stringify({
    Updater: updater,
    Fingerprint: fingerprint,
    Date: date.toISOString(),
    Ref: randomUUID(),
  }).slice(0, -1);
  const member = kind === 'vulnerability' ? 'Vuln' : 'Enrichment';
  return (record) => {
    const line = asGo(`${start},"${member}":${record},"Kind":"${kind}"}\n`);
    return line.length > MAX_RECORD || Buffer.byteLength(line) > MAX_RECORD ? undefined : line;
  };
}

/** Go escapes the line separators of Unicode, which JSON allows as they are. */
function asGo(json: string): string {
  return /[\u2028\u2029]/.test(json)
    ? json.replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')
    : json;
}
