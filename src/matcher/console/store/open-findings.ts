/** SQL of what is open in the images `$1`: findings that no decision closes. */
export const OPEN = `
  select i.id as image, i.newest, f.id as finding, f.cve, f.package, f.severity, f.impact,
    cardinality(f.fixes) > 0 as fixed
  from console_image i
  join console_content c on c.image = i.id
  cross join lateral unnest(c.findings) as own (id)
  join console_finding f on f.id = own.id
  where i.id = any ($1::int[])
    and not exists (
      select from console_decided d where d.image = i.id and d.finding = f.id and d.closes)`;
