/** docs/reference/log-messages.md: every constant message in the source, with its level and fields. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What stands before the tables. */
export const ABOUT_LOGS = [
  'Services write one JSON object per line to stderr. This page lists the messages, so that you can search for them and write alert rules.',
  'Messages are constant; values are in fields. `log_level` in the configuration sets the lowest level that is written.',
  '',
  'Every line has `time`, `level` (in capitals) and `msg`. Lines about a request also have `request_id`, and lines about one job, feed or delivery',
  'its identifiers. A `reason` is the text of an error',
  '([errors](errors.md)). Secrets are replaced with `[hidden]`. After a `fatal` line the process ends.',
].join('\n');

const LEVELS = ['fatal', 'error', 'warn', 'info', 'debug'];

/** The call's text up to where its arguments begin: the log is called `log` wherever it is. */
const CALL = /\blog\.(fatal|error|warn|info|debug)\(/gi;

/** A text that is written as such: the message, or one of two if it is chosen. */
const TEXT = /'((?:[^'\\\n]|\\.)*)'|`((?:[^`\\]|\\.)*)`/g;

/** A member's name, also in an object that is spread on a condition. */
const MEMBER = /[{,]\s*(?:\.\.\.\([^{}]*\{\s*)?([a-z_]\w*)\s*(?=[,:}])/g;

export interface LogMessage {
  readonly level: string;
  readonly message: string;
  readonly fields: readonly string[];
}

/** Messages of each part of the source (`src/PART/`), in order of level and text; `paths` are relative to `root`. */
export function logMessages(root: string, paths: readonly string[]): Map<string, LogMessage[]> {
  const parts = new Map<string, Map<string, LogMessage>>();
  for (const path of paths) {
    const [, directory = '', ...rest] = path.split('/');
    const part = rest.length === 0 ? 'process' : directory;
    for (const said of messagesIn(readFileSync(join(root, path), 'utf8'))) {
      const known = parts.get(part) ?? new Map<string, LogMessage>();
      const key = `${said.level} ${said.message}`;
      const fields = [...new Set([...(known.get(key)?.fields ?? []), ...said.fields])];
      parts.set(part, known.set(key, { ...said, fields }));
    }
  }
  return new Map(
    [...parts]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([part, known]) => [part, [...known.values()].sort(inOrder)]),
  );
}

function inOrder(a: LogMessage, b: LogMessage): number {
  return LEVELS.indexOf(a.level) - LEVELS.indexOf(b.level) || (a.message < b.message ? -1 : 1);
}

function messagesIn(source: string): LogMessage[] {
  return [...source.matchAll(CALL)].flatMap((call) => {
    const [message = '', fields = ''] = argumentsAt(source, call.index + call[0].length);
    const names = [...fields.matchAll(MEMBER)].map(([, name = '']) => name);
    return [...message.replace(/^[^'`]*\?/, '').matchAll(TEXT)].map(([, plain, template = '']) => ({
      level: (call[1] ?? '').toLowerCase(),
      message: (plain ?? template).replace(/\$\{[^}]*\}/g, '…').replace(/\\(.)/g, '$1'),
      fields: [...new Set(names)],
    }));
  });
}

/** Texts of the arguments of a call, from behind its bracket. */
function argumentsAt(source: string, from: number): string[] {
  const found: string[] = [];
  let depth = 0;
  let start = from;
  for (let at = from; at < source.length; at++) {
    const char = source[at]!;
    if (char === "'" || char === '`') at = source.indexOf(char, at + 1);
    else if ('([{'.includes(char)) depth++;
    else if (')]}'.includes(char)) depth--;
    if (depth < 0 || (depth === 0 && char === ',')) {
      found.push(source.slice(start, at));
      start = at + 1;
    }
    if (depth < 0) break;
  }
  return found;
}
