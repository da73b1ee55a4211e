#!/usr/bin/env node
/**
 * Builds the example image as an OCI layout: three layers of a small Debian 12 with a Python and a Node.js program,
 * written here, so that scanning needs neither a registry nor a network. The same bytes every time.
 *
 *     node scripts/build-example-image.mjs [DIR]        default: build/example-image
 *
 * Plain JavaScript without dependencies: it runs on any Node from 20 on.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const target = resolve(process.argv[2] ?? join(root, 'build', 'example-image'));

// ---------------------------------------------------------------- what is in it

const osRelease = `PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
NAME="Debian GNU/Linux"
VERSION_ID="12"
VERSION="12 (bookworm)"
VERSION_CODENAME=bookworm
ID=debian
HOME_URL="https://www.debian.org/"
`;

/** Binary package, version, source package (with its version where that differs). */
const debianPackages = [
  ['base-files', '12.4+deb12u5', ''],
  ['bash', '5.2.15-2+b2', 'bash (5.2.15-2)'],
  ['coreutils', '9.1-1', ''],
  ['curl', '7.88.1-10+deb12u1', ''],
  ['libc-bin', '2.36-9+deb12u1', 'glibc'],
  ['libc6', '2.36-9+deb12u1', 'glibc'],
  ['libcurl4', '7.88.1-10+deb12u1', 'curl'],
  ['libexpat1', '2.5.0-1+deb12u1', 'expat'],
  ['libgnutls30', '3.7.9-2+deb12u2', 'gnutls28'],
  ['libssl3', '3.0.11-1~deb12u1', 'openssl'],
  ['openssl', '3.0.11-1~deb12u1', ''],
  ['perl-base', '5.36.0-7+deb12u1', 'perl'],
  ['tar', '1.34+dfsg-1.2', ''],
  ['zlib1g', '1:1.2.13.dfsg-1', 'zlib'],
];

const dpkgStatus = (packages) =>
  packages
    .map(([name, version, source]) =>
      [
        `Package: ${name}`,
        'Status: install ok installed',
        'Priority: optional',
        'Section: admin',
        'Maintainer: Example <example@example.org>',
        'Architecture: amd64',
        ...(source === '' ? [] : [`Source: ${source}`]),
        `Version: ${version}`,
        `Description: example record of ${name}`,
        '',
      ].join('\n'),
    )
    .join('\n');

const sitePackages = 'opt/app/lib/python3.11/site-packages';
const pythonPackages = [
  ['requests', '2.28.2'],
  ['urllib3', '1.26.18'],
  ['certifi', '2023.7.22'],
  ['Jinja2', '3.1.2'],
  ['PyYAML', '6.0.1'],
];
const metadata = (name, version) =>
  `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\nSummary: example record of ${name}\n`;
const pythonFiles = (packages) =>
  packages.flatMap(([name, version]) => {
    const dir = `${sitePackages}/${name}-${version}.dist-info`;
    return [
      [`${dir}/METADATA`, metadata(name, version)],
      [`${dir}/INSTALLER`, 'pip\n'],
    ];
  });

const nodePackages = [
  ['lodash', '4.17.20'],
  ['minimist', '1.2.8'],
  ['semver', '7.3.8'],
  ['express', '4.19.2'],
  ['@babel/traverse', '7.22.0'],
];
const nodeFiles = nodePackages.map(([name, version]) => [
  `srv/app/node_modules/${name}/package.json`,
  `${JSON.stringify({ name, version, main: 'index.js' }, null, 2)}\n`,
]);

const layers = [
  {
    comment: 'Debian 12, not all of its security updates, and an application in Python',
    files: [
      ['etc/os-release', { link: '../usr/lib/os-release' }],
      ['usr/lib/os-release', osRelease],
      ['etc/debian_version', '12.4\n'],
      ['var/lib/dpkg/status', dpkgStatus(debianPackages)],
      ...pythonFiles([...pythonPackages, ['Flask', '2.2.2']]),
    ],
  },
  {
    comment: 'tar is brought up to date, Flask is removed',
    files: [
      [
        'var/lib/dpkg/status',
        dpkgStatus(
          debianPackages.map((row) => (row[0] === 'tar' ? ['tar', '1.34+dfsg-1.2+deb12u1', ''] : row)),
        ),
      ],
      [`${sitePackages}/.wh.Flask-2.2.2.dist-info`, ''],
    ],
  },
  {
    comment: 'an application in Node.js',
    files: [...nodeFiles, ['srv/app/index.js', "require('express')();\n"]],
  },
];

// ---------------------------------------------------------------- tar

const BLOCK = 512;

/** POSIX.1-1988 ustar header: names here fit its 100 bytes, times are 0, the owner is root. */
function header(name, size, type, link = '') {
  const block = Buffer.alloc(BLOCK);
  const octal = (value, width) => `${value.toString(8).padStart(width - 1, '0')}\0`;
  if (Buffer.byteLength(name) > 100) throw new Error(`name too long for a tar header: ${name}`);
  block.write(name, 0);
  block.write(octal({ 0: 0o644, 2: 0o777, 5: 0o755 }[type], 8), 100);
  block.write(octal(0, 8), 108);
  block.write(octal(0, 8), 116);
  block.write(octal(size, 12), 124);
  block.write(octal(0, 12), 136);
  block.write('        ', 148); // the checksum is taken with blanks in its place
  block.write(type, 156);
  block.write(link, 157);
  block.write('ustar\x0000', 257);
  block.write('root', 265);
  block.write('root', 297);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}

function tar(files) {
  const blocks = [];
  const made = new Set();
  for (const [name, content] of files) {
    const parents = name.split('/').slice(0, -1);
    for (let depth = 1; depth <= parents.length; depth++) {
      const directory = `${parents.slice(0, depth).join('/')}/`;
      if (made.has(directory)) continue;
      made.add(directory);
      blocks.push(header(directory, 0, '5'));
    }
    if (typeof content === 'object') {
      blocks.push(header(name, 0, '2', content.link));
      continue;
    }
    const bytes = Buffer.from(content);
    blocks.push(
      header(name, bytes.length, '0'),
      bytes,
      Buffer.alloc((BLOCK - (bytes.length % BLOCK)) % BLOCK),
    );
  }
  return Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK)]);
}

// ---------------------------------------------------------------- OCI image layout

const digestOf = (bytes) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
const json = (value) => Buffer.from(JSON.stringify(value));

/** Written beside `target`, then renamed: nobody sees half a layout. */
const unfinished = `${target}.new-${process.pid}`;
rmSync(unfinished, { recursive: true, force: true });
mkdirSync(join(unfinished, 'blobs', 'sha256'), { recursive: true });

function store(mediaType, bytes) {
  const digest = digestOf(bytes);
  writeFileSync(join(unfinished, 'blobs', ...digest.split(':')), bytes);
  return { mediaType, digest, size: bytes.length };
}

const tars = layers.map(({ files }) => tar(files));
const descriptors = tars.map((bytes) => {
  const packed = gzipSync(bytes, { level: 9 });
  packed[9] = 255; // RFC 1952: the operating system; zlib fills in the one it was built for
  return store('application/vnd.oci.image.layer.v1.tar+gzip', packed);
});
const created = '1970-01-01T00:00:00Z';
const config = store(
  'application/vnd.oci.image.config.v1+json',
  json({
    created,
    architecture: 'amd64',
    os: 'linux',
    config: { Env: ['PATH=/usr/bin:/bin'], WorkingDir: '/srv/app' },
    rootfs: { type: 'layers', diff_ids: tars.map(digestOf) },
    history: layers.map(({ comment }) => ({ created, created_by: 'build-example-image', comment })),
  }),
);
const manifest = store(
  'application/vnd.oci.image.manifest.v1+json',
  json({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config,
    layers: descriptors,
  }),
);
const annotations = { 'org.opencontainers.image.ref.name': 'example' };
writeFileSync(
  join(unfinished, 'index.json'),
  json({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.index.v1+json',
    manifests: [{ ...manifest, platform: { architecture: 'amd64', os: 'linux' }, annotations }],
  }),
);
writeFileSync(join(unfinished, 'oci-layout'), json({ imageLayoutVersion: '1.0.0' }));
rmSync(target, { recursive: true, force: true });
renameSync(unfinished, target);
console.log(manifest.digest);
console.log(target); // last: others read it there
