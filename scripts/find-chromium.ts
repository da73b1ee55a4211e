/** The browser that draws the pictures of the documents. */
import { existsSync } from 'node:fs';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Its path. */
export function findChromium(): string {
  const found = PLACES.find((path) => existsSync(path));
  if (found === undefined) throw new Error(`there is no Chromium here: none of ${PLACES.join(', ')}`);
  return found;
}
