/** No link in a document and no citation in a source is dead: neither to a file nor to a heading. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, normalize, relative } from 'node:path';
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

/** Texts of this repository in which documents are cited. */
function citingFiles(): string[] {
  const folders = ['src', 'test', 'scripts', 'bench', 'web', 'deploy', 'docs'];
  return folders.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.(ts|mjs|js|sql|sh|ya?ml|md)$/.test(entry.name))
      .map((entry) => join(relative(ROOT, entry.parentPath), entry.name)),
  );
}

describe('citations', () => {
  const texts = citingFiles()
    .filter((path) => path !== 'test/docs/links.test.ts')
    .map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }));

  it('of a page name one that there is', () => {
    const dead = texts.flatMap(({ path, text }) =>
      // Another project's documents have its name before them.
      [...text.matchAll(/(?<!'s |\/|\w)docs\/(?:(?!manual\/)[a-z0-9-]+\/)?[a-z0-9-]+\.md\b/g)]
        .filter(([target]) => !existsSync(join(ROOT, target)))
        .map(([target]) => `${path}: ${target}`),
    );
    assert.deepEqual(dead, []);
  });

  it('of a heading name one that there is', () => {
    const anchors = new Map(
      documents().map((document) => [basename(document), anchorsOf(readDocument(document))] as const),
    );
    const cited = texts.flatMap(({ path, text }) =>
      [...text.matchAll(/\b([a-z0-9-]+\.md)#([a-z0-9-]+)/g)].map(([, page = '', anchor = '']) => {
        return { path, page, anchor };
      }),
    );
    assert.ok(cited.length > 200);
    assert.deepEqual(
      cited
        .filter(({ page, anchor }) => !anchors.get(page)?.has(anchor))
        .map(({ path, page, anchor }) => `${path}: ${page}#${anchor}`),
      [],
    );
  });

  it('have no sections of pages, which are not numbered', () => {
    const numbered = texts.flatMap(({ path, text }) =>
      [...text.matchAll(/\b[\w-]+\.md,? §\s?[\w.]+|\b(?:QUIRKS|wishes)(?:\.md)? \d+/g)].map(
        ([citation]) => `${path}: ${citation}`,
      ),
    );
    assert.deepEqual(numbered, []);
  });

  it('of the pages on Clair leave no heading uncited', () => {
    const all = texts
      .filter(({ path }) => !path.startsWith('docs/'))
      .map(({ text }) => text)
      .join('\n');
    const uncited = ['clair-indexing.md', 'clair-matching.md', 'clair-service.md'].flatMap((page) =>
      [...readDocument(`docs/contributing/${page}`).matchAll(/^### (.+)$/gm)]
        .map(([, heading = '']) => `${page}#${[...anchorsOf(`# ${heading}`)][0]}`)
        .filter((target) => !all.includes(target)),
    );
    assert.deepEqual(uncited, []);
  });
});

it('docs/README.md names every document', () => {
  const links = new Set(linksOf(readDocument('docs/README.md')));
  const missing = readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' }).filter(
    (name) =>
      /\.(md|yaml)$/.test(name) && name !== 'README.md' && !name.startsWith('decisions') && !links.has(name),
  );
  assert.deepEqual(missing, []);
});
