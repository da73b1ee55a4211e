/** A file has no server: its state is in the hash, so that a link to a file keeps it, too. */
import { useEffect, useMemo, useState } from 'preact/hooks';
import { changed, type Nav, queryText } from '../lib/nav.ts';

export function fileNav(hash: string, go: Nav['go']): Nav {
  const query = new URLSearchParams(hash.replace(/^#/, ''));
  const hrefOf = (wanted: URLSearchParams) => `#${queryText(wanted).replace('?', '')}`;
  return {
    path: [],
    query,
    href: (_path, changes = {}) => hrefOf(changed(new URLSearchParams(), changes)),
    with: (changes) => hrefOf(changed(query, changes)),
    go,
  };
}

export function useFileNav(): Nav {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const follow = () => setHash(location.hash);
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  return useMemo(
    () =>
      fileNav(hash, (href, { replace = false } = {}) => {
        if (replace) history.replaceState(null, '', href);
        else history.pushState(null, '', href);
        setHash(location.hash);
      }),
    [hash],
  );
}
