// npm run check [-- --no-tests]: types, lint and format, language, import law, drift of generated documents, tests.
// Runs all of them and names those that failed.
import { join } from 'node:path';
import { install, root, run } from './node24.mjs';

await install();
const bin = (name) => join(root, 'node_modules', '.bin', name);
const steps = [
  ['types', () => run(bin('tsc'), ['-p', root], { cwd: root })],
  ['types of web', () => run(bin('tsc'), ['-p', join(root, 'web')], { cwd: root })],
  [
    'lint and format',
    () =>
      run(
        bin('biome'),
        [
          'ci',
          '--error-on-warnings',
          ...(process.stdout.isTTY ? [] : ['--colors=off']),
          ...['src', 'test', 'scripts', 'bin', 'web'],
        ],
        { cwd: root },
      ),
  ],
  ['language', () => run(join(root, 'scripts', 'check-voice.ts'), [], { cwd: root })],
  ['generated documents', () => run(join(root, 'scripts', 'gen-docs.ts'), ['--check'], { cwd: root })],
];
if (process.argv.includes('--no-tests')) {
  steps.push([
    'import law',
    () =>
      run(
        join(root, 'scripts', 'test.mjs'),
        ['import-law', 'ecosystem-names', 'numbers', 'migrations'].map((law) => `test/${law}.test.ts`),
        {
          cwd: root,
        },
      ),
  ]);
} else {
  steps.push(['tests', () => run(join(root, 'scripts', 'test.mjs'), [], { cwd: root })]);
}

const failed = [];
for (const [name, step] of steps) {
  process.stderr.write(`— ${name}\n`);
  if ((await step()) !== 0) failed.push(name);
}
process.stderr.write(failed.length === 0 ? 'check: passed\n' : `check: failed: ${failed.join(', ')}\n`);
process.exitCode = failed.length === 0 ? 0 : 1;
