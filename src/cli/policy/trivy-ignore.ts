/** Trivy's ignore files, as far as they speak of vulnerabilities (trivy.dev, "Filtering"). */
import { type ConfigDocument, originOf } from '../../config/config-document.ts';
import { AppError } from '../../errors.ts';
import { dateOf, type IgnoreEntry } from './ignore-entry.ts';

/** `.trivyignore`: an id a line, perhaps with `exp:DATE`; `#` begins a comment. */
export function parseTrivyIgnore(text: string, file: string): IgnoreEntry[] {
  return text.split('\n').flatMap((line, index) => {
    const [id = '', ...rest] = line.replace(/#.*$/, '').trim().split(/\s+/);
    if (id === '') return [];
    const source = `${file}:${index + 1}`;
    const expiry = rest.find((word) => word.startsWith('exp:'))?.slice('exp:'.length);
    const expires = expiry === undefined ? undefined : dateOf(expiry);
    if (expires !== undefined && Number.isNaN(expires))
      throw new AppError('bad-config', `${source}: exp: expected a date such as 2030-12-31`);
    const reason = /#\s*(.*)$/.exec(line)?.[1] ?? '';
    return [{ source, id, packages: [], paths: [], reason, ...(expires !== undefined && { expires }) }];
  });
}

/** `.trivyignore.yaml`: its `vulnerabilities`; misconfigurations, secrets and licences are none of ours. */
export function trivyYamlEntries(document: ConfigDocument, file: string): IgnoreEntry[] {
  const { vulnerabilities } = document.value as { vulnerabilities: unknown };
  if (!Array.isArray(vulnerabilities))
    throw new AppError('bad-config', `${originOf(document, ['vulnerabilities']) ?? file}: expected a list`);
  return vulnerabilities.map((value: unknown, index) => {
    const place = (key = ''): string => originOf(document, ['vulnerabilities', index, key]) ?? file;
    const entry = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
    const { id, paths = [], purls = [], expired_at: expired, statement } = entry;
    if (typeof id !== 'string' || id === '') throw new AppError('bad-config', `${place()}: id is missing`);
    const expires = expired === undefined || expired === null ? undefined : dateOf(expired);
    if (expires !== undefined && Number.isNaN(expires))
      throw new AppError('bad-config', `${place('expired_at')}: expected a date such as 2030-12-31`);
    return {
      source: place(),
      id,
      packages: textsIn(purls, place('purls')),
      paths: textsIn(paths, place('paths')),
      reason: typeof statement === 'string' ? statement : '',
      ...(expires !== undefined && { expires }),
    };
  });
}

function textsIn(value: unknown, place: string): string[] {
  if (Array.isArray(value) && value.every((each) => typeof each === 'string')) return value;
  throw new AppError('bad-config', `${place}: expected a list of strings`);
}
