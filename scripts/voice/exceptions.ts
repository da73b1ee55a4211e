/** Where the lint of the language allows a phrase: files that quote, and wire texts that clients compare. */
import { readFileSync } from 'node:fs';
import type { Fault } from './rules.ts';

export interface Exception {
  /** A file, or a directory that ends in `/`. */
  readonly path: string;
  /** A phrase or a rule; `*`: all of them; `comments`: all in comments of a source. */
  readonly rule: string;
  readonly reason: string;
}

/** Parses `PATH<TAB>RULE<TAB>REASON` per line; `#` starts a comment. Throws for a line without a reason. */
export function parseExceptions(text: string): Exception[] {
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [path = '', rule = '', reason = ''] = line.split('\t');
      if (reason === '') throw new Error(`no reason in ${JSON.stringify(line)}`);
      return { path, rule, reason };
    });
}

export function readExceptions(path: string): Exception[] {
  return parseExceptions(readFileSync(path, 'utf8'));
}

/** Returns the exception that covers a fault in `path`, if any. */
export function exceptionFor(
  exceptions: readonly Exception[],
  path: string,
  { rule, isComment }: Pick<Fault, 'rule' | 'isComment'>,
): Exception | undefined {
  return exceptions.find(
    (one) =>
      (one.path === path || (one.path.endsWith('/') && path.startsWith(one.path))) &&
      (one.rule === '*' || one.rule === rule || (one.rule === 'comments' && isComment)),
  );
}
