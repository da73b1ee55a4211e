/**
 * What a migration may say: processes of the release before go on reading and writing while the new one migrates, so it
 * adds, and takes nothing away. The rule reads the text alone: what it does not know is not allowed.
 */

/** Statements that leave alone whatever there was. */
const ADDITIONS = [
  /^create table /,
  /^create (index|view|function|trigger|type|sequence) /,
  /^alter (table|index) \S+ set \(/,
  /^alter table \S+ alter column \w+ set statistics \d+$/,
  /^comment on /,
  /^(insert into|update|analyze) /,
  /^select gin_clean_pending_list\('\w+'\)$/,
];
const IN_OWN_TABLES =
  /^(?:create unique index (?:\S+ )?on|alter table|drop table|delete from|truncate(?: table)?) (\S+)/;

/** What of `sql` is no addition, a line each; tables that it makes itself are its own affair. */
export function subtractions(sql: string): string[] {
  const statements = splitOutside(withoutComments(sql), ';')
    .map((each) => each.trim().replace(/\s+/g, ' ').toLowerCase())
    .filter((each) => each !== '');
  const own = new Set(
    statements.flatMap((each) => /^create table (?:if not exists )?(\w+)/.exec(each)?.[1] ?? []),
  );
  return statements.flatMap((statement) => {
    if (own.has(IN_OWN_TABLES.exec(statement)?.[1] ?? '')) return [];
    if (statement.startsWith('create table ')) return restrictingReferences(statement, own);
    if (ADDITIONS.some((addition) => addition.test(statement))) return [];
    const actions = /^alter table (?:only )?\S+ (.*)$/.exec(statement)?.[1];
    const wrong = actions === undefined ? [statement] : splitOutside(actions, ',').filter(isNoNewColumn);
    return wrong.map((what) => `not an addition: ${what.trim()}`);
  });
}

/** A column that the release before does not know has to fill itself, and may refuse nothing. */
function isNoNewColumn(action: string): boolean {
  const text = action.trim();
  if (!text.startsWith('add column ')) return true;
  const canBeLeftOut = !text.includes(' not null') || /\b(default|generated)\b/.test(text);
  return !canBeLeftOut || /\b(unique|check|primary key|references)\b/.test(text);
}

/** A row that a new table holds on to could not be deleted any more by whoever does not know the table. */
function restrictingReferences(statement: string, own: ReadonlySet<string>): string[] {
  return [
    ...statement.matchAll(/\breferences (\w+)(?: ?\([^)]*\))?((?: on (?:delete|update) \w+(?: \w+)?)*)/g),
  ].flatMap(([text, table = '', rules = '']) =>
    own.has(table) || /on delete (cascade|set null|set default)/.test(rules)
      ? []
      : [`holds on to rows of an older table: ${text}`],
  );
}

function withoutComments(sql: string): string {
  return sql.replace(/('(?:[^']|'')*')|--[^\n]*|\/\*[\s\S]*?\*\//g, (_, text?: string) => text ?? ' ');
}

/** Cuts `text` at each `mark` that is in no brackets and in no literal. */
function splitOutside(text: string, mark: string): string[] {
  const parts = [''];
  let depth = 0;
  for (const [piece] of text.matchAll(/'(?:[^']|'')*'|\$(\w*)\$[\s\S]*?\$\1\$|[\s\S]/g)) {
    if (piece === '(') depth++;
    if (piece === ')') depth--;
    if (piece === mark && depth === 0) parts.push('');
    else parts[parts.length - 1] += piece;
  }
  return parts;
}
