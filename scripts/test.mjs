// npm test [-- FILE… OPTIONS]: all tests, or those of the files, with our own reporter. Options go to `node --test`.
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { callerFolder, install, root, run } from './node24.mjs';

await install();
const args = process.argv.slice(2);
const options = args.filter((arg) => arg.startsWith('-'));
const files = args.filter((arg) => !arg.startsWith('-')).map(locate);

process.exitCode = await run(
  undefined,
  [...options, ...(files.length > 0 ? files : ['src/**/*.test.ts', 'test/**/*.test.ts'])],
  {
    cwd: root,
    // Folders of tests are deleted as soon as their programs have ended.
    env: { CLAIR_DB_LINGER: '0', ...process.env },
    node: [
      '--test',
      '--test-concurrency=2',
      '--test-timeout=900000', // nothing here takes so long: a test that hangs is told, not waited for
      `--test-reporter=${join(root, 'test', 'reporter.ts')}`,
    ],
  },
);

/** A file or pattern as given: from where the user stands, else from the root. */
function locate(name) {
  const there = resolve(callerFolder, name);
  return existsSync(there) ? there : name;
}
