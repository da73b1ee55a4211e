/** What is around every view: navigation, search, and whether the data can be trusted. */
import type { ComponentChildren } from 'preact';
import type { ConsoleFeeds, ConsoleSession } from '../../src/model/api/console/types.ts';
import { useLoad } from '../lib/load.ts';
import { useNav } from '../lib/nav.ts';
import { SessionContext } from '../lib/session.ts';
import { number } from '../lib/words.ts';
import { Icon } from '../parts/icon.tsx';
import { DecideDialog } from '../views/decide.tsx';
import { Keys } from './keys.tsx';
import { SearchBox } from './search-box.tsx';

const VIEWS = [
  ['', 'Overview'],
  ['images', 'Images'],
  ['cves', 'CVEs'],
  ['packages', 'Packages'],
  ['decisions', 'Triage'],
  ['feeds', 'Feeds'],
  ['notifications', 'Notifications'],
] as const;

export function Frame({ isRefused, children }: { isRefused: boolean; children: ComponentChildren }) {
  const nav = useNav();
  const session = useLoad<ConsoleSession>(isRefused ? undefined : 'session');
  const feeds = useLoad<ConsoleFeeds>(isRefused ? undefined : 'feeds?limit=1', '', 60_000);
  const [first = ''] = nav.path;
  const current = first === 'compare' ? 'images' : first;
  return (
    <SessionContext.Provider value={session.data}>
      {/* No link: `#content` would be of the base address. */}
      <button type="button" class="skip" onClick={() => document.querySelector<HTMLElement>('h1')?.focus()}>
        Skip to content
      </button>
      <header class="bar-top">
        <div>
          <a class="brand" href={nav.href([])} aria-label="Clair, overview">
            <Mark />
            Clair
          </a>
          <nav aria-label="Views">
            <ul>
              {VIEWS.map(([path, title]) => (
                <li key={path}>
                  <a
                    href={nav.href(path === '' ? [] : [path])}
                    {...(path === current && { 'aria-current': 'page' as const })}
                  >
                    {title}
                  </a>
                </li>
              ))}
            </ul>
          </nav>
          <SearchBox />
          {feeds.data !== undefined && <Freshness of={feeds.data} />}
        </div>
      </header>
      <main id="content">{children}</main>
      {!isRefused && <DecideDialog />}
      <Keys />
    </SessionContext.Provider>
  );
}

function Mark() {
  return (
    <svg viewBox="0 0 20 20" aria-hidden="true">
      <rect width="20" height="20" rx="5" fill="var(--accent-fill)" />
      <path
        d="M13.6 7.2a4.6 4.6 0 1 0 0 5.6"
        fill="none"
        stroke="#fff"
        stroke-width="2.4"
        stroke-linecap="round"
      />
    </svg>
  );
}

/** Feeds that are current, of those that are wanted. */
function Freshness({ of: { counts } }: { of: ConsoleFeeds }) {
  const nav = useNav();
  const { current = 0, stale = 0, failing = 0, never = 0 } = counts;
  const wanted = current + stale + failing + never;
  const isGood = wanted > 0 && current === wanted;
  return (
    <a class="fresh" href={nav.href(['feeds'])}>
      <span class={isGood ? 'good' : failing + never > 0 || wanted === 0 ? 'bad' : 'warn'}>
        <Icon name={isGood ? 'good' : 'warn'} />
      </span>
      <span>
        <b>
          {number(current)} of {number(wanted)}
        </b>{' '}
        feeds<span class="long"> current</span>
      </span>
    </a>
  );
}
