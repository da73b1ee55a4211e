/** A stream as a whole: what comes from elsewhere has no end that one may rely on. */

/** The bytes of `stream`. Beyond `limit` of them it is let go of, and what `over` makes is thrown. */
export async function readAll(
  stream: AsyncIterable<Uint8Array>,
  limit: number,
  over: () => Error,
): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of stream) {
    length += chunk.length;
    if (length > limit) throw over();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
