/**
 * Pictures of a terminal for the documents: runs a scan of the example image in tmux, and draws what it shows.
 *
 *     node scripts/node24.mjs scripts/terminal-pictures.ts        needs tmux and Chromium
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { findChromium } from './find-chromium.ts';
import { palettePng } from './palette-png.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const COMMAND = 'clairctl scan --severity high+ build/example-image';
const WAIT_MS = 120_000;

/** SGR of ECMA-48, as far as we write it. */
const STYLES: Readonly<Record<string, string>> = {
  1: 'font-weight:bold',
  2: 'opacity:.65',
  31: 'color:#f47067',
  33: 'color:#daaa3f',
  35: 'color:#d789e0',
  36: 'color:#4dc4d4',
  90: 'color:#8b949e',
};

execFileSync(process.execPath, [join(ROOT, 'scripts', 'build-example-image.mjs')]);
const folder = mkdtempSync(join(tmpdir(), 'clair-pictures-'));
try {
  for (const columns of [80, 160]) {
    const screen = await capture(columns, 36);
    const file = join('docs', 'images', `scan-${columns}.png`);
    await draw(screen, columns, join(ROOT, file));
    process.stdout.write(`${file}\n`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** What a terminal of that size shows after the command, with its colours. */
async function capture(columns: number, rows: number): Promise<string> {
  const tmux = (...args: string[]): string =>
    execFileSync('tmux', ['-S', join(folder, 'tmux'), '-f', '/dev/null', ...args], {
      cwd: ROOT,
      encoding: 'utf8',
    });
  const alias = `clairctl() { node bin/clairctl.mjs "$@"; }`;
  // Feeds first: what is shown is the scan.
  const warm = `CLAIR_DATA_DIR=${join(folder, 'data')}; export CLAIR_DATA_DIR; ${COMMAND} >/dev/null 2>&1`;
  tmux('new-session', '-d', '-s', 'p', '-x', String(columns), '-y', String(rows), 'bash --norc --noprofile');
  try {
    tmux(
      'send-keys',
      '-t',
      'p',
      `PS1='$ '; ${alias}; ${warm}; clear; tmux -S ${join(folder, 'tmux')} wait-for -S ready`,
      'Enter',
    );
    tmux('wait-for', 'ready');
    tmux('send-keys', '-t', 'p', COMMAND, 'Enter');
    for (const end = Date.now() + WAIT_MS; Date.now() < end; await sleep(300)) {
      const text = tmux('capture-pane', '-t', 'p', '-p', '-e');
      if (/Checked against[\s\S]*\n\$/.test(text.replace(/\x1b\[[0-9;]*m/g, '')))
        return text.trimEnd().replace(/\n\$$/, '');
    }
    throw new Error('the scan did not end');
  } finally {
    tmux('kill-server');
  }
}

function toHtml(screen: string): string {
  let open = new Set<string>();
  return screen
    .split(/(\x1b\[[0-9;]*m)/)
    .map((part) => {
      const codes = /^\x1b\[([0-9;]*)m$/.exec(part)?.[1];
      if (codes === undefined) {
        const text = part.replace(/[&<>]/g, (char) => `&#${char.charCodeAt(0)};`);
        return `<span style="${[...open].map((code) => STYLES[code] ?? '').join(';')}">${text}</span>`;
      }
      for (const code of codes.split(';')) {
        if (code === '0' || code === '') open = new Set();
        else if (code === '39') open = new Set([...open].filter((each) => Number(each) < 30));
        else if (code === '22') open = new Set([...open].filter((each) => Number(each) > 2));
        else open.add(code);
      }
      return '';
    })
    .join('');
}

async function draw(screen: string, columns: number, file: string): Promise<void> {
  const browser = await chromium.launch({ executablePath: findChromium(), args: ['--no-sandbox'] });
  try {
    const page = await browser.newPage({ viewport: { width: 2000, height: 1200 } });
    await page.setContent(
      `<body style="margin:0;display:inline-block"><pre style="margin:0;padding:14px 16px;width:${columns}ch;background:#0d1117;color:#e6edf3;font:${columns > 100 ? 10 : 13}px/1.35 'DejaVu Sans Mono',monospace">${toHtml(screen)}</pre></body>`,
    );
    writeFileSync(file, await palettePng(await page.locator('pre').screenshot()));
  } finally {
    await browser.close();
  }
}
