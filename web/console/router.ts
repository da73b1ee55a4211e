/** Addresses of the console: paths below its root, answered by the server with the same page. */
import { useEffect, useMemo, useState } from 'preact/hooks';
import { type Changes, changed, type Nav, queryText } from '../lib/nav.ts';

/** Path of the root: the document says it, so that a proxy may serve the console below a prefix of its own. */
const ROOT = new URL(document.baseURI).pathname;

function hrefOf(path: readonly string[], query: URLSearchParams): string {
  const encoded = path.map((part) => encodeURIComponent(part).replace(/%(3A|40|2B)/g, decodeURIComponent));
  return `${ROOT}${encoded.join('/')}${queryText(query)}`;
}

function pathOf(pathname: string): string[] {
  return pathname.slice(ROOT.length).split('/').filter(Boolean).map(decoded);
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** Moves to `href` of this console. */
function move(href: string, replace = false): void {
  if (replace) history.replaceState(null, '', href);
  else history.pushState(null, '', href);
  dispatchEvent(new PopStateEvent('popstate'));
}

/** `#DIGEST` and `#NEW..OLD`, the addresses of the page before this one. */
export function redirectOldHash(): void {
  const [head, base] = decoded(location.hash.slice(1)).split('..');
  if (head === undefined || !/^sha(256|512):[0-9a-f]+$/i.test(head)) return;
  const path = base ? ['compare', `${base}...${head}`] : ['images', head];
  history.replaceState(null, '', hrefOf(path, new URLSearchParams()));
}

/** Links of the console change the address without another document; with a modifier they are the browser's. */
export function interceptLinks(): void {
  addEventListener('click', (event) => {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = (event.target as Element | null)?.closest<HTMLAnchorElement>('a[href]');
    if (link?.target !== '' || link.origin !== location.origin) return;
    if (!link.pathname.startsWith(ROOT) || link.hash !== '') return;
    event.preventDefault();
    move(link.href, link.dataset.replace !== undefined);
  });
}

export function useRouter(): Nav {
  const [address, setAddress] = useState(() => ({ pathname: location.pathname, search: location.search }));
  useEffect(() => {
    const follow = () => setAddress({ pathname: location.pathname, search: location.search });
    addEventListener('popstate', follow);
    return () => removeEventListener('popstate', follow);
  }, []);
  const { pathname, search } = address;
  useEffect(() => {
    if (isFirst) {
      isFirst = false;
      return;
    }
    scrollTo(0, 0);
    document.querySelector<HTMLElement>('h1')?.focus({ preventScroll: true });
  }, [pathname]);
  return useMemo(() => {
    const query = new URLSearchParams(search);
    const path = pathOf(pathname);
    return {
      path,
      query,
      href: (to, changes: Changes = {}) => hrefOf(to, changed(new URLSearchParams(), changes)),
      with: (changes) => hrefOf(path, changed(query, changes)),
      go: (href, { replace = false } = {}) => move(href, replace),
    };
  }, [pathname, search]);
}

let isFirst = true;
