/** The first of several places that has a published database that may be used; the others stand in for it when it fails. */
import { openPlace, type PlaceOptions, withMirrors } from '../../artifact/open-place.ts';
import { AppError, messageOf } from '../../errors.ts';
import { FORMAT } from './format.ts';
import { type OpenOptions, openPublished, type PublishedDatabase } from './open-database.ts';

/** What a database is called where nobody says more: a program reads the databases of its format. */
export const DEFAULT_TAG = `v${FORMAT}`;

export interface OpenFirstOptions extends OpenOptions, Omit<PlaceOptions, 'defaultTag'> {
  /** Told of each place that was of no use, when another one is. */
  readonly onSkipped: (reason: string) => void;
}

/** `texts`: see `openPlace`. Throws what the only place failed with; of several `bad-target` with all their reasons. */
export async function openFirst(
  texts: readonly string[],
  options: OpenFirstOptions,
): Promise<PublishedDatabase & AsyncDisposable> {
  await using resources = new AsyncDisposableStack();
  const errors: unknown[] = [];
  for (const [position, text] of texts.entries()) {
    try {
      const place = resources.use(await openPlace(text, { ...options, defaultTag: DEFAULT_TAG }));
      const database = await openPublished(place, options);
      for (const error of errors) options.onSkipped(messageOf(error));
      const others = await Promise.all(
        texts.slice(position + 1).map((each) => openPlace(each, { ...options, defaultTag: DEFAULT_TAG })),
      );
      for (const other of others) resources.use(other);
      const owned = resources.move();
      return {
        ...database,
        place: withMirrors(place, others),
        [Symbol.asyncDispose]: () => owned.disposeAsync(),
      };
    } catch (error) {
      options.registry.signal.throwIfAborted();
      errors.push(error);
    }
  }
  if (errors.length === 1) throw errors[0];
  throw new AppError('bad-target', errors.map(messageOf).join('; '));
}
