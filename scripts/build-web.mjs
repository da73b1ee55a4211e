// Bundles web/ : the console for browsers, and the HTML report as a module for Node and a script for browsers.
// Plain JavaScript that runs on Node 20. A build is named by the sources that it was made of, so it is never out of date.
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from './node24.mjs';

const source = join(root, 'web');
const builds = join(root, 'build');
const DAY = 24 * 3600 * 1000;

/** Directory of the built files: made first if the sources have changed. */
export async function webFolder() {
  const folder = join(builds, `web-${stamp()}`);
  if (existsSync(folder)) return folder;
  mkdirSync(builds, { recursive: true });
  const made = `${folder}.${process.pid}`;
  await bundleWeb(made);
  try {
    renameSync(made, folder);
  } catch (error) {
    rmSync(made, { recursive: true, force: true });
    if (!existsSync(folder)) throw error; // else another process built the same meanwhile
  }
  for (const name of readdirSync(builds).filter((each) => /^web-[0-9a-f]{16}(\.\d+)?$/.test(each))) {
    const since = statSync(join(builds, name), { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
    if (Date.now() - since > DAY) rmSync(join(builds, name), { recursive: true, force: true });
  }
  return folder;
}

function stamp() {
  const hash = createHash('sha256');
  const files = readdirSync(source, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.test.ts'))
    .map((entry) => join(entry.parentPath, entry.name));
  for (const file of [...files, join(root, 'package-lock.json'), fileURLToPath(import.meta.url)].sort()) {
    const { mtimeMs, size } = statSync(file);
    hash.update(`${file}\0${mtimeMs}\0${size}\n`);
  }
  return hash.digest('hex').slice(0, 16);
}

/**
 * Writes the built files into `folder`: `index.html` and what it loads, named by their content; `report.mjs` for Node,
 * which takes `report.js` and `report.css` into the file that it renders. Returns the names of all source files.
 */
export async function bundleWeb(folder) {
  const { build } = await import('esbuild');
  const common = {
    absWorkingDir: root,
    tsconfig: join(source, 'tsconfig.json'),
    bundle: true,
    minify: true,
    metafile: true,
    legalComments: 'none',
    logLevel: 'error',
    target: ['chrome111', 'firefox128', 'safari17.5'], // light-dark(), @layer, popover
  };
  const console_ = await build({
    ...common,
    entryPoints: [join(source, 'console', 'main.tsx'), join(source, 'styles', 'console.css')],
    outdir: folder,
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    splitting: true,
    format: 'esm',
  });
  const report = await build({
    ...common,
    entryPoints: { report: join(source, 'report', 'island.tsx') },
    outdir: folder,
    format: 'iife',
  });
  const style = await build({
    ...common,
    entryPoints: { report: join(source, 'styles', 'report.css') },
    outdir: folder,
  });
  const node = await build({
    ...common,
    entryPoints: { report: join(source, 'report', 'render.tsx') },
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    format: 'esm',
    platform: 'node',
    target: 'node24',
  });
  const made = Object.keys(console_.metafile.outputs).map((path) => basename(path));
  const [script, sheet] = [/^main-\w+\.js$/, /^console-\w+\.css$/].map((form) =>
    made.find((name) => form.test(name)),
  );
  copyFileSync(join(source, 'console', 'icon.svg'), join(folder, 'icon.svg'));
  writeFileSync(join(folder, 'index.html'), page(script, sheet));
  return [console_, report, style, node].flatMap(({ metafile }) => Object.keys(metafile.inputs));
}

/** `BASE` is replaced by the way back to the console's root when the page is served. */
function page(script, sheet) {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<base href="BASE">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Clair</title>
<link rel="icon" href="icon.svg">
<link rel="stylesheet" href="${sheet}">
<script type="module" src="${script}"></script>
</head>
<body>
<noscript>The console requires JavaScript. For a report that does not, run: clairctl scan --format html IMAGE</noscript>
</body>
</html>
`;
}

// As a program: `node scripts/build-web.mjs` builds, and prints the directory.
if (process.argv[1] === fileURLToPath(import.meta.url)) process.stdout.write(await webFolder());
