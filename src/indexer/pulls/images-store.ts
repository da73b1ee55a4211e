/** Which images registries have, as far as events and walks tell. */
import type { Database } from '../../db/database.ts';
import type { Digest } from '../../model/digest.ts';
import { deleteGoneNames } from '../catalog/save-names.ts';
import { type PullOutcome, type PullSource, showImage } from './pull.ts';

export interface RegistryImageStore {
  /** Notes what a name stands for; gives the manifests that it stood for before, and does no more. */
  save(source: PullSource, outcome: PullOutcome): Promise<Digest[]>;
  /** Digests by name, of those of a repository whose images are indexed, by an indexer of this `state`. */
  known(host: string, repository: string, state: string): Promise<ReadonlyMap<string, string>>;
  /**
   * Forgets names of a repository: those that stand for a digest, a tag, all, or all tags but some. The console
   * forgets them, too, where an image has another. Gives the manifests that no known name refers to any more.
   */
  forget(host: string, repository: string, which: WhichNames): Promise<Digest[]>;
  /** All of a repository and of those below it, those that were seen last at the end. */
  below(host: string, repository: string): Promise<readonly NamedImages[]>;
  /** Calls a repository, and those below it, by another name. */
  rename(host: string, from: string, to: string): Promise<void>;
}

export interface NamedImages {
  readonly repository: string;
  /** A tag, or a digest. */
  readonly name: string;
  readonly manifests: readonly Digest[];
}

export type WhichNames =
  | { readonly digest: Digest }
  | { readonly tag: string }
  | { readonly otherThan: readonly string[] }
  | 'all';

export function createRegistryImageStore(db: Database): RegistryImageStore {
  return {
    async save({ host, repository, name }, { digest, images }) {
      const isDigest = name.includes(':');
      const manifests = images.map(({ manifest }) => manifest);
      return await db.transaction(async (tx) => {
        const [before] = await tx.query<{ manifests: Digest[] }>({
          name: 'lock-registry-image',
          text: `
            select manifests from registry_image where registry = $1 and repository = $2 and name = $3
            for update`,
          values: [host, repository, name],
        });
        await tx.query({
          name: 'save-registry-image',
          text: `
            insert into registry_image (registry, repository, name, digest, manifests)
            select $1, $2, $3, $4, $5::text[]
            where not $6 or not exists (
              select from registry_image
              where registry = $1 and repository = $2 and name <> $3 and manifests @> $5::text[])
            on conflict (registry, repository, name)
            do update set digest = excluded.digest, manifests = excluded.manifests, seen = now()`,
          values: [host, repository, name, digest, manifests, isDigest],
        });
        if (isDigest) return [];
        // The images of an index are pushed before it, by their digests: they go with it.
        await tx.query({
          name: 'drop-parts-of-registry-image',
          text: 'delete from registry_image where registry = $1 and repository = $2 and name = any ($3::text[])',
          values: [host, repository, manifests],
        });
        return (before?.manifests ?? []).filter((manifest) => !manifests.includes(manifest));
      });
    },
    async known(host, repository, state) {
      const rows = await db.query<{ name: string; digest: string; current: boolean }>({
        name: 'known-registry-images',
        text: `
          select i.name, i.digest, not exists (
            select from unnest(i.manifests) as image (digest)
            left join manifest m on m.digest = image.digest
            left join index_report r on r.manifest = m.id
            where (r.state = 'IndexFinished' and r.indexer_state = $3) is not true) as current
          from registry_image i where i.registry = $1 and i.repository = $2`,
        values: [host, repository, state],
      });
      return new Map(rows.filter(({ current }) => current).map(({ name, digest }) => [name, digest]));
    },
    async forget(host, repository, which) {
      const [condition, value] =
        which === 'all'
          ? ['$3::text is null', null]
          : 'digest' in which
            ? ['(digest = $3 or manifests @> array[$3::text] and cardinality(manifests) = 1)', which.digest]
            : 'tag' in which
              ? ['name = $3', which.tag]
              : ["name not like '%:%' and name <> all ($3::text[])", which.otherThan];
      return await db.transaction(async (tx) => {
        const gone = await tx.query<{ name: string; manifests: Digest[] }>({
          name: `forget-registry-images-${which === 'all' ? which : Object.keys(which)[0]}`,
          text: `
            delete from registry_image where registry = $1 and repository = $2 and ${condition}
            returning name, manifests`,
          values: [host, repository, value],
        });
        const manifests = [...new Set(gone.flatMap((row) => row.manifests))];
        const named = gone
          .filter(({ name }) => !name.includes(':'))
          .flatMap(({ name, manifests: own }) =>
            own.map((manifest) => ({ manifest, name: showImage({ host, repository, name }) })),
          );
        await deleteGoneNames(tx, named);
        const orphans = await tx.query<{ manifest: Digest }>({
          name: 'orphans-of-registry-images',
          text: `
            select manifest from unnest($1::text[]) as m (manifest)
            where not exists (select from registry_image where manifests @> array[m.manifest])`,
          values: [manifests],
        });
        return orphans.map(({ manifest }) => manifest);
      });
    },
    async below(host, repository) {
      return await db.query<NamedImages>({
        name: 'registry-images-below',
        text: `
          select repository, name, manifests from registry_image
          where registry = $1 and (repository = $2 or starts_with(repository, $2 || '/'))
          order by seen, name`,
        values: [host, repository],
      });
    },
    async rename(host, from, to) {
      await db.query({
        name: 'rename-registry-images',
        text: `
          with moved as (
            delete from registry_image
            where registry = $1 and (repository = $2 or starts_with(repository, $2 || '/'))
            returning *
          )
          insert into registry_image (registry, repository, name, digest, manifests, seen)
          select registry, $3 || substr(repository, length($2) + 1), name, digest, manifests, seen from moved
          -- Pushed to its new name already: that is newer.
          on conflict (registry, repository, name) do nothing`,
        values: [host, from, to],
      });
    },
  };
}
