/** Where a command's answer goes: stdout, or a file. */
import { writeFile } from 'node:fs/promises';
import { AppError, messageOf } from '../../errors.ts';

/** Writes all of `text` to `file`, or to stdout if that is undefined. Throws `bad-target` if it cannot be written. */
export async function writeText(text: string, file?: string): Promise<void> {
  try {
    if (file === undefined) await toStdout(text);
    else await writeFile(file, text);
  } catch (error) {
    throw new AppError('bad-target', `cannot write to ${file ?? 'stdout'}: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

function toStdout(text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(text, (error) => {
      if (error && !isClosedPipe(error)) reject(error);
      else resolve();
    });
  });
}

/** A reader that has seen enough (`| head`): no failure of who writes. */
function isClosedPipe(error: Error): boolean {
  return 'code' in error && error.code === 'EPIPE';
}

/** Keeps failed writes to stdout and stderr from ending the process: whoever has to know is told by `writeText`. */
export function surviveClosedPipes(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
}
