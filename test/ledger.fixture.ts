/** For tests: files that can run, packages that own them, and the ledger of their layers. */
import assert from 'node:assert/strict';
import { ecosystems } from '../src/ecosystems/index.ts';
import { makeZip } from '../src/formats/archives/zip.fixture.ts';
import { elf } from '../src/formats/programs/programs.fixture.ts';
import type { LayerScan } from '../src/image/layer/layer-scan.ts';
import type { TarFile } from '../src/image/tar/writer.fixture.ts';
import { mergeLayers } from '../src/indexer/merge-layers.ts';
import { settleFiles } from '../src/indexer/settle-files.ts';
import type { Ledger } from '../src/model/ledger.ts';
import { detectors, scanFiles } from './ecosystems.fixture.ts';

export const file = (name: string, content: string | Buffer = '', mode = 0o644): TarFile => ({
  name,
  content,
  mode,
});
export const program = (name: string, data = 'data'): TarFile =>
  file(
    name,
    elf(() => Buffer.from(data), { section: '.symtab' }),
    0o755,
  );
export const script = (name: string): TarFile => file(name, '#!/bin/sh\n', 0o755);
export const gone = (name: string): TarFile => file(name);

export function ledgerOf(scans: readonly LayerScan[]): Ledger {
  const { ledger } = mergeLayers(ecosystems, settleFiles(scans, detectors));
  assert.ok(ledger);
  return ledger;
}

export async function ledgerOfLayers(...layers: (readonly TarFile[])[]): Promise<Ledger> {
  const scans: LayerScan[] = [];
  for (const layer of layers) scans.push(await scanFiles(layer));
  return ledgerOf(scans);
}

/** The accounts that have any files, and how many; the paths of what is unaccounted, with their marks. */
export async function told(...layers: (readonly TarFile[])[]): Promise<string> {
  const { accounts, unaccounted } = await ledgerOfLayers(...layers);
  return [
    ...Object.entries(accounts).flatMap(([name, { files }]) => (files > 0 ? [`${name} ${files}`] : [])),
    ...unaccounted.map(({ path, marks }) => [path, ...marks].join(' ')).sort(),
  ].join(', ');
}

const status = (name: string, maintainer: string): string =>
  `Package: ${name}\nStatus: install ok installed\nVersion: 1.0-1\nArchitecture: all\nMaintainer: ${maintainer}\n`;
export const dpkg = (name: string, maintainer: string, ...paths: string[]): TarFile[] => [
  file('var/lib/dpkg/status', status(name, maintainer)),
  file(`var/lib/dpkg/info/${name}.list`, `/.\n${paths.map((path) => `/${path}\n`).join('')}`),
];
export const DEBIAN = 'Debian <a@lists.debian.org>';
export const METADATA = 'Metadata-Version: 2.1\nName: lab\nVersion: 1.0\n\n';
export const SITE = 'usr/lib/python3/site-packages';
export const manifest = (name: string): string => JSON.stringify({ name, version: '1.0.0' });
export const JAR = makeZip({
  members: [{ name: 'META-INF/maven/g/a/pom.properties', content: 'groupId=g\nartifactId=a\nversion=1.0\n' }],
});
export const COMPOSER = {
  packages: [{ name: 'lab/tool', version: '1.0.0', 'install-path': '../lab/tool', bin: ['bin/tool'] }],
};
export const DEPS = {
  runtimeTarget: { name: '.NETCoreApp,Version=v8.0' },
  targets: {
    '.NETCoreApp,Version=v8.0': {
      'App/1.0.0': { runtime: { 'App.dll': {} } },
      'Lab/1.0.0': { runtime: { 'lib/net8.0/Lab.dll': {} } },
    },
  },
  libraries: { 'App/1.0.0': { type: 'project' }, 'Lab/1.0.0': { type: 'package' } },
};
export const GEM =
  'Gem::Specification.new do |s|\n  s.name = "lab".freeze\n  s.version = "1.0"\n  s.executables = ["lab".freeze]\nend\n';
