/**
 * The layer of the measured image that apt, pip and npm do not give: Java archives, one of them an application full of
 * others, and Go programs, of usual sizes. Code is taken from the program that runs this, as it is packed like other code.
 */
import { closeSync, fstatSync, mkdirSync, openSync, readSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { goProgram } from '../src/ecosystems/go/function-table.fixture.ts';
import { makeZip, type ZipMember } from '../src/formats/archives/zip.fixture.ts';

const JARS = 120;
const IN_WAR = 40;
const PROGRAMS = 4;
const PROGRAM_BYTES = 30e6;
const DEPENDENCIES = 150;
/** Of each program: one of 30 MB has some 30,000. */
const FUNCTIONS = 30_000;

/** Writes the files of the layer below `dir`. */
export function fillPrograms(dir: string): void {
  using code = codeOf(process.execPath);
  const lib = join(dir, 'opt', 'app', 'lib');
  mkdirSync(lib, { recursive: true });
  for (let index = 0; index < JARS; index++) writeFileSync(join(lib, `lib-${index}.jar`), jarOf(index, code));
  const nested = Array.from({ length: IN_WAR }, (_, index): ZipMember => {
    return {
      name: `WEB-INF/lib/inner-${index}.jar`,
      content: jarOf(1000 + index, code),
      method: index % 2 === 0 ? 0 : 8,
    };
  });
  writeFileSync(
    join(dir, 'opt', 'app', 'app.war'),
    makeZip({ members: [...nested, ...classesOf(50, code)] }),
  );
  const bin = join(dir, 'usr', 'local', 'bin');
  mkdirSync(bin, { recursive: true });
  for (let index = 0; index < PROGRAMS; index++) {
    const info = { version: 'go1.22.4', modules: modulesOf(index) };
    const program = goProgram(info, functionsOf(index), { section: '.gopclntab' });
    const bytes = Buffer.concat([program, code.next(PROGRAM_BYTES)]);
    writeFileSync(join(bin, `service-${index}`), bytes, { mode: 0o755 });
  }
}

function jarOf(index: number, code: Code): Buffer {
  const coordinates = `groupId=org.example\nartifactId=lib-${index}\nversion=1.${index}.0\n`;
  const manifest = `Manifest-Version: 1.0\r\nBundle-SymbolicName: org.example.lib${index}\r\nBundle-Version: 1.${index}.0\r\n\r\n`;
  return makeZip({
    members: [
      { name: 'META-INF/MANIFEST.MF', content: manifest },
      { name: `META-INF/maven/org.example/lib-${index}/pom.properties`, content: coordinates },
      ...classesOf(50 + ((index * 37) % 300), code),
    ],
  });
}

function classesOf(count: number, code: Code): ZipMember[] {
  return Array.from({ length: count }, (_, index) => ({
    name: `org/example/package${index % 10}/Class${index}.class`,
    content: code.next(1000 + ((index * 997) % 7000)),
  }));
}

function modulesOf(index: number): string {
  const dependencies = Array.from(
    { length: DEPENDENCIES },
    (_, each) => `dep\texample.com/module-${each}\tv1.${index}.${each}\th1:${'A'.repeat(43)}=\n`,
  );
  return `path\texample.com/service-${index}\nmod\texample.com/service-${index}\tv1.0.0\t\n${dependencies.join('')}build\t-compiler=gc\n`;
}

/** By packages of the modules, as the linker sorts them; every third is a closure in another. */
function functionsOf(program: number): string[] {
  const perPackage = 60;
  return Array.from({ length: FUNCTIONS }, (_, index) => {
    const place = Math.floor(index / perPackage);
    const folder = `example.com/module-${place % DEPENDENCIES}/internal/package${place}`;
    const method = `(*Type${index % 20}).Method${index - (index % 3)}Of${program}`;
    return `${folder}.${method}${index % 3 === 0 ? '' : `.func${index % 3}`}`;
  });
}

interface Code extends Disposable {
  next(bytes: number): Buffer;
}

/** Pieces of a program, one after the other and again from its start. */
function codeOf(path: string): Code {
  const fd = openSync(path, 'r');
  const { size } = fstatSync(fd);
  let at = 0;
  return {
    next(bytes) {
      if (at + bytes > size) at = 0;
      const piece = Buffer.allocUnsafe(bytes);
      at += readSync(fd, piece, 0, bytes, at);
      return piece;
    },
    [Symbol.dispose]: () => closeSync(fd),
  };
}
