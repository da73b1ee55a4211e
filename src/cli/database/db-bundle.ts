/** `clairctl db export` and `db import`: the whole database of advisories in one file, ready to use. */
import type { Command } from 'commander';
import { exportBundle, importBundle } from '../../matcher/offline/bundle.ts';
import { commandWithEnvironment } from '../flags/flag-environment.ts';
import { openInput } from '../terminal/input-source.ts';
import { interruption } from '../terminal/interruption.ts';
import { openOutput } from '../terminal/output-file.ts';
import { createProgress } from '../terminal/progress.ts';
import { writeText } from '../terminal/write-text.ts';
import { addDatabaseOptions, type DatabaseOptions } from './database-options.ts';
import { importUpdates } from './import-updaters.ts';
import { openMatcher } from './open-matcher.ts';

/** `db export`. */
export function dbExportCommand(): Command {
  const command = commandWithEnvironment('export')
    .description('write the advisory database to a bundle that "db import" loads in seconds')
    .argument('[file]', 'such as clair.db.zst (default: stdout)');
  return addDatabaseOptions(command).action(async (file: string | undefined, flags: DatabaseOptions) => {
    using interrupted = interruption('interrupted: no file was written');
    await using opened = await openMatcher(flags, createProgress(process.stderr, false, false));
    await using output = await openOutput(file, 'zstd');
    await exportBundle(
      opened.db,
      async (chunk) => {
        interrupted.signal.throwIfAborted();
        await output.write([chunk]);
      },
      new Date(),
    );
    await output.finish();
  });
}

/** `db import`. */
export function dbImportCommand(): Command {
  const command = commandWithEnvironment('import')
    .description('replace the advisory database with a bundle, or load the feeds of an export-updaters file')
    .argument('<file>', 'file, HTTP(S) URL, or - for stdin')
    .option('--force', 'load it even if it is the bundle that was loaded last', false);
  return addDatabaseOptions(command).action(
    async (file: string, flags: DatabaseOptions & { force: boolean }) => {
      const progress = createProgress(process.stderr, false);
      using interrupted = interruption('interrupted: the database is unchanged');
      const { signal } = interrupted;
      await using opened = await openMatcher(flags, progress);
      await using source = await openInput(file, undefined, signal);
      const { isJson, chunks } = await peek(source.chunks);
      if (isJson) {
        await importUpdates(opened.db, chunks, {
          name: file,
          strict: false,
          force: flags.force,
          progress,
          signal,
        });
        return;
      }
      const { header, state } = await importBundle(opened.db, chunks, {
        name: file,
        force: flags.force,
        signal,
      });
      progress.clear();
      await writeText(`${SAID[state]} ${header.created}\n`);
    },
  );
}

const SAID = {
  loaded: 'loaded the advisory database of',
  here: 'already loaded (--force loads it again): the advisory database of',
  busy: 'another process is loading it, not waiting: the advisory database of',
} as const;

/** Whether it is lines of JSON, as export-updaters writes them. */
async function peek(
  source: AsyncIterable<Uint8Array>,
): Promise<{ isJson: boolean; chunks: AsyncIterable<Uint8Array> }> {
  const iterator = source[Symbol.asyncIterator]();
  const first = await iterator.next();
  const chunks = async function* (): AsyncGenerator<Uint8Array> {
    for (let next = first; !next.done; next = await iterator.next()) yield next.value;
  };
  return { isJson: first.value?.[0] === 0x7b, chunks: chunks() };
}
