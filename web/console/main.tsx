/** The console in the browser. */
import { render } from 'preact';
import { App } from './app.tsx';
import { interceptLinks, redirectOldHash } from './router.ts';

redirectOldHash();
interceptLinks();
render(<App />, document.body);
