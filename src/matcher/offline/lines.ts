/** The lines of a text of any size. */

export interface Line {
  /** From 1. */
  readonly number: number;
  /** Without its end; undefined: longer than allowed. */
  readonly text: string | undefined;
  /** Only the last line may have no line feed. */
  readonly ended: boolean;
}

const LINE_FEED = 0x0a;

/** Splits what comes in `chunks`; never holds more than `limit` bytes of a line. */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>, limit: number): AsyncGenerator<Line> {
  let parts: Uint8Array[] = [];
  let length = 0;
  let number = 1;
  const take = (part: Uint8Array): void => {
    length += part.length;
    if (length <= limit) parts.push(part);
    else parts = [];
  };
  const line = (ended: boolean): Line => {
    const text = length > limit ? undefined : Buffer.concat(parts).toString();
    parts = [];
    length = 0;
    return { number: number++, text, ended };
  };
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, start)) {
      take(chunk.subarray(start, end));
      yield line(true);
      start = end + 1;
    }
    if (start < chunk.length) take(chunk.subarray(start));
  }
  if (length > 0) yield line(false);
}
