/** `clairctl db export` and `db import`: the whole database of advisories in one file, ready to use. */
import type { Command } from 'commander';
import { exportBundle, importBundle } from '../../matcher/offline/bundle.ts';
import { commandWithEnvironment } from '../flags/flag-environment.ts';
import { openInput } from '../terminal/input-source.ts';
import { interruption } from '../terminal/interruption.ts';
import { createMeter } from '../terminal/meter.ts';
import { openOutput } from '../terminal/output-file.ts';
import type { Progress } from '../terminal/progress.ts';
import { type ProgressFlags, progressOf, progressOption } from '../terminal/progress-option.ts';
import { writeText } from '../terminal/write-text.ts';
import { addDatabaseOptions, type DatabaseOptions } from './database-options.ts';
import { importUpdates } from './import-updaters.ts';
import { openMatcher } from './open-matcher.ts';

/** `db export`. */
export function dbExportCommand(): Command {
  const command = commandWithEnvironment('export')
    .description('write the advisory database to a bundle that "db import" loads in seconds')
    .argument('[file]', 'such as clair.db.zst (default: stdout)')
    .addOption(progressOption())
    .option('-q, --quiet', 'print only errors to stderr', false);
  return addDatabaseOptions(command).action(
    async (file: string | undefined, flags: DatabaseOptions & ProgressFlags) => {
      const progress = progressOf(flags);
      using interrupted = interruption('interrupted: no file was written');
      await using opened = await openMatcher(flags, progress);
      await using output = await openOutput(file, 'zstd');
      const meter = createMeter('export, before compression', 'bytes');
      let done = 0;
      await exportBundle(
        opened.db,
        async (chunk) => {
          interrupted.signal.throwIfAborted();
          await output.write([chunk]);
          done += chunk.length;
          progress.show(meter({ done }));
        },
        new Date(),
      );
      await output.finish();
      progress.clear();
    },
  );
}

/** `db import`. */
export function dbImportCommand(): Command {
  const command = commandWithEnvironment('import')
    .description('replace the advisory database with a bundle, or load the feeds of an export-updaters file')
    .argument('<file>', 'file, HTTP(S) URL, or - for stdin')
    .option('--force', 'load it even if it is the bundle that was loaded last', false)
    .addOption(progressOption())
    .option('-q, --quiet', 'print only errors to stderr', false);
  return addDatabaseOptions(command).action(
    async (file: string, flags: DatabaseOptions & ProgressFlags & { force: boolean }) => {
      const progress = progressOf(flags);
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
      const { header, state } = await importBundle(opened.db, metered(chunks, progress), {
        name: file,
        force: flags.force,
        signal,
      });
      progress.clear();
      await writeText(`${SAID[state]} ${header.created}\n`);
    },
  );
}

/** Shows how much of the bundle was read; its indexes are built after that. */
async function* metered(
  chunks: AsyncIterable<Uint8Array>,
  progress: Pick<Progress, 'show'>,
): AsyncGenerator<Uint8Array> {
  const meter = createMeter('import, after decompression', 'bytes');
  let done = 0;
  for await (const chunk of chunks) {
    done += chunk.length;
    progress.show(meter({ done }));
    yield chunk;
  }
  progress.show('import: building indexes');
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
