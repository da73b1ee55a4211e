/** For tests: updates of a repository of rpms as createrepo_c writes them, and the repository around them. */
import { createHash } from 'node:crypto';
import type { CannedAnswer } from '../../../feeds/upstream.fixture.ts';

/** Attributes of `<package>`. */
export type UpdatePackage = Readonly<Record<string, string>>;

export interface UpdateFacts {
  readonly id: string;
  readonly type?: string;
  readonly title?: string;
  readonly severity?: string;
  readonly issued?: string;
  readonly description?: string;
  readonly references?: readonly UpdatePackage[];
  /** Attributes of `<module>`. */
  readonly module?: UpdatePackage;
  readonly packages: readonly UpdatePackage[];
}

const attributes = (values: UpdatePackage): string =>
  Object.entries(values)
    .map(([key, value]) => ` ${key}="${value}"`)
    .join('');

function composeUpdate(facts: UpdateFacts): string {
  const { id, type = 'security', title = '', severity = 'None', issued = '2026-02-03 04:05:06' } = facts;
  const packages = facts.packages.map(
    (each) => `<package${attributes(each)}><filename>x.rpm</filename></package>`,
  );
  const references = (facts.references ?? []).map((each) => `<reference${attributes(each)}/>`);
  return `<update from="updates@example.org" status="stable" type="${type}" version="2.0">
<id>${id}</id><title>${title}</title><issued date="${issued}"/><severity>${severity}</severity>
<description>${facts.description ?? ''}</description><references>${references.join('')}</references>
<pkglist><collection short="F"><name>F</name>${facts.module ? `<module${attributes(facts.module)}/>` : ''}
${packages.join('')}</collection></pkglist></update>`;
}

export function composeUpdates(updates: readonly UpdateFacts[]): Buffer {
  return Buffer.from(
    `<?xml version="1.0" encoding="UTF-8"?>\n<updates>${updates.map(composeUpdate).join('\n')}</updates>\n`,
  );
}

/** The answers of a repository at `base` (with a slash at its end) that has `file` at `href`. */
export function repositoryAt(
  base: string,
  file: Buffer,
  href = 'repodata/0-updateinfo.xml.zst',
): Record<string, CannedAnswer | string | Buffer> {
  const checksum = createHash('sha256').update(file).digest('hex');
  const repomd = `<?xml version="1.0"?><repomd xmlns="http://linux.duke.edu/metadata/repo"><revision>1</revision>
<data type="primary"><checksum type="sha256">00</checksum><location href="repodata/0-primary.xml.zst"/></data>
<data type="updateinfo"><checksum type="sha256">${checksum}</checksum><location href="${href}"/></data></repomd>`;
  return { [`${base}repodata/repomd.xml`]: repomd, [`${base}${href}`]: file };
}
