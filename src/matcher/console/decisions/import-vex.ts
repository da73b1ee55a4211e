/** Makes decisions of what VEX documents say: of statements about packages, and about packages of images. */

import { createHash } from 'node:crypto';
import type { z } from 'zod';
import type { Database } from '../../../db/database.ts';
import { AppError, messageOf } from '../../../errors.ts';
import { checkBody } from '../../../http/json-body.ts';
import { NewDecision } from '../../../model/api/console/decisions.ts';
import type { VexImport } from '../../../model/api/console/types.ts';
import { formatPurl, parsePurl } from '../../../model/purl.ts';
import { readVex } from '../../../vex/read-vex.ts';
import type { VexProduct, VexStatement } from '../../../vex/statement.ts';
import { type Author, decide } from './decide.ts';

const MAX_STATEMENTS = 10_000;
const MAX_TOLD = 1000;
const DIGEST = /^sha(?:256:[0-9a-f]{64}|512:[0-9a-f]{128})$/;

type Input = z.input<typeof NewDecision>;

/** Throws `bad-request` if it is no VEX document, or one with too many statements. */
export async function importVex(db: Database, text: string, author: Author, now: Date): Promise<VexImport> {
  const { statements, problems } = read(text);
  if (statements.length > MAX_STATEMENTS)
    throw new AppError('bad-request', `body: more than ${MAX_STATEMENTS} statements`);
  const refused = problems.map(({ where, reason }) => ({ statement: where, reason }));
  let [made, known] = [0, 0];
  for (const statement of statements) {
    for (const product of statement.products) {
      try {
        for (const input of await inputsOf(db, statement, product)) {
          const decision = checkBody(NewDecision, input, 'statement');
          const digest = createHash('sha256').update(JSON.stringify(decision)).digest('hex');
          const row = await decide(db, decision, author, now, { statement: digest });
          if (row === undefined) known++;
          else made++;
        }
      } catch (error) {
        if (!(error instanceof AppError) || error.code !== 'bad-request') throw error;
        refused.push({ statement: statement.source, reason: messageOf(error) });
      }
    }
  }
  return { made, known, refused: refused.slice(0, MAX_TOLD), refused_count: refused.length };
}

function read(text: string): ReturnType<typeof readVex> {
  try {
    return readVex(text, 'body');
  } catch (cause) {
    throw new AppError('bad-request', messageOf(cause), { cause });
  }
}

/** Throws `bad-request` with the reason why it cannot be a decision. */
async function inputsOf(db: Database, statement: VexStatement, product: VexProduct): Promise<Input[]> {
  const { status, ids, justification, reason } = statement;
  if (status === 'fixed')
    throw new AppError(
      'bad-request',
      'status "fixed" is not imported: a fixed version is known by the feeds',
    );
  if (product.platform !== undefined)
    throw new AppError('bad-request', 'a product on a platform by CPE is not imported');
  const common = {
    cve: ids.find((id) => id.startsWith('CVE-')) ?? ids[0] ?? '',
    status,
    justification: status === 'not_affected' ? (justification as Input['justification']) || null : null,
    reason: (reason || `${status} (${statement.source})`).slice(0, 4000),
  };
  const image = product.identifiers.map(scopeOf).find((scope) => scope !== undefined);
  if (image === undefined) {
    const packages = await packagesOf(db, product.identifiers);
    return packages.map((pkg) => ({ ...common, package: pkg }));
  }
  if (product.parts === undefined) return [{ ...common, scope: image }];
  const packages = await packagesOf(db, product.parts);
  return packages.map((pkg) => ({ ...common, package: pkg, scope: image }));
}

/** The image, or the images of a repository, that an identifier means. */
function scopeOf(identifier: string): Input['scope'] {
  if (DIGEST.test(identifier)) return { image: identifier };
  const purl = parsePurl(identifier);
  if (purl === undefined || !['oci', 'docker'].includes(purl.type)) return undefined;
  if (DIGEST.test(purl.version)) return { image: purl.version };
  const url = purl.qualifiers.get('repository_url');
  return url === undefined ? undefined : { repository: url.replace(/^https?:\/\//, '') };
}

/** The packages that images have of these package URLs. Throws `bad-request` if there are none, or one is of a version. */
async function packagesOf(
  db: Database,
  identifiers: readonly string[],
): Promise<{ type: string; source: string }[]> {
  const bases = identifiers.flatMap((identifier) => {
    const purl = parsePurl(identifier);
    if (purl === undefined) return [];
    // A decision holds for all versions: to say more than the statement does would hide findings.
    if (purl.version !== '')
      throw new AppError(
        'bad-request',
        `${identifier} is about one version: decisions are about all of them`,
      );
    return [formatPurl({ ...purl, qualifiers: new Map(), subpath: '' })];
  });
  const rows = await db.query<{ type: string; source: string }>({
    name: 'console-packages-of-purls',
    text: `
      select distinct p.type, p.name as source
      from unnest($1::text[]) as base
      join console_component m on m.purl = base or starts_with(m.purl, base || '@') or starts_with(m.purl, base || '?')
      join console_package p on p.id = m.package`,
    values: [bases],
  });
  if (rows.length === 0)
    throw new AppError('bad-request', `no image has ${identifiers.join(' or ') || 'the product'}`);
  return rows;
}
