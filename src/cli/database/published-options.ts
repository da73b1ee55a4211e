/** The flags that say where a published database is, and whom to believe. */
import { type Command, Option } from 'commander';
import type { Config } from '../../config/schema.ts';
import type { RegistryFlags } from '../../image/open-target.ts';
import { DATABASE_REPOSITORY } from '../../lib/version.ts';
import type { PublishedDatabase } from '../../matcher/published/open-database.ts';
import { openFirst } from '../../matcher/published/open-first.ts';
import { type PublicKey, readPublicKey } from '../../signing/public-key.ts';
import { readDuration } from '../flags/read-duration.ts';

export interface PublishedFlags {
  /** As written: places after one another, with commas. */
  readonly dbRepository?: string;
  readonly dbKey?: readonly string[];
  /** ms. */
  readonly dbMaxAge?: number;
}

export function addPublishedOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--db-repository <ref>',
        `published database: repository, https:// directory or local directory; several with commas (default: ${DATABASE_REPOSITORY || 'none'})`,
      ),
    )
    .addOption(
      new Option(
        '--db-key <file>',
        'refuse a database that this public key of cosign has not signed',
      ).argParser((file: string, before: readonly string[] = []) => [...before, file]),
    )
    .addOption(
      new Option('--db-max-age <duration>', 'report a database that is older (default: 120h)').argParser(
        readDuration,
      ),
    );
}

const MAX_AGE = 120 * 3600 * 1000;

/** What flags and configuration say together. */
export interface PublishedSettings {
  /** In the order in which they are asked; none: there is no published database. */
  readonly repositories: readonly string[];
  readonly keys: readonly PublicKey[] | undefined;
  /** How old what is loaded may be, in ms; undefined: nobody asks. */
  readonly maxAge: number | undefined;
}

/** Flags go before `matcher.database` of the configuration, and that before the repository of this release. Throws `bad-config`. */
export async function publishedSettings(
  { dbRepository, dbKey, dbMaxAge }: PublishedFlags,
  { matcher }: Pick<Config, 'matcher'>,
): Promise<PublishedSettings> {
  const configured = matcher.database?.repository.join();
  const text = dbRepository ?? configured ?? DATABASE_REPOSITORY;
  const files = dbKey ?? matcher.database?.key;
  const repositories = text
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '');
  return {
    repositories,
    keys: files && (await Promise.all(files.map(readPublicKey))),
    maxAge: dbMaxAge ?? (repositories.length > 0 ? MAX_AGE : undefined),
  };
}

export interface OpenPublishedOptions extends PublishedSettings {
  readonly registry: RegistryFlags;
  readonly signal: AbortSignal;
  readonly note: (text: string) => void;
}

/** The first database that may be used. Throws `bad-target` or `feed`. */
export async function openPublishedDatabase({
  repositories,
  keys,
  registry,
  signal,
  note,
}: OpenPublishedOptions): Promise<PublishedDatabase & AsyncDisposable> {
  await using resources = new AsyncDisposableStack();
  const { createHttpClient } = await import('../../lib/http-client.ts');
  const http = resources.use(createHttpClient());
  const database = resources.use(
    await openFirst(repositories, {
      registry: { insecure: false, ...registry, env: process.env, signal },
      http,
      ...(keys && { keys }),
      onSkipped: (reason) => note(`warning: ${reason}`),
    }),
  );
  const owned = resources.move();
  return { ...database, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
