/** Decisions as OpenVEX 0.2.0, for `clairctl scan --vex` and everybody else. */
import { createHash } from 'node:crypto';
import type { Session } from '../../../db/database.ts';
import { AppError } from '../../../errors.ts';
import { formatPurl, parsePurl } from '../../../model/purl.ts';

/** Products of a decision without a bound: more is told by more decisions. */
const PRODUCTS = 1000;

interface Row {
  readonly id: number;
  readonly cve: string;
  readonly scope: string;
  readonly scope_value: string;
  readonly status: 'affected' | 'accepted' | 'not_affected' | 'under_investigation';
  readonly justification: string | null;
  readonly reason: string;
  readonly until: string | null;
  readonly changed: Date;
  readonly purls: readonly string[];
  readonly digests: readonly string[];
}

interface Product {
  readonly '@id': string;
  readonly subcomponents?: readonly { readonly '@id': string }[];
}

/** All that hold at `now`; of an image: those that count there. Throws `not-found`. */
export async function exportVex(db: Session, image: string | undefined, now: Date): Promise<object> {
  if (image !== undefined) {
    const [known] = await db.query({
      text: 'select 1 from console_image where digest = $1',
      values: [image],
    });
    if (known === undefined) throw new AppError('not-found', `image "${image}" is not indexed`);
  }
  const rows = await db.query<Row>({
    name: 'console-export-vex',
    text: `
      select d.id, d.cve, d.scope, d.scope_value, d.status, d.justification, d.reason,
        to_char(d.until, 'YYYY-MM-DD') as until, d.changed,
        array(
          select distinct m.purl
          from console_cve v
          join console_finding f on f.cve = v.id
          join console_component m on m.id = f.component
          join console_package p on p.id = f.package
          where v.name = d.cve and m.purl is not null and (d.source is null or (p.type, p.name) = (d.type, d.source))
          order by m.purl limit ${PRODUCTS}) as purls,
        case d.scope when 'label' then array(
          select i.digest from console_image i
          where i.labels ->> split_part(d.scope_value, '=', 1) = substr(d.scope_value, strpos(d.scope_value, '=') + 1)
          order by i.digest limit ${PRODUCTS}) else '{}' end as digests
      from decision d
      where not d.withdrawn and (d.until is null or d.until >= ($2::timestamptz at time zone 'UTC')::date)
        and ($1::text is null or d.id in (
          select e.decision from console_decided e join console_image i on i.id = e.image where i.digest = $1))
      order by d.changed, d.id`,
    values: [image ?? null, now],
  });
  const statements = rows.flatMap((row) => {
    const products = productsOf(row, image);
    return products.length === 0 ? [] : [{ ...statementOf(row), products }];
  });
  const id = createHash('sha256').update(JSON.stringify(statements)).digest('hex');
  return {
    '@context': 'https://openvex.dev/ns/v0.2.0',
    '@id': `urn:clair:decisions:${id}`,
    author: 'Clair',
    timestamp: (rows.at(-1)?.changed ?? now).toISOString(),
    version: 1,
    statements,
  };
}

function statementOf({ id, cve, status, justification, reason, until, changed }: Row): object {
  const action = until === null ? reason : `${reason} (until ${until})`;
  return {
    '@id': `urn:clair:decision:${id}`,
    vulnerability: { name: cve },
    timestamp: changed.toISOString(),
    // A risk that is accepted is still there: it is never told as not affected.
    status: status === 'accepted' ? 'affected' : status,
    ...(status === 'not_affected' && { justification, impact_statement: reason }),
    ...((status === 'affected' || status === 'accepted') && { action_statement: action }),
    ...(status === 'under_investigation' && { status_notes: reason }),
  };
}

function productsOf(
  { scope, scope_value: value, purls, digests }: Row,
  image: string | undefined,
): Product[] {
  const packages = [...new Set(purls.flatMap(withoutVersion))].map((id) => ({ '@id': id }));
  const images =
    image !== undefined
      ? [image]
      : scope === 'image'
        ? [value]
        : scope === 'label'
          ? digests
          : scope === 'repository'
            ? [repositoryPurl(value)]
            : [];
  if (scope === 'all' && image === undefined) return packages;
  return images.map((id) => ({ '@id': id, ...(packages.length > 0 && { subcomponents: packages }) }));
}

/** The decision is about a package, whatever its version. */
function withoutVersion(text: string): string[] {
  const purl = parsePurl(text);
  return purl === undefined ? [] : [formatPurl({ ...purl, version: '', qualifiers: new Map(), subpath: '' })];
}

function repositoryPurl(repository: string): string {
  const name = repository.split('/').at(-1)!.toLowerCase();
  return formatPurl({
    ...{ type: 'oci', namespace: '', name, version: '', subpath: '' },
    qualifiers: new Map([['repository_url', repository]]),
  });
}
