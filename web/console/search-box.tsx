/** One box for CVEs, aliases, packages, package URLs, images and digests, in every view. */
import { useEffect, useState } from 'preact/hooks';
import type { SearchHits } from '../../src/model/api/console/types.ts';
import { getJson } from '../lib/api.ts';
import { directHref, type Hit, hitHref } from '../lib/hits.ts';
import { useNav } from '../lib/nav.ts';
import { counted, shortDigest } from '../lib/words.ts';
import { Icon } from '../parts/icon.tsx';

const PAUSE = 150;
const KINDS = { cve: 'CVE', package: 'Package', image: 'Image' } as const;

export function SearchBox() {
  const nav = useNav();
  const [text, setText] = useState('');
  const [hits, setHits] = useState<readonly Hit[]>([]);
  const [chosen, setChosen] = useState(-1);
  const [isOpen, setOpen] = useState(false);
  useEffect(() => {
    const wanted = text.trim();
    if (wanted.length < 2) {
      setHits([]);
      return;
    }
    const abort = new AbortController();
    const timer = setTimeout(() => {
      getJson<SearchHits>(`search?q=${encodeURIComponent(wanted)}&limit=10`, abort.signal)
        .then((answer) => {
          setHits(answer.hits);
          setChosen(-1);
        })
        .catch(() => {}); // Enter leads to the page of the search, which says what failed
    }, PAUSE);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [text]);
  const leave = (href: string) => {
    setText('');
    setHits([]);
    setOpen(false);
    nav.go(href);
  };
  const isShown = isOpen && hits.length > 0;
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape') setOpen(false);
    else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      if (hits.length === 0) return;
      const by = event.key === 'ArrowDown' ? 1 : -1;
      setOpen(true);
      setChosen((old) => (old < 0 ? (by > 0 ? 0 : hits.length - 1) : (old + by + hits.length) % hits.length));
    } else return;
    event.preventDefault();
  };
  return (
    <search class="find">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          const hit = isShown ? hits[chosen] : undefined;
          if (hit !== undefined) leave(hitHref(nav, hit));
          else if (text.trim() !== '') leave(directHref(nav, text.trim()));
        }}
      >
        <input
          id="search"
          type="text"
          role="combobox"
          aria-label="Search CVEs, packages, images and digests"
          aria-expanded={isShown}
          aria-controls="search-hits"
          aria-autocomplete="list"
          {...(isShown && chosen >= 0 && { 'aria-activedescendant': `hit-${chosen}` })}
          placeholder="CVE, package, purl, image, digest"
          autocomplete="off"
          spellcheck={false}
          value={text}
          onInput={(event) => {
            setText(event.currentTarget.value);
            setOpen(true);
          }}
          onFocus={() => setOpen(true)}
          onBlur={() => setOpen(false)}
          onKeyDown={onKeyDown}
        />
      </form>
      <Icon name="search" />
      <kbd aria-hidden="true">/</kbd>
      <div
        id="search-hits"
        role="listbox"
        aria-label="Hits"
        {...(isShown ? { class: 'hits' } : { hidden: true })}
      >
        {hits.map((hit, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the field has the keys, and the focus
          // biome-ignore lint/a11y/useFocusableInteractive: as above
          <div
            key={`${hit.kind} ${hit.id}`}
            id={`hit-${index}`}
            role="option"
            aria-selected={index === chosen}
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => leave(hitHref(nav, hit))}
          >
            <span>
              <b>{hit.kind === 'image' ? hit.title || shortDigest(hit.id) : hit.id}</b>{' '}
              {hit.kind !== 'image' && hit.title !== hit.id && <span class="muted">{hit.title}</span>}
            </span>
            <span class="muted nowrap">
              {KINDS[hit.kind]}
              {hit.kind !== 'image' && ` · ${counted(hit.images, 'image')}`}
            </span>
          </div>
        ))}
      </div>
    </search>
  );
}
