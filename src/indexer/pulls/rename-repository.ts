/** Names of images follow a repository that the registry has renamed. */
import type { Indexer } from '../indexer.ts';
import type { RegistryImageStore } from './images-store.ts';
import { showImage } from './pull.ts';

export interface RenameParts {
  readonly images: Pick<RegistryImageStore, 'below' | 'rename'>;
  readonly indexer: Pick<Indexer, 'saveNames' | 'deleteNames'>;
}

/** Gives how many names there were. */
export type RenameRepository = (host: string, from: string, to: string) => Promise<number>;

/** The names that the console has come first: an event that comes again after a failure finds what is left to do. */
export function renameRepository({ images, indexer }: RenameParts): RenameRepository {
  return async (host, from, to) => {
    const named = await images.below(host, from);
    for (const { repository, name, manifests } of named) {
      const renamed = `${to}${repository.slice(from.length)}`;
      for (const manifest of manifests) {
        await indexer.saveNames(manifest, {
          names: [showImage({ host, repository: renamed, name })],
          labels: {},
        });
        await indexer.deleteNames(manifest, [showImage({ host, repository, name })]);
      }
    }
    await images.rename(host, from, to);
    return named.length;
  };
}
