/** Patterns of names and paths in ignore files. */

/**
 * `*` is anything but a slash, `**` anything, `?` one character but a slash; everything else stands for itself.
 * Takes time in proportion to both lengths, whatever they hold: the text may come from an image.
 */
export function matchesGlob(pattern: string, text: string): boolean {
  const tokens = pattern.match(/\*\*\/|\*+|[^*]/gs) ?? [];
  // ends[i]: the tokens so far fit the first i characters.
  let ends: boolean[] = Array.from({ length: text.length + 1 }, (_, i) => i === 0);
  for (const token of tokens) ends = step(ends, token, text);
  return ends[text.length] === true;
}

function step(before: readonly boolean[], token: string, text: string): boolean[] {
  const after = new Array<boolean>(before.length).fill(false);
  let open = false; // whether some earlier end can be stretched to here
  for (let i = 0; i < before.length; i++) {
    const char = text[i - 1];
    switch (token) {
      case '*':
        open = before[i] === true || (open && char !== '/');
        after[i] = open;
        break;
      case '**/':
        // Also nothing, so that `**/x` fits an `x` at the top.
        after[i] = before[i] === true || (open && char === '/');
        open ||= before[i] === true;
        break;
      case '?':
        after[i] = before[i - 1] === true && char !== '/';
        break;
      default:
        if (token.startsWith('**')) after[i] = open ||= before[i] === true;
        else after[i] = before[i - 1] === true && char === token;
    }
  }
  return after;
}
