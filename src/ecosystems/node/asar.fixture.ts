/** Composes archives of Electron, for tests. */

/** Files by their paths: their content, or what the directory has of them instead. */
export type AsarFiles = Readonly<Record<string, string | object>>;

interface Folder {
  readonly files: Record<string, object>;
}

/** As `asar pack` writes them; what `files` has in place of a content lies elsewhere. */
export function asar(files: AsarFiles): Buffer {
  const root: Folder = { files: {} };
  const contents: Buffer[] = [];
  let offset = 0;
  for (const [path, content] of Object.entries(files)) {
    const names = path.split('/');
    const base = names.pop()!;
    let folder = root;
    for (const name of names) folder = (folder.files[name] ??= { files: {} }) as Folder;
    if (typeof content !== 'string') {
      folder.files[base] = content;
      continue;
    }
    const bytes = Buffer.from(content);
    folder.files[base] = { size: bytes.length, offset: String(offset) };
    contents.push(bytes);
    offset += bytes.length;
  }
  return asarOf(JSON.stringify(root), Buffer.concat(contents));
}

/** The same of any directory. */
export function asarOf(directory: string, contents: Buffer): Buffer {
  const json = Buffer.from(directory);
  const padded = Buffer.concat([json, Buffer.alloc(-json.length & 3)]);
  const head = Buffer.alloc(16);
  for (const [index, value] of [4, padded.length + 8, padded.length + 4, json.length].entries())
    head.writeUInt32LE(value, index * 4);
  return Buffer.concat([head, padded, contents]);
}
