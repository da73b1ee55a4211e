/** `mix.lock` and `rebar.lock` of folders of sources. */
import type { ListFormat, ListItem } from '../../formats/locks/list.ts';
import { lockFiles } from '../lock-files.ts';
import { HEX } from './detect-applications.ts';

const hexLock: ListFormat = {
  is: /(?:^|\/)(?:mix|rebar)\.lock$/,
  endsLines: true,
  *read(text): Generator<ListItem> {
    // `"jason": {:hex, :jason, "1.4.0", …}` of Mix, `{<<"jsx">>,{pkg,<<"jsx">>,<<"3.1.0">>},0}` of Rebar.
    const pinned =
      /"[^"\n]+": *\{:hex, *:"?([\w@]+)"?, *"([^"\n]+)"|\{pkg, *<<"([^"\n]+)">>, *<<"([^"\n]+)">>/g;
    for (const [, mix, version, rebar, rebarVersion] of text.matchAll(pinned))
      yield { name: mix ?? rebar ?? '', version: version ?? rebarVersion ?? '' };
    yield* unknownLines(text);
    const others = /"([^"\n]+)": *\{:git,[^\n]*|<<"([^"\n]+)">>,\s*\{git,/g;
    for (const [, mix, rebar] of text.matchAll(others))
      yield { unread: `${mix ?? rebar} is from a repository: its version is not in it, and not checked` };
  },
};

/** Lines of Mix's list that are no package, and whether the list has its end. */
function* unknownLines(text: string): Generator<ListItem> {
  const lines = text.split('\n').map((line) => line.trim());
  const isMix = lines.some((line) => line.startsWith('%{'));
  if (isMix)
    for (const line of lines)
      if (!/^(?:%\{|\}|%\{\}|"[^"]+": *\{:(?:hex|git|path), .*\},?|)$/.test(line))
        yield { unread: `a line is no package: ${line.slice(0, 80)}` };
  if (!(isMix ? /\}\s*$/ : /\.\s*$/).test(text)) yield { unread: 'its end is missing' };
}

// differs: a detector that Clair does not have: mix.lock and rebar.lock in directories of sources
export const hexLocks = lockFiles({
  id: 'hex-lock',
  revision: '1',
  formats: [hexLock],
  repository: HEX,
  database: 'hex',
});
