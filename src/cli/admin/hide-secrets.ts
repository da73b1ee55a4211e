/** Keeps the secrets of a configuration out of what is printed of it. */
import { isSecretKey } from '../../config/secret-keys.ts';
import { redact } from '../../lib/redact.ts';

const HIDDEN = '[hidden]';

/** `value` with keys, passwords and tokens replaced; `path` is where it stands. */
export function hideSecrets(value: unknown, path: readonly string[] = []): unknown {
  if (typeof value === 'string') {
    // A key of its own; elsewhere (`tls.key`) it is the path of a file.
    return path.at(-1) === 'key' && path.at(-2) === 'psk' ? HIDDEN : redact(value);
  }
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => hideSecrets(item, path));
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      isSecretKey(key) && inner != null && inner !== '' ? hideAll(inner) : hideSecrets(inner, [...path, key]),
    ]),
  );
}

/** Keeps the shape: which headers there are is worth knowing. */
function hideAll(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(hideAll);
  if (typeof value !== 'object' || value === null) return HIDDEN;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, hideAll(inner)]));
}
