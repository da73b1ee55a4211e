/** What is in the rpm databases of a recorded image, as far as bytes tell. */
import { fileAt, type Layer } from './layers.ts';

const FILES: Readonly<Record<string, string>> = {
  bdb: 'Packages',
  ndb: 'Packages.db',
  sqlite: 'rpmdb.sqlite',
};

/** The file that a `package_db` names. */
export function databaseFile(packageDb: string): string {
  const [format = '', folder = ''] = packageDb.split(/:(.*)/s);
  return `${folder}/${FILES[format] ?? ''}`;
}

/** Whether the database is in `layer`, and has a header of that name. */
export function hasRpm(layer: Layer, packageDb: string, name: string): boolean {
  return fileAt(layer, databaseFile(packageDb))?.includes(`${name}\0`) ?? false;
}

/** Whether an rpm database of `layer` has the file at `path`: its folder and its name are texts of their own. */
export function ownsFile(layer: Layer, path: string): boolean {
  const slash = path.lastIndexOf('/');
  return [...layer.files].some(
    ([name, content]) =>
      Object.values(FILES).some((file) => name.endsWith(`/${file}`)) &&
      content.includes(`/${path.slice(0, slash + 1)}\0`) &&
      content.includes(`${path.slice(slash + 1)}\0`),
  );
}
