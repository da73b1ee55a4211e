#!/usr/bin/env node
/**
 * Builds the image that is measured: a Debian with a compiler, git, Python wheels, npm packages, Java archives and Go
 * programs, over 400 MB in four layers, as an OCI layout in .cache/bench/image. Built once, from what apt, pip and npm give
 * today. Needs Node 24.
 *
 *     node bench/build-image.mjs [DIR]
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  createReadStream,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fillPrograms } from './programs-layer.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const target = resolve(process.argv[2] ?? join(root, '.cache', 'bench', 'image'));
const MIN_BYTES = 400e6;

const DEBIAN = [
  'base-files',
  'bash',
  'coreutils',
  'apt',
  'tar',
  'gzip',
  'grep',
  'sed',
  'login',
  'mount',
  'perl',
  'git',
  'curl',
  'ca-certificates',
  'openssh-client',
  'g++',
  'python3',
  'python3-yaml',
];
const WHEELS = [
  'numpy',
  'pandas',
  'cryptography',
  'requests',
  'urllib3',
  'certifi',
  'idna',
  'charset-normalizer',
  'Django',
  'Flask',
  'Jinja2',
  'MarkupSafe',
  'Werkzeug',
  'PyYAML',
  'Pillow',
  'SQLAlchemy',
  'aiohttp',
  'lxml',
];
const NPM = ['express@4', 'webpack@5', 'eslint@8', 'typescript@5', 'lodash@4', 'jest@29', 'next@14'];

const TOOLS = {
  'apt-get': 'apt: this works on Debian and Ubuntu only; elsewhere run it in a container of one',
  'apt-cache': 'apt',
  'dpkg-deb': 'dpkg',
  tar: 'tar',
  gzip: 'gzip',
  python3: 'python3',
  npm: 'npm',
};

/** What the last layer is made by: it is made again when that changes. */
const maker = createHash('sha256')
  .update(readFileSync(join(root, 'bench', 'programs-layer.ts')))
  .digest('hex');
const before = layersOf(target);
if (before.length === 4 && readIndex(target).annotations?.['programs-layer'] === maker) {
  console.log(target);
  process.exit(0);
}
for (const [tool, what] of Object.entries(TOOLS)) need(tool, ['--version'], what);
need('python3', ['-m', 'pip', '--version'], 'python3-pip');

const work = `${target}.work`;
rmSync(work, { recursive: true, force: true });
mkdirSync(work, { recursive: true });
// The other layers are kept: what apt, pip and npm give costs minutes.
const layers = [
  ...(before.length >= 3
    ? before.slice(0, 3).map(unpacked)
    : [layer('debian', debian), layer('python', python), layer('node', node)]),
  layer('programs', fillPrograms),
];
const total = layers.reduce((sum, { bytes }) => sum + bytes, 0);
if (total < MIN_BYTES)
  fail(
    `the image has ${Math.round(total / 1e6)} MB, less than ${MIN_BYTES / 1e6}: some packages are missing`,
  );
await writeLayout();
rmSync(target, { recursive: true, force: true });
renameSync(join(work, 'oci'), target);
rmSync(work, { recursive: true, force: true });
console.log(target);

// ---------------------------------------------------------------- layers

/** Packages of the system's own release with all that they depend on, unpacked, and dpkg's records of them. */
function debian(dir) {
  const depends = run('apt-cache', [
    'depends',
    '--recurse',
    '--no-recommends',
    '--no-suggests',
    '--no-conflicts',
    '--no-breaks',
    '--no-replaces',
    '--no-enhances',
    ...DEBIAN,
  ]);
  const names = depends.split('\n').filter((line) => /^[a-z0-9][a-z0-9+.-]*$/.test(line));
  const known = run('apt-cache', ['policy', ...new Set(names)]);
  const real = [...known.matchAll(/^(\S+):\n +Installed: .*\n +Candidate: (.*)$/gm)]
    .filter(([, , candidate]) => candidate !== '(none)')
    .map(([, name]) => name);
  const debs = join(work, 'debs');
  mkdirSync(debs);
  run('apt-get', ['-o', 'APT::Sandbox::User=root', 'download', ...real], { cwd: debs });
  const info = join(dir, 'var', 'lib', 'dpkg', 'info');
  mkdirSync(info, { recursive: true });
  const records = [];
  for (const deb of readdirSync(debs)
    .filter((name) => name.endsWith('.deb'))
    .sort()) {
    const path = join(debs, deb);
    execFileSync('sh', [
      '-c',
      'dpkg-deb --fsys-tarfile "$0" | tar -x --no-same-owner --keep-directory-symlink -C "$1"',
      path,
      dir,
    ]);
    const control = run('dpkg-deb', ['-f', path]).trimEnd();
    records.push(control.replace('\n', '\nStatus: install ok installed\n'));
    const files = execFileSync('sh', ['-c', 'dpkg-deb --fsys-tarfile "$0" | tar -t', path], {
      encoding: 'utf8',
      maxBuffer: 1 << 26,
    });
    writeFileSync(
      join(info, `${deb.split('_')[0]}.list`),
      files.replace(/^\.\/?/gm, '/').replace(/(?<=.)\/$/gm, ''),
    );
  }
  writeFileSync(join(dir, 'var', 'lib', 'dpkg', 'status'), `${records.join('\n\n')}\n`);
}

function python(dir) {
  const wheels = join(work, 'wheels');
  run('python3', [
    '-m',
    'pip',
    'download',
    '--quiet',
    '--no-deps',
    '--only-binary=:all:',
    '--dest',
    wheels,
    ...WHEELS,
  ]);
  const site = join(dir, 'usr', 'local', 'lib', 'python3.11', 'site-packages');
  mkdirSync(site, { recursive: true });
  for (const wheel of readdirSync(wheels)) run('python3', ['-m', 'zipfile', '-e', join(wheels, wheel), site]);
}

function node(dir) {
  const app = join(dir, 'srv', 'app');
  mkdirSync(app, { recursive: true });
  writeFileSync(join(app, 'package.json'), '{"name":"bench-app","version":"1.0.0","private":true}\n');
  run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', ...NPM], {
    cwd: app,
  });
}

/** Blobs of the layers of an image that was built before. */
function layersOf(dir) {
  if (!existsSync(join(dir, 'index.json'))) return [];
  const blob = ({ digest }) => join(dir, 'blobs', 'sha256', digest.slice('sha256:'.length));
  return JSON.parse(readFileSync(blob(readIndex(dir).manifests[0]), 'utf8')).layers.map(blob);
}

function readIndex(dir) {
  return JSON.parse(readFileSync(join(dir, 'index.json'), 'utf8'));
}

function unpacked(blob, index) {
  const tarFile = join(work, `before-${index}.tar`);
  execFileSync('sh', ['-c', 'cp "$0" "$1.gz" && gzip -dc "$0" > "$1"', blob, tarFile]);
  return { tarFile, packed: `${tarFile}.gz`, bytes: statSync(tarFile).size };
}

function layer(name, fill) {
  console.error(`layer ${name} …`);
  const dir = join(work, name);
  mkdirSync(dir);
  fill(dir);
  const tarFile = join(work, `${name}.tar`);
  run('tar', [
    '--sort=name',
    '--mtime=@0',
    '--owner=0',
    '--group=0',
    '--numeric-owner',
    '-C',
    dir,
    '-cf',
    tarFile,
    '.',
  ]);
  rmSync(dir, { recursive: true });
  const bytes = statSync(tarFile).size;
  execFileSync('sh', ['-c', 'gzip -6 -n -c "$0" > "$0.gz"', tarFile]);
  return { tarFile, packed: `${tarFile}.gz`, bytes };
}

// ---------------------------------------------------------------- OCI image layout

async function writeLayout() {
  const blobs = join(work, 'oci', 'blobs', 'sha256');
  mkdirSync(blobs, { recursive: true });
  const store = (mediaType, bytes) => {
    const digest = createHash('sha256').update(bytes).digest('hex');
    writeFileSync(join(blobs, digest), bytes);
    return { mediaType, digest: `sha256:${digest}`, size: bytes.length };
  };
  const json = (value) => Buffer.from(JSON.stringify(value));
  const descriptors = [];
  for (const { packed } of layers) {
    const digest = await hashFile(packed);
    const size = statSync(packed).size;
    renameSync(packed, join(blobs, digest));
    descriptors.push({
      mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
      digest: `sha256:${digest}`,
      size,
    });
  }
  const diffIds = [];
  for (const { tarFile } of layers) diffIds.push(`sha256:${await hashFile(tarFile)}`);
  const config = store(
    'application/vnd.oci.image.config.v1+json',
    json({ architecture: 'amd64', os: 'linux', config: {}, rootfs: { type: 'layers', diff_ids: diffIds } }),
  );
  const mediaType = 'application/vnd.oci.image.manifest.v1+json';
  const manifest = store(mediaType, json({ schemaVersion: 2, mediaType, config, layers: descriptors }));
  writeFileSync(
    join(work, 'oci', 'index.json'),
    json({
      schemaVersion: 2,
      manifests: [{ ...manifest, platform: { architecture: 'amd64', os: 'linux' } }],
      annotations: { 'programs-layer': maker },
    }),
  );
  writeFileSync(join(work, 'oci', 'oci-layout'), json({ imageLayoutVersion: '1.0.0' }));
}

async function hashFile(path) {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest('hex');
}

// ---------------------------------------------------------------- programs

function run(program, args, options = {}) {
  return execFileSync(program, args, {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
    stdio: ['ignore', 'pipe', 'inherit'],
    ...options,
  });
}

function need(program, args, what) {
  try {
    execFileSync(program, args, { stdio: 'ignore' });
  } catch {
    fail(`${program} ${args.join(' ')} does not work: install ${what}`);
  }
}

function fail(message) {
  console.error(`${basename(process.argv[1])}: ${message}`);
  process.exit(1);
}
