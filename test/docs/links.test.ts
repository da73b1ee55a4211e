/** No link in a document is dead: neither to a file nor to a heading. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, it } from 'node:test';
import { ROOT } from '../imports.ts';
import { documents, readDocument } from './blocks.ts';

/** Targets of `[text](target)` and `![text](target)` outside of code. */
function linksOf(text: string): string[] {
  return [...withoutCode(text).matchAll(/\]\(([^)\s]+)(?:\s+"[^"]*")?\)/g)].map(([, target = '']) => target);
}

function withoutCode(text: string): string {
  return text.replaceAll(/^( *)```[\s\S]*?^\1```$/gm, '').replaceAll(/`[^`\n]*`/g, '``');
}

/** As GitHub names headings: lower case, no punctuation, dashes for spaces. */
function anchorsOf(text: string): Set<string> {
  const headings = text.replaceAll(/^( *)```[\s\S]*?^\1```$/gm, '').matchAll(/^#{1,6} +(.+)$/gm);
  const seen = new Map<string, number>();
  return new Set(
    [...headings].map(([, heading = '']) => {
      const name = heading
        .trim()
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
        .replaceAll(/\s/g, '-');
      const count = seen.get(name) ?? 0;
      seen.set(name, count + 1);
      return count === 0 ? name : `${name}-${count}`;
    }),
  );
}

describe('links', () => {
  for (const document of documents()) {
    it(document, () => {
      const dead = linksOf(readDocument(document)).filter((link) => {
        if (/^[a-z][a-z0-9+.-]*:/i.test(link)) return false;
        const [path = '', anchor] = link.split('#');
        const target = path === '' ? document : normalize(join(dirname(document), path));
        if (target.startsWith('..') || !existsSync(join(ROOT, target))) return true;
        return anchor !== undefined && target.endsWith('.md') && !anchorsOf(readDocument(target)).has(anchor);
      });
      assert.deepEqual(dead, []);
    });
  }
});

it('docs/README.md names every document', () => {
  const links = new Set(linksOf(readDocument('docs/README.md')));
  const missing = readdirSync(join(ROOT, 'docs')).filter(
    (name) => /\.(md|yaml)$/.test(name) && name !== 'README.md' && !links.has(name),
  );
  assert.deepEqual(missing, []);
});
