/**
 * The code blocks of a document, and what the HTML comment before each says of it:
 * `run: NAME` or `run: NAME exit=3` (or `run` alone), `not run: why`, `file: PATH` (what is in the block is written there),
 * `output of: NAME` (what the block of that name prints; `…` stands for anything).
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../imports.ts';

export type Mark =
  | { readonly kind: 'run'; readonly name: string; readonly exit: number }
  | { readonly kind: 'not run'; readonly reason: string }
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'output of'; readonly name: string };

export interface Block {
  /** Of its opening fence, counted from 1. */
  readonly line: number;
  readonly language: string;
  readonly text: string;
  /** undefined: there is no comment, or one that says nothing of this kind. */
  readonly mark: Mark | undefined;
}

const OPENING = /^( *)```(\w*)/;

/** All fenced blocks of a text. */
export function blocksOf(text: string): Block[] {
  const lines = text.split('\n');
  const blocks: Block[] = [];
  for (let at = 0; at < lines.length; at++) {
    const [, indent, language = ''] = OPENING.exec(lines[at] ?? '') ?? [];
    if (indent === undefined) continue;
    const start = at;
    const content: string[] = [];
    while (++at < lines.length && lines[at] !== `${indent}\`\`\``)
      content.push((lines[at] ?? '').slice(indent.length));
    blocks.push({
      line: start + 1,
      language,
      text: `${content.join('\n')}\n`,
      mark: markOf(lines[start - 1] ?? '', start + 1),
    });
  }
  return blocks;
}

function markOf(comment: string, line: number): Mark | undefined {
  const [, kind, rest = ''] = /^ *<!-- (run|not run|file|output of)(?:: (.+))? -->$/.exec(comment) ?? [];
  switch (kind) {
    case 'run': {
      const [, name, exit = '0'] = /^([\w-]+)(?: exit=(\d+))?$/.exec(rest) ?? [];
      return { kind, name: name ?? `block-${line}`, exit: Number(exit) };
    }
    case 'not run':
      return rest === '' ? undefined : { kind, reason: rest };
    case 'file':
      return { kind, path: rest };
    case 'output of':
      return { kind, name: rest };
    default:
      return undefined;
  }
}

const SKIPPED = new Set(['node_modules', 'build', '.git']);

/** Every `*.md` of the project, by its path from the root. */
export function documents(folder = ''): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) return SKIPPED.has(entry.name) ? [] : documents(path);
    return entry.isFile() && entry.name.endsWith('.md') ? [path] : [];
  });
}

/** Its text. */
export function readDocument(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}
