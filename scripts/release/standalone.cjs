// The main file of the standalone programs: one executable that is Node, this, and the built programs. The programs are
// unpacked once into a folder of the user's, named by their content, and run from there.
const { createHash } = require('node:crypto');
const fs = require('node:fs');
const os = require('node:os');
const { basename, dirname, isAbsolute, join } = require('node:path');
const { pathToFileURL } = require('node:url');
const { getAsset } = require('node:sea');
const vm = require('node:vm');
const { zstdDecompressSync } = require('node:zlib');

const { name, hash, malloc } = JSON.parse(getAsset('about', 'utf8'));
// One arena of malloc: buffers that threads hand back are used again, and not kept for each thread.
if (malloc && process.env.MALLOC_ARENA_MAX === undefined && typeof process.execve === 'function') {
  const args = [process.execPath, ...process.argv.slice(2)];
  process.execve(process.execPath, args, { UV_THREADPOOL_SIZE: '16', ...process.env, MALLOC_ARENA_MAX: '1' });
}
// What the programs start themselves with is a file of the folder that they run from, whatever the environment says of it.
const given = process.argv[2] ?? '';
const isOfFolder =
  isAbsolute(given) && basename(dirname(given)) === `${name}-${hash}` && isOurs(dirname(given));
const file = isOfFolder ? given : join(unpacked(), `${name}.mjs`);
process.argv = [process.execPath, file, ...process.argv.slice(given === file ? 3 : 2)];
// `import()` of an embedded main file knows Node's own modules only; this one is the ordinary one.
const load = vm.runInThisContext('(url) => import(url)', {
  importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
});
const { emitWarning } = process;
process.emitWarning = () => {}; // that this is experimental is nothing to the user
load(pathToFileURL(file).href).catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
process.emitWarning = emitWarning;

function unpacked() {
  const problems = [];
  for (const base of places()) {
    const target = join(base, `${name}-${hash}`);
    try {
      fs.mkdirSync(base, { recursive: true, mode: 0o700 });
      if (isOurs(target)) return target;
      const made = fs.mkdtempSync(join(base, `${name}-new-`));
      unpack(made);
      try {
        fs.renameSync(made, target);
      } catch {
        fs.rmSync(made, { recursive: true, force: true });
      }
      if (isOurs(target)) return target;
      problems.push(`${target}: somebody else's`);
    } catch (error) {
      problems.push(error.message);
    }
  }
  console.error(
    `${name}: cannot unpack itself: ${problems.join('; ')}. Set CLAIR_CACHE_DIR to a folder that can be written.`,
  );
  process.exit(1);
}

function places() {
  const { CLAIR_CACHE_DIR, XDG_CACHE_HOME, HOME } = process.env;
  if (CLAIR_CACHE_DIR) return [CLAIR_CACHE_DIR];
  const home = XDG_CACHE_HOME || (HOME && join(HOME, '.cache'));
  return [...(home ? [join(home, 'clair')] : []), join(os.tmpdir(), `clair-${process.getuid?.() ?? 'user'}`)];
}

/** Nobody else may have put it there: it is run. */
function isOurs(path) {
  const found = fs.lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return false;
  return found.isDirectory() && (found.mode & 0o022) === 0 && found.uid === (process.getuid?.() ?? found.uid);
}

function unpack(target) {
  const archive = zstdDecompressSync(Buffer.from(getAsset('app')));
  if (createHash('sha256').update(archive).digest('hex').slice(0, 16) !== hash) {
    throw new Error('what it carries is damaged: download it again');
  }
  const size = archive.readUInt32LE(0);
  let offset = 4 + size;
  for (const { path, length, mode, link } of JSON.parse(archive.toString('utf8', 4, offset))) {
    const place = join(target, path);
    fs.mkdirSync(dirname(place), { recursive: true, mode: 0o755 });
    if (link !== undefined) fs.symlinkSync(link, place);
    else fs.writeFileSync(place, archive.subarray(offset, offset + length), { mode });
    offset += length;
  }
  fs.chmodSync(target, 0o755);
}
