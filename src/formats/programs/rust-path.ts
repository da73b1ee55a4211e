/** Paths of Rust's functions, as demangled names and advisories write them: `crate::module::Type::method`. */

/** Nested brackets of a name; `Future`s of services have some 30. */
const MOST_DEPTH = 100;

/**
 * Returns the paths of the function that `text` names, crate first, without generic arguments, closures and the module of an
 * implementation. A method of a trait has two: by its type, and by its trait.
 */
export function rustPaths(text: string): string[][] {
  return pathsOf(text, 0).filter((path) => path.length > 1);
}

/** The name of a method without modules, which public paths and those of definitions do not share; of other functions the whole name. */
export function withoutModules(symbol: string): string {
  const [type, method] = symbol.split('::').slice(-2);
  return type && method && /^[A-Z]/.test(type) ? `::${type}::${method}` : symbol;
}

function pathsOf(text: string, depth: number): string[][] {
  if (depth > MOST_DEPTH) return [];
  let heads: string[][] = [[]];
  for (const part of split(text, '::')) {
    if (part.startsWith('{')) break;
    // Arguments may stand apart: `iter::<T>`, and of legacy names in the path itself.
    const isQualified = part.startsWith('<') && (heads[0]!.length === 0 || part.startsWith('<impl '));
    if (isQualified) heads = qualified(part.slice(1, -1), depth);
    else if (!part.startsWith('<')) {
      const name = part.split('<', 1)[0]!;
      heads = heads.map((head) => [...head, name]);
    }
    if (heads.length === 0) return [];
  }
  return heads;
}

/** `Type as Trait`, `impl Trait for Type`, `impl Type`, or a type alone. */
function qualified(inner: string, depth: number): string[][] {
  const said = inner.startsWith('impl ') ? inner.slice(5) : inner;
  const types = split(said, ' as ').flatMap((each) => split(each, ' for '));
  const paths = types.flatMap((type) =>
    pathsOf(type.replace(/^(?:&|mut |\*const |\*mut |dyn )+/, ''), depth + 1),
  );
  // A parameter, or a type of the language, is of no crate.
  return paths.filter((path) => path.length > 1);
}

/** At `separator`, where it is in no bracket. */
function split(text: string, separator: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (char === '<' || char === '(' || char === '[') depth++;
    // The arrow of a type of functions is no bracket; legacy names have `.` for `-`.
    else if (char === ')' || char === ']' || (char === '>' && !/[.-]/.test(text[at - 1] ?? ''))) depth--;
    else if (depth === 0 && text.startsWith(separator, at)) {
      parts.push(text.slice(start, at));
      start = at + separator.length;
      at = start - 1;
    }
  }
  return [...parts, text.slice(start)];
}
