import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Detection } from '../../contract/detector.ts';
import { makeZip, type ZipMember } from '../../formats/archives/zip.fixture.ts';
import { asFile, pe } from '../../formats/programs/programs.fixture.ts';
import { javaArchives } from './detect-archives.ts';

const POM: ZipMember = {
  name: 'META-INF/maven/org.x/lib/pom.properties',
  content: 'groupId=org.x\nartifactId=lib\nversion=1.0\n',
};
const gem = (name: string, content = `  s.name = "${name}".freeze\n  s.version = "1.2.3"\n`): ZipMember => ({
  name: `META-INF/jruby.home/lib/ruby/gems/shared/specifications/${name}-1.2.3-java.gemspec`,
  content: `Gem::Specification.new do |s|\n${content}end\n`,
});

/** What is found in the file, if it is looked at. */
function told(path: string, bytes: Buffer): string[] {
  const file = asFile(bytes, path);
  if (!javaArchives.inspects!(file) || !javaArchives.magic!(bytes.subarray(0, 512), file))
    return ['not read'];
  return [...javaArchives.inspect!(file, file)].flatMap((each: Detection) => {
    if (each.found === 'problem') return `! ${each.where} ${each.reason}`;
    if (each.found !== 'package') return [];
    const { name, version, database, listed, hint = '' } = each.package;
    return `${listed ? `listed ${hint}` : ''}${name} ${version} ${database}`;
  });
}

describe('archives behind programs of Windows', () => {
  const launcher = pe(() => Buffer.alloc(80_000));
  const jar = makeZip({ members: [POM] });
  const cases: [what: string, bytes: Buffer, want: string[]][] = [
    ['as Launch4j makes them', Buffer.concat([launcher, jar]), ['org.x:lib 1.0 maven:srv/app.exe']],
    [
      'that hold others',
      Buffer.concat([launcher, makeZip({ members: [{ name: 'lib/a.jar', content: jar }] })]),
      ['org.x:lib 1.0 maven:srv/app.exe:lib/a.jar'],
    ],
    [
      'that start a script of Python',
      Buffer.concat([launcher, makeZip({ members: [{ name: '__main__.py', content: 'x' }] })]),
      [],
    ],
    ['of which there are none', launcher, []],
    ['that are cut', Buffer.concat([launcher, jar.subarray(0, 60)]), []],
    ['behind a program that is too small', Buffer.concat([pe(() => Buffer.alloc(64)), jar]), ['not read']],
  ];
  for (const [what, bytes, want] of cases) it(what, () => assert.deepEqual(told('srv/app.exe', bytes), want));
});

describe('gems in archives of Java', () => {
  const at = (path: string, name: string) =>
    `listed pkg:gem/${name}@1.2.3${name} 1.2.3 ruby:${path}:META-INF/jruby.home/lib/ruby/gems/shared/specifications/${name}-1.2.3-java.gemspec`;
  it('are told of the ecosystem of Ruby', () =>
    assert.deepEqual(told('a.jar', makeZip({ members: [POM, gem('rack'), gem('rake')] })), [
      'org.x:lib 1.0 maven:a.jar',
      at('a.jar', 'rack'),
      at('a.jar', 'rake'),
    ]));
  it('are found in archives within archives', () => {
    const inner = makeZip({ members: [gem('rack')] });
    const outer = makeZip({ members: [{ name: 'WEB-INF/lib/b.jar', content: inner }] });
    assert.deepEqual(told('a.war', outer), [at('a.war:WEB-INF/lib/b.jar', 'rack')]);
  });
  it('that cannot be read are told, and lose no other', () =>
    assert.deepEqual(told('a.jar', makeZip({ members: [gem('rack', ''), gem('rake')] })), [
      `! a.jar:${gem('rack').name} no name and version that can be read`,
      at('a.jar', 'rake'),
    ]));
  it('are no sources of gems', () =>
    assert.deepEqual(
      told('a.jar', makeZip({ members: [{ ...gem('rack'), name: 'gems/rack/rack.gemspec' }] })),
      [],
    ));
});
