import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { RunnableKind } from '../../model/ledger.ts';
import { programMarks } from './program-marks.ts';
import { asFile, elf, machO, pe } from './programs.fixture.ts';
import { mayRun, RUNNABLE_HEAD, runnableKind } from './runnable.ts';

const nothing = () => Buffer.from('data');

describe('files that can run', () => {
  const zip = 'PK\x03\x04rest';
  const cases: [what: string, path: string, mode: number, head: Buffer | string, RunnableKind | undefined][] =
    [
      ['a program', 'bin/a', 0o755, elf(nothing), 'elf'],
      ['a library without permission', 'lib/a.so', 0o644, elf(nothing, { type: 3 }), 'elf'],
      ['an object file', 'a.o', 0o755, elf(nothing, { type: 1 }), undefined],
      ['a core dump', 'core', 0o755, elf(nothing, { type: 4 }), undefined],
      ['a program of Windows', 'a.exe', 0o644, pe(nothing), 'pe'],
      ['a program of macOS', 'a', 0o644, machO(nothing), 'mach-o'],
      ['a class of Java', 'a.class', 0o755, '\xca\xfe\xba\xbe\x00\x00\x00\x34 and the rest of it', undefined],
      ['a script', 'a', 0o755, '#!/bin/sh\n', 'script'],
      ['a script with blanks', 'a.py', 0o555, '#! /usr/bin/env python3\n', 'script'],
      ['the shortest script', 'a', 0o755, '#!a', 'script'],
      ['less than a script', 'a', 0o755, '#!', undefined],
      ['a script that may not be run', 'a', 0o644, '#!/bin/sh\n', undefined],
      ['a script without interpreter', 'a', 0o755, '#!\necho\n', undefined],
      ['a text', 'a', 0o755, 'echo hello\n', undefined],
      ['a comment', 'a', 0o755, '# hello\n', undefined],
      ['a jar', 'a.JAR', 0o644, zip, 'jar'],
      ['a web application', 'a.war', 0o644, zip, 'jar'],
      ['any other archive', 'a.zip', 0o644, zip, undefined],
      ['something named like a jar', 'a.jar', 0o644, 'text of no archive', undefined],
      ['WebAssembly', 'a.wasm', 0o644, '\0asm\x01\0\0\0', 'wasm'],
      ['zeros', 'a', 0o755, '\0\0\0\0\0\0\0\0', undefined],
      ['too little', 'a', 0o755, '#!', undefined],
    ];
  for (const [what, path, mode, content, want] of cases) {
    const head = Buffer.from(content as string, 'latin1').subarray(0, RUNNABLE_HEAD);
    it(`${what}: ${want}`, () => {
      assert.equal(runnableKind(path, mode, head), want);
      if (want !== undefined) assert.ok(mayRun(head[0]!), 'it is asked by its first byte');
    });
  }
  it('is told of whatever bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: RUNNABLE_HEAD }), (bytes) => {
        const kind = runnableKind('a.jar', 0o755, Buffer.from(bytes));
        assert.ok(kind === undefined || mayRun(bytes[0]!));
      }),
    );
  });
});

describe('what a program says of how it was made', () => {
  const section = '.rodata';
  const rust = () => Buffer.from(`/rustc/short /rustc/${'a1'.repeat(20)}/library/core/src/panicking.rs`);
  const host = createHash('sha256').update('.net core bundle\n').digest();
  const managed = pe(nothing);
  const optional = managed.readUInt32LE(60) + 24;
  const cases: [what: string, program: Buffer, want: readonly string[]][] = [
    ['nothing', elf(nothing, { section: '.symtab' }), []],
    ['no symbols', elf(nothing, { section }), ['stripped']],
    ['no sections', elf(nothing), ['stripped']],
    ['packed', elf(() => Buffer.from('UPX!'), { section: '.symtab' }), ['packed']],
    ['Go, by a section', elf(nothing, { section: '.gopclntab' }), ['go', 'stripped']],
    [
      'Go, by its note',
      elf(() => Buffer.from('\x04\0\0\0\x53\0\0\0\x04\0\0\0Go\0\0', 'latin1')),
      ['go', 'stripped'],
    ],
    ['Go, by its text', machO(() => Buffer.from('\xff Go build ID: "x"', 'latin1')), ['go']],
    ['Rust, by what it panics with', elf(rust, { section }), ['rust', 'stripped']],
    [
      'Rust, by the comment',
      elf(() => Buffer.from('rustc version 1.80.0'), { section: '.comment' }),
      ['rust', 'stripped'],
    ],
    ['paths that are no commit', elf(() => Buffer.from('/rustc/x/library'), { section }), ['stripped']],
    ['a host of .NET', elf(() => host, { section: '.data' }), ['dotnet', 'stripped']],
  ];
  for (const [what, program, want] of cases)
    it(`${what}: ${want}`, () => assert.deepEqual(programMarks(asFile(program)), want));

  it('an assembly of .NET, by the directory that only those have', () => {
    const wide = managed.readUInt16LE(optional) === 0x20b ? 112 : 96;
    const bytes = Buffer.concat([managed, Buffer.alloc(1024)]);
    assert.deepEqual(programMarks(asFile(bytes)), []);
    bytes.writeUInt32LE(16, optional + wide - 4);
    bytes.writeUInt32LE(0x2000, optional + wide + 14 * 8);
    assert.deepEqual(programMarks(asFile(bytes)), ['dotnet']);
  });
});
