/** Clair's `fixed_in_version_cel`: an expression of CEL that makes the version of each fix. */
import { Environment } from '@marcbachmann/cel-js';
import { AppError, messageOf } from '../../../errors.ts';
import { TimeLimitError, withinTime } from '../../../lib/time-limit.ts';
import type { Purl } from '../../../model/purl.ts';

/** The version that a fix has, from the package URL of a product and the version that is read from that. Throws a text. */
export type FixRewriter = (purl: Purl, fixedIn: string) => string;

/** Characters of an expression, and of what it makes. */
const MOST = 4096;
/** Characters of what it makes on the way. */
const MOST_BETWEEN = 1_000_000;
/** ms that it may take for one fix: far more than any that is meant well, on a machine that is busy with other things. */
const LONGEST = 5000;
/** What can take longer than its length says: lists that are gone through, one within another, and regular expressions. */
const MAY_TAKE_LONG = /\.\s*(?:all|exists|exists_one|map|filter|matches)\b/;
const LIMITS = {
  maxAstNodes: 2000,
  maxDepth: 64,
  maxListElements: 200,
  maxMapEntries: 200,
  maxCallArguments: 16,
};

/** Clair's variables whose names the library does not take: CEL has a type `type`, and keeps `namespace` for itself. */
const RENAMED: Readonly<Record<string, string>> = { type: 'purl_type', namespace: 'purl_namespace' };

/**
 * Compiles `expression`, with the variables and functions that Clair gives it: `type`, `namespace`, `name`, `version`,
 * `qualifiers` (a map of strings) and `fixed_in`; those of the language, of its strings, and `cel.bind`.
 * Throws what is wrong with it: it must be a string. The result throws `bad-config` if it takes over `limit` ms for a fix.
 */
export function compileFixedIn(expression: string, limit = LONGEST): FixRewriter {
  if (expression.length > MOST) throw new Error(`over ${MOST} characters`);
  const cel = environment();
  const text = rename(expression);
  const { valid, type, error } = cel.check(text);
  if (!valid) throw new Error(firstLine(error?.message.replaceAll('purl_', '') ?? 'not an expression'));
  if (type !== 'string') throw new Error(`it makes a ${type}, and must make a string`);
  const run = cel.parse(text);
  const limited = MAY_TAKE_LONG.test(text)
    ? (variables: Parameters<typeof run>[0]) => withinTime(limit, () => run(variables))
    : run;
  return ({ type, namespace, name, version, qualifiers }, fixedIn) => {
    let made: unknown;
    try {
      made = limited({
        purl_type: type,
        purl_namespace: namespace,
        name,
        version,
        qualifiers,
        fixed_in: fixedIn,
      });
    } catch (error) {
      // It would for the next thousands of fixes, too: the feed fails, and what is loaded stays in use.
      if (error instanceof TimeLimitError) {
        throw new AppError(
          'bad-config',
          `rhel-vex.fixed_in_version_cel: takes more than ${limit} ms for ${fixedIn.slice(0, 100)}: simplify its regular expression or its lists`,
        );
      }
      throw new Error(`fixed_in_version_cel: ${firstLine(messageOf(error))}`, { cause: error });
    }
    if (typeof made !== 'string' || made === '' || made.length > MOST) {
      throw new Error('fixed_in_version_cel: it makes no version');
    }
    return made;
  };
}

function environment(): Environment {
  return new Environment({ limits: LIMITS })
    .registerVariable('purl_type', 'string')
    .registerVariable('purl_namespace', 'string')
    .registerVariable('name', 'string')
    .registerVariable('version', 'string')
    .registerVariable('qualifiers', 'map<string, string>')
    .registerVariable('fixed_in', 'string')
    .registerFunction('string.replace(string, string): string', replace)
    .registerFunction('string.replace(string, string, int): string', replace)
    .registerFunction('string.charAt(int): string', (text: string, index: bigint) => {
      const all = [...text];
      if (index < 0n || index > BigInt(all.length)) throw new Error(`index out of range: ${index}`);
      return all[Number(index)] ?? '';
    })
    .registerFunction('string.reverse(): string', (text: string) => [...text].reverse().join(''));
}

/** As Go's: an empty `old` stands before each character and at the end; a negative `most` is all. */
function replace(text: string, old: string, by: string, most = -1n): string {
  if ((text.length + 1) * Math.max(by.length, 1) > MOST_BETWEEN)
    throw new Error('replace: the text gets too long');
  if (most < 0n) return text.replaceAll(old, () => by);
  let rest = most;
  return text.replaceAll(old, (found) => (rest-- > 0n ? by : found));
}

/** Strings, comments and members, in which no variable stands; then what may be one; calls are none. */
const WORDS =
  /[rR]?[bB]?[rR]?(?:"{3}[\s\S]*?"{3}|'{3}[\s\S]*?'{3}|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')|\/\/[^\n]*|\.\s*\w+|\b(type|namespace)\b(?!\s*\()/g;

/** `expression` with those variables by their other names; calls of the function `type()` stay. */
function rename(expression: string): string {
  return expression.replace(WORDS, (found, name?: string) => (name === undefined ? found : RENAMED[name]!));
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0]!.slice(0, 300);
}
