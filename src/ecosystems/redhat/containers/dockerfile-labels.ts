/** The labels that a Dockerfile gives its image. */
import { readDockerfile } from './dockerfile-instructions.ts';
import { expandWord, splitWords } from './dockerfile-words.ts';

interface Stage {
  readonly labels: Map<string, string>;
  readonly variables: Map<string, string>;
}

/** More labels, variables and stages than any has. */
const MAX_ENTRIES = 10_000;

/** The labels of the last stage, which is the image; with those of the stages that it begins from. */
export function labelsOf(content: string): ReadonlyMap<string, string> {
  const { escaper, instructions } = readDockerfile(content);
  const stages = new Map<string, Stage>();
  let current: Stage = { labels: new Map(), variables: new Map() };
  let count = 0;
  for (const { keyword, text } of instructions) {
    if (count > MAX_ENTRIES) break;
    const words = () => splitWords(text, escaper);
    const expand = (word: string) => expandWord(word, current.variables, escaper);
    switch (keyword) {
      case 'FROM':
        current = stageFrom(words().map(expand), stages);
        break;
      case 'LABEL':
      case 'ENV':
        for (const [key, value] of pairs(words(), text, expand)) {
          (keyword === 'LABEL' ? current.labels : current.variables).set(key, value);
          count += 1;
        }
        break;
      case 'ARG':
        for (const word of words()) {
          const [, name, value] = /^([^=]+)=(.*)$/s.exec(word) ?? [];
          // One without a default, or that ENV has set, keeps what it is.
          if (name !== undefined && value !== undefined && !current.variables.has(name)) {
            current.variables.set(name, expand(value));
            count += 1;
          }
        }
        break;
    }
  }
  return current.labels;
}

/** `[--platform=…] IMAGE [AS NAME]` */
function stageFrom(words: readonly string[], stages: Map<string, Stage>): Stage {
  const [image = '', as = '', name = ''] = words.filter((word) => !word.startsWith('--'));
  const parent = stages.get(image.toLowerCase());
  const stage = { labels: new Map(parent?.labels), variables: new Map(parent?.variables) };
  if (/^as$/i.test(as) && name !== '' && stages.size < 100) stages.set(name.toLowerCase(), stage);
  return stage;
}

/** `KEY=VALUE …`, or in the old form `KEY all of the rest`. */
function pairs(words: readonly string[], text: string, expand: (word: string) => string): [string, string][] {
  const [first = ''] = words;
  if (first !== '' && !first.includes('=')) {
    return [[expand(first), expand(text.trim().slice(first.length).trim())]];
  }
  return words.flatMap((word): [string, string][] => {
    const [, key, value] = /^("[^"]*"|'[^']*'|[^=]+)=(.*)$/s.exec(word) ?? [];
    return key === undefined || value === undefined ? [] : [[expand(key), expand(value)]];
  });
}
