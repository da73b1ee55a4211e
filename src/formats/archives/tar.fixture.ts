/** For tests: tar archives of files. */

/** ustar; a name that is too long goes before in an extended header of pax. */
export function tarOf(files: readonly (readonly [path: string, content: string | Buffer])[]): Buffer {
  const blocks = files.flatMap(([path, content]) => {
    const bytes = Buffer.from(content);
    if (Buffer.byteLength(path) <= 100) return member(path, '0', bytes);
    const record = (length: number): string => `${length} path=${path}\n`;
    let length = Buffer.byteLength(record(0));
    while (Buffer.byteLength(record(length)) !== length) length = Buffer.byteLength(record(length));
    return [...member('pax', 'x', Buffer.from(record(length))), ...member(path.slice(0, 100), '0', bytes)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

function member(name: string, type: string, content: Buffer): Buffer[] {
  const header = Buffer.alloc(512);
  header.write(name, 0, 100);
  header.write('0000644\0', 100);
  header.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124);
  header.fill(' ', 148, 156);
  header.write(type, 156);
  header.write('ustar\x0000', 257, 'latin1');
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return [header, content, Buffer.alloc((512 - (content.length % 512)) % 512)];
}
