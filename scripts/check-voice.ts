/**
 * Checks the language of documents, help, messages and comments: `npm run check` runs it over all tracked files, and
 * `node scripts/node24.mjs scripts/check-voice.ts FILE…` over some. Lists `file:line: "phrase": use …`; exit code 1 if there is any.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { exceptionFor, readExceptions } from './voice/exceptions.ts';
import { hasProse } from './voice/prose.ts';
import { faultsOf, readPhrases } from './voice/rules.ts';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const LISTS = join(ROOT, 'scripts', 'voice');
const phrases = readPhrases(join(LISTS, 'phrases.tsv'));
const exceptions = readExceptions(join(LISTS, 'exceptions.tsv'));

const named = process.argv.slice(2);
const files = (named.length > 0 ? named : trackedFiles()).filter(
  (path) => hasProse(path) && existsSync(join(ROOT, path)),
);
const used = new Set();
let count = 0;
for (const path of files) {
  for (const fault of faultsOf(path, readFileSync(join(ROOT, path), 'utf8'), phrases)) {
    const exception = exceptionFor(exceptions, path, fault);
    if (exception !== undefined) {
      used.add(exception);
      continue;
    }
    count++;
    console.error(`${path}:${fault.line}: "${fault.rule}": use ${fault.use}`);
  }
}
if (named.length === 0) {
  for (const exception of exceptions.filter((one) => !used.has(one))) {
    console.error(
      `scripts/voice/exceptions.tsv: ${exception.path}: ${exception.rule}: not needed, remove it`,
    );
  }
}
if (count > 0) {
  console.error(`${count} phrases. A needed use gets "voice-ok: REASON" on its line.`);
  process.exitCode = 1;
}

/** Files of the repository; without git (an unpacked archive), none. */
function trackedFiles(): string[] {
  try {
    return execFileSync('git', ['ls-files'], { cwd: ROOT, encoding: 'utf8', maxBuffer: 1 << 26 }).split('\n');
  } catch {
    return [];
  }
}
