/** What the lint of the language reports: banned phrases, and Markdown that names no subject. */
import { readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { commentsOf, proseOf } from './prose.ts';

export interface Phrase {
  readonly phrase: string;
  /** What to write instead. */
  readonly use: string;
  readonly pattern: RegExp;
}

export interface Fault {
  /** Counted from 1. */
  readonly line: number;
  /** The phrase, or the name of the rule. */
  readonly rule: string;
  readonly use: string;
  /** Whether it is in a comment of a source. */
  readonly isComment: boolean;
}

/** Parses a phrase list: `PHRASE, PHRASE<TAB>USE` per line; `#` starts a comment. Throws for a line without a tab. */
export function parsePhrases(text: string): Phrase[] {
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .flatMap((line) => {
      const [phrases = '', use] = line.split('\t');
      if (use === undefined) throw new Error(`no tab in ${JSON.stringify(line)}`);
      return phrases.split(', ').map((phrase) => ({ phrase, use, pattern: patternOf(phrase) }));
    });
}

export function readPhrases(path: string): Phrase[] {
  return parsePhrases(readFileSync(path, 'utf8'));
}

/** Whole words in any case; white space matches any white space, line breaks included. */
function patternOf(phrase: string): RegExp {
  const words = phrase.split(' ').map((word) => word.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  const start = /^\w/.test(phrase) ? '\\b' : '';
  const end = /\w$/.test(phrase) ? '\\b' : '';
  return new RegExp(start + words.join('\\s+') + end, 'gi');
}

/** Returns the faults of a file in order of lines. A line that contains `voice-ok` has none. */
export function faultsOf(path: string, text: string, phrases: readonly Phrase[]): Fault[] {
  const prose = proseOf(path, text);
  const comments = commentsOf(path, text);
  const lines = text.split('\n');
  const faults = phrases.flatMap(({ phrase, use, pattern }) =>
    [...prose.matchAll(pattern)].map(({ index }) => ({
      line: lineAt(prose, index),
      rule: phrase,
      use,
      isComment: comments[index] === prose[index],
    })),
  );
  if (extname(path) === '.md') faults.push(...markdownFaults(prose, lines));
  return faults
    .filter(({ line }) => !lines[line - 1]?.includes('voice-ok'))
    .sort((a, b) => a.line - b.line || a.rule.localeCompare(b.rule));
}

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length;
}

const MARKDOWN_RULES: readonly (readonly [rule: string, use: string, line: RegExp])[] = [
  ['heading is a clause', 'a task (imperative) or a noun phrase', /^#+ (What|When|Who|How they|Where to) /],
  ['first person', '"you" for the reader, "Clair" for the program', /\b(we|our|ours|us)\b/],
  ['table column without a title', 'a title for every column', /^\|(.*\|)?\s*\|/],
];

/** Line by line, in prose; the header of a table, which can be code alone, in `lines`. */
function markdownFaults(prose: string, lines: readonly string[]): Fault[] {
  return prose.split('\n').flatMap((text, at) =>
    MARKDOWN_RULES.filter(([rule, , line]) => {
      if (!rule.startsWith('table')) return line.test(text);
      return /^\|[\s:|-]+\|$/.test(lines[at + 1] ?? '') && line.test(lines[at] ?? '');
    }).map(([rule, use]) => ({ line: at + 1, rule, use, isComment: false })),
  );
}
