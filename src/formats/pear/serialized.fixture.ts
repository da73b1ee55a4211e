/** Writes values as PHP does, for tests. */

export type Plain = string | number | boolean | null | { readonly [key: string]: Plain };

/** `value` as PHP's `serialize` writes it. */
export function serialized(value: Plain): string {
  if (value === null) return 'N;';
  if (typeof value === 'boolean') return `b:${Number(value)};`;
  if (typeof value === 'number') return Number.isInteger(value) ? `i:${value};` : `d:${value};`;
  if (typeof value === 'string') return `s:${Buffer.byteLength(value)}:"${value}";`;
  const entries = Object.entries(value);
  const written = entries.map(
    ([key, each]) => `${/^\d+$/.test(key) ? `i:${key};` : serialized(key)}${serialized(each)}`,
  );
  return `a:${entries.length}:{${written.join('')}}`;
}

/** A record of PEAR's registry, with what such records have beside. */
export function pearRecord(name: string, version: string, files: readonly string[] = []): string {
  const list = Object.fromEntries(
    files.map((path, index) => [`f${index}`, { role: 'php', installedas: path }]),
  );
  return serialized({
    attribs: { packagerversion: '1.10.13', version: '2.0' },
    name,
    channel: 'pear.php.net',
    summary: 'Größe "1"; a:1:{',
    version: { release: version, api: '1.4.0' },
    dependencies: { required: { php: { min: '5.2.0' } } },
    filelist: list,
    _lastmodified: 1_600_000_000,
  });
}
