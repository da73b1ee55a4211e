/** Kinds of values in the configuration. A message says what is wanted; who reads it puts key and value before it. */
import { z } from 'zod';
import { parseDuration } from './duration.ts';
import { Secret } from './secret.ts';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

const SIZE_WANTED = 'a size: e.g. 512MiB, 64GiB, or a number of bytes';

/** A text as Go writes durations; milliseconds. */
export const duration = z
  .string('a duration in quotes, with its unit, such as 6h, 90s or 1h30m')
  .transform((text, context) => {
    const milliseconds = parseDuration(text);
    if (milliseconds === undefined) {
      context.addIssue({ code: 'custom', message: 'a duration such as 6h, 90s or 1h30m' });
      return z.NEVER;
    }
    return milliseconds;
  });

/** Below a minute it counts as not given. */
export const period = (fallback: number) =>
  duration
    .optional()
    .transform((milliseconds) =>
      milliseconds === undefined || milliseconds < MINUTE ? fallback : milliseconds,
    );

/** Bytes: a number, or a text such as `512MiB`. */
export const byteSize = z
  .union([z.int(), z.string()], { message: SIZE_WANTED })
  .transform((given, context) => {
    const [, amount, unit = ''] = /^(\d{1,9})(KiB|MiB|GiB|TiB)$/.exec(String(given)) ?? [];
    const bytes = amount === undefined ? given : Number(amount) * 1024 ** (1 + 'KMGT'.indexOf(unit[0]!));
    if (typeof bytes === 'number' && bytes > 0 && Number.isSafeInteger(bytes)) return bytes;
    context.addIssue({ code: 'custom', message: SIZE_WANTED });
    return z.NEVER;
  });

export const hostPort = z
  .string()
  .refine((text) => /^(\[[^\]]*\]|[^:]*):(\d{1,5}|[a-z][a-z-]*)$/i.test(text), {
    message: 'host:port, e.g. :6060 or 127.0.0.1:6060',
  });

/** An absolute URL of one of `protocols`. */
export const url = (...protocols: readonly string[]) =>
  z.string().refine((text) => protocols.includes(URL.parse(text)?.protocol.slice(0, -1) ?? ''), {
    message: `a URL that begins with ${protocols.map((protocol) => `${protocol}://`).join(' or ')}`,
  });

/** A URL, or the '' that Clair writes for none. */
export const optionalUrl = (...protocols: readonly string[]) => z.union([z.literal(''), url(...protocols)]);

export const filePath = z.string().min(1, 'the path of a file');

/** Standard base64 with padding, not empty. */
export const base64 = z.string('a key in base64').transform((text, context) => {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length === 0 || bytes.toString('base64') !== text.replace(/[\r\n]/g, '')) {
    context.addIssue({
      code: 'custom',
      message: 'a key in standard base64 with padding: e.g. what `openssl rand -base64 32` prints',
    });
    return z.NEVER;
  }
  return bytes;
});

/** A text that is kept out of sight once it is read. */
export const secret = z.string().transform((text) => new Secret(text));

/** A URL of one of `protocols`, which may have a password or a token in it. */
export const secretUrl = (...protocols: readonly string[]) =>
  url(...protocols).transform((text) => new Secret(text));

/** Headers by name, whose values may be tokens. */
export const secretHeaders = z.record(z.string(), secret);

/** Whatever the part that it is for takes: checked there. */
export const anything = z.record(z.string(), z.unknown());

/** Certificate and key go together. */
export const keyPair = {
  cert: filePath.optional().describe('PEM file of the certificate.'),
  key: filePath.optional().describe('PEM file of its key.'),
};

/** For `superRefine` of an object with `keyPair`. */
export function bothOrNeither(
  value: { readonly cert?: string | undefined; readonly key?: string | undefined },
  context: z.core.$RefinementCtx,
): void {
  for (const [given, missing] of [
    ['cert', 'key'],
    ['key', 'cert'],
  ] as const) {
    if (value[given] !== undefined && value[missing] === undefined) {
      context.addIssue({ code: 'custom', path: [missing], message: `given together with ${given}` });
    }
  }
}

/** TLS of an outgoing connection. */
export const clientTls = z
  .strictObject({
    ...keyPair,
    root_ca: filePath
      .optional()
      .describe('PEM file of certificates that are trusted in addition to those of the system.'),
  })
  .superRefine(bothOrNeither);
