/** The built files of `web/`: beside the bundled programs; made first where the sources run. */
import { execFileSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';

/** The directory that has them. */
export function webFolder(): URL {
  folder ??= import.meta.url.endsWith('.ts') ? built() : new URL('./web/', import.meta.url);
  return folder;
}

let folder: URL | undefined;

/** The bundler is a development dependency: it runs in a process of its own, and is not part of the programs. */
function built(): URL {
  const script = new URL('../scripts/build-web.mjs', import.meta.url);
  const path = execFileSync(process.execPath, [script.pathname], { encoding: 'utf8' });
  return pathToFileURL(`${path}/`);
}
