/** Damages JSON that stays JSON: what a parser of bytes would refuse at once does not test who reads the values. */
import type { Random } from './mutate.ts';

const ODD: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1e308,
  2 ** 53,
  '',
  ' ',
  '\0',
  '\ud800',
  '__proto__',
  'constructor',
  '0',
  '>=1.0,<2.0',
  'pkg:',
  'pkg:deb/debian/a@1?arch=%ZZ',
  'sha256:',
  '2099-13-45T99:99:99Z',
  '../../etc/passwd',
  'x'.repeat(5000),
  '9'.repeat(400),
  '['.repeat(300),
  [],
  {},
  [[[[[[[[]]]]]]]],
  { __proto__: null },
];

/** `value` with one to eight of its members replaced, dropped, doubled or swapped. */
export function mutateJson(value: unknown, random: Random): unknown {
  const root = { value: structuredClone(value) };
  for (let left = 1 + random(8); left > 0; left--) {
    const holders = holdersIn(root);
    const holder = holders[random(holders.length)]!;
    const keys = Object.keys(holder);
    const key = keys[random(keys.length)]!;
    const other = holders[random(holders.length)]!;
    const taken = other[Object.keys(other)[random(Object.keys(other).length)]!];
    const kind = random(5);
    if (kind === 0) holder[key] = structuredClone(ODD[random(ODD.length)]);
    else if (kind === 1 && holder !== root) delete holder[key];
    else if (kind === 2) holder[key] = structuredClone(taken);
    else if (kind === 3) holder[key] = damaged(holder[key], random);
    else if (Array.isArray(holder)) holder.push(structuredClone(taken));
    else holder[`${key}x`] = structuredClone(taken);
  }
  return root.value;
}

type Holder = Record<string, unknown>;

/** What has members, as far as memory allows. */
function holdersIn(root: Holder): Holder[] {
  const found: Holder[] = [root];
  for (let at = 0; at < found.length && found.length < 2000; at++) {
    for (const value of Object.values(found[at]!)) {
      if (typeof value === 'object' && value !== null && Object.keys(value).length > 0)
        found.push(value as Holder);
    }
  }
  return found;
}

function damaged(value: unknown, random: Random): unknown {
  if (typeof value === 'number') return -value * random(1000);
  if (typeof value !== 'string') return [value];
  const at = random(value.length + 1);
  return (
    value.slice(0, at) +
    String.fromCharCode(random(3) === 0 ? random(0x1_0000) : random(128)) +
    value.slice(at + random(3))
  );
}
