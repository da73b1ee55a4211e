/** Search over vulnerabilities, packages and images by any of their names. */
import type { Session } from '../../../db/database.ts';
import type { SearchHits } from '../../../model/api/console/types.ts';
import { queryOf } from '../terms.ts';
import { packageQuery } from './list-packages.ts';

type Hit = SearchHits['hits'][number];

/** What is surely the name of a vulnerability, a package or an image comes first; the rest are beginnings of words. */
export async function search(db: Session, q: string, limit: number): Promise<SearchHits> {
  const text = queryOf(q);
  if (text === undefined) return { hits: [] };
  const isPurl = q.startsWith('pkg:');
  const [images, cves, packages] = await Promise.all([
    isPurl ? [] : searchImages(db, q, text, limit),
    isPurl ? [] : searchCves(db, q, text, limit),
    searchPackages(db, packageQuery(q) ?? text, limit),
  ]);
  const isId = /^[A-Za-z]{2,10}-[\w:-]+$/.test(q);
  const kinds: Hit[][] = isId ? [cves, packages, images] : [images, packages, cves];
  // Each kind gets its share; what one does not need is for the others.
  const hits: Hit[] = [];
  const share = Math.max(1, Math.ceil(limit / kinds.filter((kind) => kind.length > 0).length));
  for (const kind of kinds) hits.push(...kind.slice(0, share));
  for (const kind of kinds) hits.push(...kind.slice(share));
  const order = (hit: Hit): number => kinds.findIndex((kind) => kind.includes(hit));
  return { hits: hits.slice(0, limit).sort((a, b) => order(a) - order(b)) };
}

async function searchCves(db: Session, q: string, text: string, limit: number): Promise<Hit[]> {
  const rows = await db.query<{ name: string; title: string; images: number }>({
    name: 'console-search-cves',
    text: `
      select name, title, images from console_cve
      where words @@ $1::tsquery and images_all > 0
      order by name = upper($2) or aliases @> array[upper($2)] desc, risk desc, id desc limit $3`,
    values: [text, q, limit],
  });
  return rows.map(({ name, title, images }) => ({ kind: 'cve', id: name, title, images }));
}

async function searchPackages(db: Session, text: string, limit: number): Promise<Hit[]> {
  const rows = await db.query<{ type: string; name: string; images: number; findings: number }>({
    name: 'console-search-packages',
    text: `
      select type, name, images, findings from console_package
      where words @@ $1::tsquery and images > 0
      order by length(name), risk desc, id desc limit $2`,
    values: [text, limit],
  });
  return rows.map(({ type, name, images, findings }) => ({
    kind: 'package',
    id: `${type}/${name}`,
    title: `${type}, ${findings} open findings`,
    images,
  }));
}

async function searchImages(db: Session, _q: string, text: string, limit: number): Promise<Hit[]> {
  const rows = await db.query<{ digest: string; name: string | null; distribution: string | null }>({
    name: 'console-search-images',
    text: `
      select digest, name, distribution from console_image
      where words @@ $1::tsquery
      order by newest desc, indexed desc nulls last, id desc limit $2`,
    values: [text, limit],
  });
  return rows.map(({ digest, name, distribution }) => ({
    kind: 'image',
    id: digest,
    title: name ?? distribution ?? digest,
    images: 1,
  }));
}
