// What package managers install of a release: npm's package, a Debian package for each architecture, and a formula for Homebrew.
import { createHash } from 'node:crypto';
import { copyFileSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const DEBIAN = { x64: 'amd64', arm64: 'arm64' };

/**
 * A package of the one-file program with its manual page: `ar` of three members (deb(5)). `tar(folder, names)` gives
 * the same bytes each time.
 */
export function writeDebianPackage({ out, work, root, arch, version, about, time, tar }) {
  const folder = join(work, `deb-${arch}`);
  const place = join(folder, 'data', 'usr');
  for (const each of ['bin', 'share/doc/clairctl', 'share/man/man1'])
    mkdirSync(join(place, each), { recursive: true });
  copyFileSync(join(out, `clairctl-linux-${arch}`), join(place, 'bin', 'clairctl'));
  copyFileSync(join(root, 'LICENSE'), join(place, 'share/doc/clairctl/copyright'));
  const manual = readFileSync(join(root, 'docs/man/clairctl.1'));
  writeFileSync(join(place, 'share/man/man1/clairctl.1.gz'), gzipSync(manual, { level: 9 }));
  const control = join(folder, 'control');
  mkdirSync(control, { recursive: true });
  const kilobytes = Math.ceil(readFileSync(join(place, 'bin', 'clairctl')).length / 1024);
  writeFileSync(
    join(control, 'control'),
    [
      'Package: clairctl',
      `Version: ${version}`,
      `Architecture: ${DEBIAN[arch]}`,
      'Maintainer: whoever built it <root@localhost>', // voice-ok: a field of packages
      `Installed-Size: ${kilobytes}`,
      'Depends: libc6 (>= 2.28), libstdc++6',
      'Section: admin',
      'Priority: optional',
      `Description: ${about.description}`,
      '',
    ].join('\n'),
  );
  const members = [
    ['debian-binary', Buffer.from('2.0\n')],
    ['control.tar.gz', gzipSync(tar(control, ['.']), { level: 9 })],
    ['data.tar.gz', gzipSync(tar(join(folder, 'data'), ['.']), { level: 9 })],
  ];
  const parts = [Buffer.from('!<arch>\n')];
  for (const [name, bytes] of members) {
    parts.push(
      Buffer.from(
        `${name.padEnd(16)}${String(time).padEnd(12)}${'0'.padEnd(6)}${'0'.padEnd(6)}${'100644'.padEnd(8)}${String(bytes.length).padEnd(10)}\`\n`,
      ),
      bytes,
      Buffer.alloc(bytes.length % 2, '\n'),
    );
  }
  writeFileSync(join(out, `clairctl_${version}_${DEBIAN[arch]}.deb`), Buffer.concat(parts));
}

/** A formula that installs the npm package with Homebrew's Node; `url` is the folder of the release. */
export function writeFormula({ out, version, about, url }) {
  const name = `clair-${version}.tgz`;
  const sum = createHash('sha256')
    .update(readFileSync(join(out, name)))
    .digest('hex');
  writeFileSync(
    join(out, 'clairctl.rb'),
    `class Clairctl < Formula
  desc ${JSON.stringify(about.description.replace(/\.$/, '').slice(0, 79))}
  homepage "${url}"
  url "${url}/${name}"
  sha256 "${sum}"
  license "${about.license}"
  depends_on "node"

  def install
    system "npm", "install", *std_npm_args
    bin.install_symlink libexec.glob("bin/*")
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/clairctl version")
  end
end
`,
  );
}

/**
 * The built programs (in the folder `app`) for `npx`, `npm install -g`, or to be unpacked anywhere: Node >= 24 is all that they
 * need. `npx` runs the program that has the package's name.
 */
export function writeNpmPackage({ out, work, root, app, version, about, optionalDependencies, tar }) {
  const folder = join(work, 'npm', 'package');
  mkdirSync(join(folder, 'scripts'), { recursive: true });
  cpSync(app, join(folder, 'app'), { recursive: true });
  cpSync(join(root, 'bin'), join(folder, 'bin'), { recursive: true });
  for (const file of [
    'scripts/build.mjs',
    'scripts/node24.mjs',
    'README.md',
    'CHANGELOG.md',
    'LICENSE',
    'config.yaml.sample',
  ]) {
    copyFileSync(join(root, file), join(folder, file));
  }
  const { name, description, license, type, bin } = about;
  writeFileSync(
    join(folder, 'package.json'),
    `${JSON.stringify({ name, version, description, license, type, bin: { ...bin, [name]: bin.clairctl }, engines: { node: '>=24' }, optionalDependencies }, null, 2)}\n`,
  );
  writeFileSync(
    join(out, `clair-${version}.tgz`),
    gzipSync(tar(join(work, 'npm'), ['package']), { level: 9 }),
  );
}
