/** The prose of a file: Markdown without code, comments and literals of TypeScript and JavaScript, all of YAML. */
import { extname } from 'node:path';

/** Blanks everything but line breaks, so that offsets and line numbers stay valid. */
const blank = (text: string): string => text.replaceAll(/[^\n]/g, ' ');

const READERS: Readonly<Record<string, (text: string) => string>> = {
  '.md': markdownProse,
  '.ts': (text) => sourceProse(text),
  '.tsx': jsxProse,
  '.mjs': (text) => sourceProse(text),
  '.js': (text) => sourceProse(text),
  '.yaml': (text) => text,
  '.yml': (text) => text,
};

/** Whether `proseOf` can read the file. Tests are not checked: they quote messages that a fault would print. */
export function hasProse(path: string): boolean {
  return extname(path) in READERS && !/\.(test|fixture)\.ts$/.test(path);
}

/** Returns `text` with everything but its prose blanked; '' for a type that `hasProse` does not know. */
export function proseOf(path: string, text: string): string {
  return READERS[extname(path)]?.(text) ?? '';
}

/** Returns `text` with everything but the comments of a source blanked; '' for other types. */
export function commentsOf(path: string, text: string): string {
  return ['.ts', '.tsx', '.mjs', '.js'].includes(extname(path)) ? sourceProse(text, blank) : '';
}

function markdownProse(text: string): string {
  return text
    .replaceAll(/^( *)(```|~~~)[\s\S]*?^\1\2/gm, blank)
    .replaceAll(/<!--[\s\S]*?-->/g, blank)
    .replaceAll(/`[^`\n]*`/g, blank)
    .replaceAll(/\]\([^)\s]*\)/g, blank);
}

const TOKEN = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`/g;

function sourceProse(text: string, literal = literalProse): string {
  let prose = '';
  let at = 0;
  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    prose += blank(text.slice(at, index)) + (token.startsWith('/') ? commentProse(token) : literal(token));
    at = index + token.length;
  }
  return prose + blank(text.slice(at));
}

/** Text between tags, which no quotes enclose; a condition may look alike, and has no word that is a phrase. */
const JSX_TEXT = /(?<=[>}])[^<>{}=;]*\w\s+\w[^<>{}=;]*(?=[<{])/g;

function jsxProse(text: string): string {
  const quoted = sourceProse(text);
  let prose = '';
  let at = 0;
  for (const { 0: words, index } of text.matchAll(JSX_TEXT)) {
    prose += quoted.slice(at, index) + words;
    at = index + words.length;
  }
  return prose + quoted.slice(at);
}

function commentProse(comment: string): string {
  return comment.replaceAll(/^\s*(\/\*\*?|\*\/|\*|\/\/)/gm, blank).replaceAll(/`[^`\n]*`/g, blank);
}

/** Specifiers of modules, identifiers and statements of SQL are names, not prose. */
const NAMES = /^.[\w./:-]*.$|\b(select|insert|update|delete|unnest)\b/s;

function literalProse(literal: string): string {
  return NAMES.test(literal) ? blank(literal) : literal.replaceAll(/\$\{[^}]*\}/g, blank);
}
