/** Files that detectors read beside those of the samples: one of each kind, with a package in it. */
import { deflateSync } from 'node:zlib';
import { bundle } from '../../../src/ecosystems/dotnet/bundle.fixture.ts';
import { bundles } from '../../../src/ecosystems/dotnet/detect-bundle.ts';
import { inlineInfo } from '../../../src/ecosystems/go/build-info.fixture.ts';
import { gobin } from '../../../src/ecosystems/go/detect-binary.ts';
import { auditable } from '../../../src/ecosystems/rust/detect-auditable.ts';
import { elf } from '../../../src/formats/programs/programs.fixture.ts';

const LAB = '"name":"lab","version":"1.2.3"';

/** By path. */
export const FURTHER: Readonly<Record<string, string>> = {
  'var/lib/dpkg/status.d/lab':
    'Package: lab\nStatus: install ok installed\nVersion: 1.2-3\nArchitecture: amd64\nMaintainer: Lab\n',
  'root/.pub-cache/hosted/pub.dev/lab-1.2.3/pubspec.yaml': 'name: lab\nversion: 1.2.3\n',
  'opt/ghc/package.conf.d/lab-1.2.3.conf': 'name: lab\nversion: 1.2.3\nid: lab-1.2.3\n',
  'root/.julia/packages/Lab/abcde/Project.toml': 'name = "Lab"\nversion = "1.2.3"\n',
  'app/lab.opam.locked':
    'opam-version: "2.0"\nname: "app"\ndepends: [\n  "lab" {= "1.2.3"}\n  "lot" {= "4.5.6"}\n]\n',
  'usr/share/sbom/lab.cdx.json':
    '{"bomFormat":"CycloneDX","specVersion":"1.6","components":[{"type":"library","name":"lab","version":"1.2.3","purl":"pkg:npm/lab@1.2.3"},{"type":"library","name":"lot","version":"4.5.6","purl":"pkg:npm/lot@4.5.6"}]}',
  'usr/share/sbom/lab.spdx.json':
    '{"spdxVersion":"SPDX-2.3","packages":[{"SPDXID":"SPDXRef-a","name":"lab","versionInfo":"1.2.3"},{"SPDXID":"SPDXRef-b","name":"lot","versionInfo":"4.5.6"}]}',
  'app/package-lock.json':
    '{"lockfileVersion":3,"packages":{"":{"name":"app"},"node_modules/lab":{"version":"1.2.3"},"node_modules/lot":{"version":"4.5.6"}}}',
  'app/yarn.lock':
    '# yarn lockfile v1\n\n\nlab@^1.0.0:\n  version "1.2.3"\n  resolved "https://registry.example/lab.tgz#a"\n\nlot@^4.0.0:\n  version "4.5.6"\n',
  'app/pnpm-lock.yaml':
    "lockfileVersion: '9.0'\n\npackages:\n\n  lab@1.2.3:\n    resolution: {integrity: sha512-a}\n\n  lot@4.5.6:\n    resolution: {integrity: sha512-b}\n",
  'app/bun.lock':
    '{\n  "lockfileVersion": 1,\n  "packages": {\n    "lab": ["lab@1.2.3", "", {}, "sha512-a"],\n    "lot": ["lot@4.5.6", "", {}, "sha512-b"],\n  }\n}\n',
  'app/poetry.lock':
    '[[package]]\nname = "lab"\nversion = "1.2.3"\nfiles = []\n\n[[package]]\nname = "lot"\nversion = "4.5.6"\nfiles = []\n\n[metadata]\nlock-version = "2.0"\ncontent-hash = "a"\n',
  'app/Pipfile.lock':
    '{"_meta":{"hash":{"sha256":"a"}},"default":{"lab":{"version":"==1.2.3"},"lot":{"version":"==4.5.6"}},"develop":{}}',
  'app/requirements.txt': 'lab==1.2.3\nlot==4.5.6\n',
  'app/go.mod':
    'module example.com/app\n\ngo 1.22\n\nrequire (\n\texample.com/lab v1.2.3\n\texample.com/lot v4.5.6 // indirect\n)\n',
  'app/Cargo.lock':
    'version = 3\n\n[[package]]\nname = "lab"\nversion = "1.2.3"\nsource = "registry+https://github.com/rust-lang/crates.io-index"\nchecksum = "a"\n\n[[package]]\nname = "lot"\nversion = "4.5.6"\nsource = "registry+https://github.com/rust-lang/crates.io-index"\nchecksum = "b"\n',
  'app/Gemfile.lock':
    'GEM\n  remote: https://rubygems.org/\n  specs:\n    lab (1.2.3)\n    lot (4.5.6)\n      lab (>= 1)\n\nPLATFORMS\n  ruby\n\nDEPENDENCIES\n  lot\n\nBUNDLED WITH\n   2.4.0\n',
  'app/composer.lock':
    '{"content-hash":"a","packages":[{"name":"lab/lab","version":"1.2.3"},{"name":"lab/lot","version":"4.5.6"}],"packages-dev":[]}',
  'app/mix.lock':
    '%{\n  "lab": {:hex, :lab, "1.2.3", "a", [:mix], [], "hexpm", "b"},\n  "lot": {:hex, :lot, "4.5.6", "a", [:mix], [], "hexpm", "b"},\n}\n',
  'app/packages.lock.json':
    '{"version":1,"dependencies":{"net8.0":{"Lab":{"type":"Direct","resolved":"1.2.3"},"Lot":{"type":"Transitive","resolved":"4.5.6"}}}}',
  'app/packages.config':
    '<?xml version="1.0" encoding="utf-8"?>\n<packages>\n  <package id="Lab" version="1.2.3" />\n  <package id="Lot" version="4.5.6" />\n</packages>\n',
  'app/paket.lock':
    'NUGET\n  remote: https://nuget.example\n    Lab (1.2.3)\n    Lot (4.5.6)\n      Lab (>= 1)\n',
  'app/pom.xml':
    '<project><modelVersion>4.0.0</modelVersion><groupId>g</groupId><artifactId>a</artifactId><version>1</version><dependencies><dependency><groupId>org.lab</groupId><artifactId>lab</artifactId><version>1.2.3</version></dependency></dependencies></project>\n',
  'app/gradle.lockfile':
    '# Gradle\norg.lab:lab:1.2.3=compileClasspath\norg.lab:lot:4.5.6=compileClasspath\nempty=annotationProcessor\n',
  'app/build.sbt.lock': `{"lockVersion":1,"dependencies":[{"org":"org.lab",${LAB}}]}`,
};

/** What is in a record of a program, wrapped into a sound one. */
export const RECORDS: readonly {
  readonly of: string;
  readonly content: string;
  readonly wrap: (bytes: Buffer) => Buffer;
}[] = [
  {
    of: gobin.id,
    content:
      'path\texample.com/main\nmod\texample.com/main\tv1.2.3\t\ndep\tgolang.org/x/net\tv0.17.0\th1:abc=\n',
    wrap: (modules) => elf(() => inlineInfo({ version: 'go1.21.5', modules: modules.toString('latin1') })),
  },
  {
    of: auditable.id,
    content:
      '{"packages":[{"name":"itoa","version":"1.0.18","source":"crates.io"},{"name":"app","version":"0.1.0","source":"local","root":true,"dependencies":[0]}]}',
    wrap: (json) => elf(() => deflateSync(json), { section: '.dep-v0' }),
  },
  {
    of: bundles.id,
    content:
      '{"runtimeTarget":{"name":"net8"},"targets":{"net8":{"Lab/1.2.3":{"runtime":{"Lab.dll":{}}},"Lot/4.5.6":{"runtime":{"Lot.dll":{}}}}},"libraries":{"Lab/1.2.3":{"type":"package"},"Lot/4.5.6":{"type":"package"}}}',
    wrap: bundle,
  },
];
