/** Names of functions as rustc writes them by default up to 1.96: those of C++ with Rust's paths in them (`rustc_symbol_mangling::legacy`). */

const HASH = /^h[0-9a-f]{16}$/;
const WORDS: Readonly<Record<string, string>> = {
  SP: '@',
  BP: '*',
  RF: '&',
  LT: '<',
  GT: '>',
  LP: '(',
  RP: ')',
  C: ',',
};

/** Returns the path of the function named `_ZN…E`, generic arguments in it; undefined if it is not Rust's. */
export function demangleLegacy(name: string): string | undefined {
  const parts: string[] = [];
  let at = 3;
  while (name[at] !== 'E') {
    const [digits] = /^[1-9]\d{0,4}/.exec(name.slice(at, at + 5)) ?? [];
    if (digits === undefined) return undefined;
    at += digits.length;
    const part = name.slice(at, at + Number(digits));
    if (part.length < Number(digits)) return undefined;
    at += part.length;
    parts.push(part);
  }
  if (parts.length < 3 || !HASH.test(parts.pop()!)) return undefined;
  return parts.map(unescaped).join('::');
}

function unescaped(part: string): string {
  return part
    .replace(/^_\$/, '$')
    .replace(/\$([A-Z]{1,2}|u[0-9a-f]{1,6})\$/g, (whole, word: string) => {
      if (!word.startsWith('u')) return WORDS[word] ?? whole;
      const code = Number.parseInt(word.slice(1), 16);
      return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
    })
    .replaceAll('..', '::');
}
