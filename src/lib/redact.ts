/** Keeps secrets out of what is logged: passwords in URLs, signatures of presigned URLs, tokens, keys. */

const HIDDEN = '[hidden]';

/** Names of fields, of query parameters and of settings whose values nobody may read. */
const SECRET =
  /^(authorization|proxy-authorization|cookie|set-cookie|password|passwd|passcode|pwd|secret|token|psk|api[-_]?key|access[-_]?token|refresh[-_]?token|client[-_]?secret|sig|signature|x-amz-(signature|credential|security-token)|x-goog-(signature|credential)|awsaccesskeyid|key-pair-id|policy)$/i;

/** What the names of query parameters have in common whose values make a presigned URL valid, whoever signs. */
const SECRET_PARAMETER = /sig|token|credential|secret|password|key/i;

/** One glance whether there may be anything: most texts have nothing. */
const SUSPECT = /@|=|bearer|basic|eyJ/i;

/** The text with every secret in it replaced. */
export function redact(text: string): string {
  if (!SUSPECT.test(text)) return text;
  return text
    .replace(/\b([a-z][a-z0-9+.-]{0,19}:\/\/)[^\s/?#@"']*@/gi, `$1${HIDDEN}@`)
    .replace(
      /([?&;\s]|^)([\w.-]{1,64})=('[^']*'|"[^"]*"|[^\s&;"']*)/g,
      (whole, before: string, name: string) =>
        SECRET.test(name) || (/[?&]/.test(before) && SECRET_PARAMETER.test(name))
          ? `${before}${name}=${HIDDEN}`
          : whole,
    )
    .replace(/\b(bearer|basic)\s+[\w+/=.~-]{8,}/gi, `$1 ${HIDDEN}`)
    .replace(/\beyJ[\w-]{5,}\.[\w-]+\.[\w-]*/g, HIDDEN);
}

/** Fields for the log, without secrets; nested ones down to a few levels. */
export function redactFields(
  fields: Readonly<Record<string, unknown>>,
  depth = 4,
): Readonly<Record<string, unknown>> {
  const clean: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    clean[name] = SECRET.test(name) && value != null ? HIDDEN : redactValue(value, depth);
  }
  return clean;
}

function redactValue(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return redact(value);
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Date) return value;
  if (value instanceof Error) return redact(value.message);
  if (depth === 0) return HIDDEN;
  if (Array.isArray(value)) return value.map((item) => redactValue(item, depth - 1));
  return redactFields(value as Record<string, unknown>, depth - 1);
}
