/** The name and version in a `.gemspec`, which is a Ruby program: read as RubyGems itself writes it, never run. */

export interface Gemspec {
  readonly name: string;
  readonly version: string;
}

/** No index of a database takes longer ones, and no gem has them. */
const MAX_LENGTH = 512;

/** `s.name = "rack".freeze`, also `%q{rack}` (RubyGems before 2.0) and `Gem::Version.new("1.0")`; nothing behind it. */
const ASSIGNMENT = /^[ \t]*\w+\.(name|version)[ \t]*=[ \t]*(\S{1,600})[ \t]*$/;
const LITERAL = /^(?:"([^"]*)"|'([^']*)'|%[qQ](?:\{([^}]*)\}|<([^>]*)>|\(([^)]*)\)|\[([^\]]*)\]))$/;

/** Reads a gemspec; undefined if it lacks a name or a version. */
export function readGemspec(content: Buffer): Gemspec | undefined {
  const values = new Map<string, string>();
  for (const line of content.toString().split(/\r\n|\n|\r/)) {
    if (line.length > 1024) continue; // a list of files
    const [, field, written] = ASSIGNMENT.exec(line) ?? [];
    // What a program assigns last is what counts.
    if (field !== undefined && written !== undefined) values.set(field, literalOf(written));
  }
  const [name, version] = [values.get('name'), values.get('version')];
  return isText(name) && isText(version) ? { name, version } : undefined;
}

/** clair-quirk: what is no text (`Foo::VERSION`) is told as it is written. */
// differs: %q{…} and Gem::Version.new(…) are what they stand for (clair-indexing.md#ruby-gems)
function literalOf(written: string): string {
  const bare = written
    .replace(/\.freeze$/, '')
    .replace(/^Gem::Version\.new\((.*)\)$/, '$1')
    .replace(/\.freeze$/, '');
  const literal = LITERAL.exec(bare)
    ?.slice(1)
    .find((text) => text !== undefined);
  return literal ?? bare.replace(/^['"]+|['"]+$/g, '');
}

function isText(text: string | undefined): text is string {
  return text !== undefined && text !== '' && text.length <= MAX_LENGTH && !/[\x00-\x1f\x7f]/.test(text);
}
