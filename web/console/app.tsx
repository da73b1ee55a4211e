/** The console as a whole: signed in or not, and which view an address means. */
import { useCallback, useEffect, useState } from 'preact/hooks';
import { forget } from '../lib/load.ts';
import { NavContext, useNav } from '../lib/nav.ts';
import { Empty } from '../parts/blocks.tsx';
import { Page } from '../parts/page.tsx';
import { CompareView } from '../views/compare.tsx';
import { CveView } from '../views/cve.tsx';
import { CvesView } from '../views/cves.tsx';
import { DecisionsView } from '../views/decisions.tsx';
import { FeedView } from '../views/feed.tsx';
import { FeedsView } from '../views/feeds.tsx';
import { HomeView } from '../views/home.tsx';
import { CoverageView, ImageByNameView, ImageView } from '../views/image.tsx';
import { ImagesView } from '../views/images.tsx';
import { NotificationsView } from '../views/notifications.tsx';
import { PackageView } from '../views/package.tsx';
import { PackagesView } from '../views/packages.tsx';
import { SearchView } from '../views/search.tsx';
import { Frame } from './frame.tsx';
import { useRouter } from './router.ts';
import { SignIn } from './sign-in.tsx';

export function App() {
  const nav = useRouter();
  const [refused, setRefused] = useState<string>();
  const [round, setRound] = useState(0);
  useEffect(() => {
    const listen = (event: Event) => setRefused((event as CustomEvent<string>).detail);
    addEventListener('clair-unauthorized', listen);
    return () => removeEventListener('clair-unauthorized', listen);
  }, []);
  const signedIn = useCallback(() => {
    forget();
    setRefused(undefined);
    setRound((value) => value + 1);
  }, []);
  return (
    <NavContext.Provider value={nav}>
      {/* Another round loads all of it anew, with the token. */}
      <Frame key={round} isRefused={refused !== undefined}>
        {refused === undefined ? <View /> : <SignIn message={refused} done={signedIn} />}
      </Frame>
    </NavContext.Provider>
  );
}

function View() {
  const nav = useNav();
  const [view = '', subject, more] = nav.path;
  if (subject === undefined) {
    if (view === '') return <HomeView />;
    if (view === 'images') return <ImagesView />;
    if (view === 'cves') return <CvesView />;
    if (view === 'packages') return <PackagesView />;
    if (view === 'decisions') return <DecisionsView />;
    if (view === 'feeds') return <FeedsView />;
    if (view === 'notifications') return <NotificationsView />;
    if (view === 'search') return <SearchView />;
  } else if (view === 'images') {
    if (subject === 'by-name') return <ImageByNameView name={nav.path.slice(2).join('/')} />;
    if (more === 'coverage') return <CoverageView digest={subject} />;
    if (more === undefined) return <ImageView digest={subject} />;
  } else if (view === 'compare') {
    const [base = '', head = ''] = subject.split('...');
    return <CompareView base={base} head={head} />;
  } else if (view === 'cves') return <CveView id={subject} />;
  else if (view === 'packages' && more !== undefined)
    return <PackageView type={subject} name={nav.path.slice(2).join('/')} />;
  else if (view === 'feeds') return <FeedView name={nav.path.slice(1).join('/')} />;
  return (
    <Page title="Page not found">
      <section class="card">
        <Empty icon="search" title="The console has no page at this address">
          <p>Search above, or open a view.</p>
        </Empty>
      </section>
    </Page>
  );
}
