// npm test [-- FILE… OPTIONS]: all tests, or those of the files, with our own reporter. Options go to `node --test`.
// In CI (CI=true) properties have one seed, and files with a failure run again, alone (docs/decisions/059).
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { callerFolder, install, root, run } from './node24.mjs';

/** With more there is a defect, not a busy machine: nothing runs again. */
const MOST_AGAIN = 5;

await install();
const args = process.argv.slice(2);
const options = args.filter((arg) => arg.startsWith('-'));
const files = args.filter((arg) => !arg.startsWith('-')).map(locate);
const isCi = process.env.CI === 'true';
const drawsAnew = !isCi || process.env.CLAIR_CI_SEEDS === 'random';
const work = mkdtempSync(join(tmpdir(), 'clair-tests-'));
const tallyFile = join(work, 'tally');

try {
  process.exitCode = await test(files.length > 0 ? files : ['src/**/*.test.ts', 'test/**/*.test.ts'], 2);
  const first = readTally();
  const again = first === undefined ? [] : filesAgain(first);
  if (isCi && again.length > 0) {
    console.log(`\nAgain, one after the other: ${again.join(', ')}`);
    process.exitCode = await test(
      again.map((file) => join(root, file)),
      1,
    );
    const second = readTally();
    if (second !== undefined) conclude(first, second, again);
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}

function test(what, concurrency) {
  rmSync(tallyFile, { force: true });
  return run(undefined, [...options, ...what], {
    cwd: root,
    // Folders of tests are deleted as soon as their programs have ended.
    env: { CLAIR_DB_LINGER: '0', ...process.env, CLAIR_TEST_TALLY: tallyFile },
    node: [
      '--test',
      ...(drawsAnew ? [] : ['--import', join(root, 'test', 'one-seed.ts')]),
      `--test-concurrency=${concurrency}`,
      '--test-timeout=900000', // nothing here takes so long: a test that hangs is told, not waited for
      `--test-reporter=${join(root, 'test', 'reporter.ts')}`,
    ],
  });
}

/** What the reporter counted: by file, and in all. undefined: it did not come to its end. */
function readTally() {
  return existsSync(tallyFile) ? JSON.parse(readFileSync(tallyFile, 'utf8')) : undefined;
}

/** Files whose failures may be the machine's; none if there are too many, or failures that belong to no file. */
function filesAgain({ failed, files }) {
  const again = Object.keys(files).filter((file) => files[file].failed > 0);
  const inFiles = again.reduce((sum, file) => sum + files[file].failed, 0);
  return inFiles === failed && again.length <= MOST_AGAIN ? again : [];
}

/** The closing line of both runs: what ran again counts as it went the second time, and is told by name. */
function conclude(first, second, again) {
  const count = (key) =>
    first[key] - again.reduce((sum, file) => sum + first.files[file][key], 0) + second[key];
  for (const file of again) {
    if (!second.files[file]?.failed) console.log(`unsteady: ${file} failed, and passed when it ran alone`);
  }
  console.log(`\n${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped`);
}

/** A file or pattern as given: from where the user stands, else from the root. */
function locate(name) {
  const there = resolve(callerFolder, name);
  return existsSync(there) ? there : name;
}
