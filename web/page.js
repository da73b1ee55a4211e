/** The page: asks for the reports, shows them. Nothing but this origin is ever asked. */
import { compared, findingsOf, SEVERITIES } from './findings.js';

const COLUMNS = [
  { key: 'package', title: 'Package' },
  { key: 'version', title: 'Installed' },
  { key: 'fixedIn', title: 'Fixed in' },
  { key: 'name', title: 'Vulnerability' },
  { key: 'rank', title: 'Severity', numeric: true },
  { key: 'cvss', title: 'CVSS', numeric: true },
  { key: 'epss', title: 'EPSS', numeric: true },
  { key: 'path', title: 'Found in' },
];
/** Rows at a time: a report may have thousands. */
const PAGE = 250;
const TOKEN = 'clair-token';

const $ = (selector) => document.querySelector(selector);
const ask = $('#ask');
const login = $('#login');
const tools = $('.tools');
const state = { rows: [], sort: 'rank', descending: true, shown: PAGE };

ask.addEventListener('submit', (event) => {
  event.preventDefault();
  const { digest, base } = Object.fromEntries(new FormData(ask));
  const hash = `#${digest.trim()}${base.trim() ? `..${base.trim()}` : ''}`;
  if (location.hash === hash) show();
  else location.hash = hash;
});
login.addEventListener('submit', (event) => {
  event.preventDefault();
  sessionStorage.setItem(TOKEN, new FormData(login).get('token').trim());
  login.reset();
  show();
});
tools.addEventListener('input', () => {
  state.shown = PAGE;
  fill();
});
$('#more').addEventListener('click', () => {
  state.shown += PAGE;
  fill();
});
addEventListener('hashchange', show);
makeTools();
show();

/** Shows what the address names: `#DIGEST` or `#DIGEST..OLDER`. */
async function show() {
  const [digest = '', base = ''] = decodeURIComponent(location.hash.slice(1)).split('..');
  if (digest === '') return;
  ask.elements.digest.value = digest;
  ask.elements.base.value = base;
  $('#report').hidden = true;
  login.hidden = true;
  say('Asking …');
  try {
    const [report, before] = await Promise.all([load(digest), base === '' ? undefined : load(base)]);
    const rows = findingsOf(report);
    state.rows = before === undefined ? rows : compared(rows, findingsOf(before));
    state.shown = PAGE;
    $('#changes').hidden = before === undefined;
    head(report, rows);
    fill();
    say('');
    $('#report').hidden = false;
  } catch (error) {
    say(error.message, true);
  }
}

async function load(digest) {
  const token = sessionStorage.getItem(TOKEN);
  const response = await fetch(`../api/v1/vulnerability_report/${encodeURIComponent(digest)}`, {
    headers: token ? { authorization: `Bearer ${token}` } : {},
  }).catch(() => {
    throw new Error('Clair is not reachable. Retry.');
  });
  if (response.status === 200) return await response.json();
  if (response.status === 202) throw new Error('No advisory feed is loaded yet. Retry in a few minutes.');
  if (response.status === 401) {
    login.hidden = false;
    sessionStorage.removeItem(TOKEN);
    throw new Error(token ? 'Token rejected: expired, or unknown issuer.' : 'Authentication required.');
  }
  const { message } = await response.json().catch(() => ({}));
  throw new Error(message ?? `Clair returned status ${response.status}.`);
}

function head(report, rows) {
  const distributions = Object.values(report.distributions ?? {}).map(({ pretty_name: name }) => name);
  $('#subject').textContent = [report.manifest_hash, ...distributions].filter(Boolean).join(' · ');
  const fixable = rows.filter(({ fixedIn }) => fixedIn !== '').length;
  const tiles = [
    ['packages', Object.keys(report.packages ?? {}).length],
    ['findings', rows.length],
    ['can be fixed', fixable],
    ...SEVERITIES.map((name) => [name, rows.filter(({ severity }) => severity === name).length]),
  ].filter(([name, count]) => count > 0 || !SEVERITIES.includes(name));
  $('#tiles').replaceChildren(
    ...tiles.map(([name, count]) =>
      element('li', { className: name }, element('b', {}, count), String(name)),
    ),
  );
  const caveats = [
    ...(report.incomplete ?? []).map(
      ({ what, where, reason, packages }) =>
        `${[what, where, reason].filter(Boolean).join(': ')}${packages > 0 ? ` (${packages} ${packages === 1 ? 'package' : 'packages'})` : ''}`,
    ),
  ];
  $('#caveats').hidden = caveats.length === 0;
  $('#caveats b').textContent = 'Incomplete report. Not checked:';
  $('#caveats ul').replaceChildren(...caveats.map((text) => element('li', {}, text)));
  showLedger(report.ledger);
  $('#feeds tbody').replaceChildren(
    ...(report.feeds ?? []).map((feed) =>
      element(
        'tr',
        {},
        element('td', { className: 'mono' }, feed.name),
        element('td', {}, feed.scope),
        element('td', {}, feed.last_error ? `${feed.state}: ${feed.last_error}` : feed.state),
        element('td', {}, feed.last_success ?? 'never'),
        element('td', { className: 'num' }, feed.rows),
      ),
    ),
  );
}

const ACCOUNTS = {
  os_package: 'of OS packages',
  language_package: 'in language packages',
  program: 'recognized programs',
  inventory: 'in inventories',
  unaccounted: 'unaccounted',
};

/** Who accounts for the files that can run; an older Clair does not say. */
function showLedger(ledger) {
  $('#ledger').hidden = ledger === undefined;
  if (ledger === undefined) return;
  $('#accounts').replaceChildren(
    ...Object.entries(ACCOUNTS).map(([name, title]) =>
      element('li', {}, element('b', {}, ledger.accounts[name].files), title),
    ),
  );
  $('#unaccounted').hidden = ledger.unaccounted.length === 0;
  const more = ledger.accounts.unaccounted.files - ledger.unaccounted.length;
  $('#unaccounted summary').textContent =
    `${ledger.accounts.unaccounted.files} unaccounted${more > 0 ? ` (the largest ${ledger.unaccounted.length})` : ''}`;
  $('#unaccounted tbody').replaceChildren(
    ...ledger.unaccounted.map(({ path, size, kind, marks = [], layer }) =>
      element(
        'tr',
        {},
        element('td', { className: 'mono path' }, path),
        element('td', { className: 'num' }, size),
        element('td', {}, [kind, ...marks].join(', ')),
        element('td', { className: 'mono' }, layer),
      ),
    ),
  );
}

function makeTools() {
  $('#severities').replaceChildren(
    ...SEVERITIES.map((name) =>
      element(
        'label',
        { className: name },
        element('input', { type: 'checkbox', name: 'severity', value: name, checked: true }),
        ` ${name}`,
      ),
    ),
  );
  $('#findings thead tr').replaceChildren(
    ...COLUMNS.map(({ key, title, numeric }) => {
      const button = element('button', { type: 'button' }, title);
      button.addEventListener('click', () => {
        state.descending = state.sort === key ? !state.descending : numeric === true;
        state.sort = key;
        fill();
      });
      const cell = element('th', { scope: 'col' }, button);
      cell.dataset.key = key;
      return cell;
    }),
  );
}

function wanted() {
  const field = (name) => tools.querySelector(`[name=${name}]`);
  const words = field('search').value.toLowerCase().split(/\s+/).filter(Boolean);
  const severities = new Set(
    [...tools.querySelectorAll('[name=severity]:checked')].map(({ value }) => value),
  );
  const [fix, change, exploited] = [field('fix').value, field('change').value, field('exploited').checked];
  return (row) => {
    const text =
      `${row.package} ${row.version} ${row.name} ${row.aliases.join(' ')} ${row.path} ${row.description}`.toLowerCase();
    return (
      severities.has(row.severity) &&
      (fix === '' || (fix === 'yes') === (row.fixedIn !== '')) &&
      (change === '' || row.change === change) &&
      (!exploited || row.exploited) &&
      words.every((word) => text.includes(word))
    );
  };
}

function fill() {
  const { sort, descending } = state;
  const group = tools.querySelector('[name=group]').value;
  const order = (a, b) =>
    (typeof a[sort] === 'number'
      ? a[sort] - b[sort]
      : a[sort].localeCompare(b[sort], 'en', { numeric: true })) * (descending ? -1 : 1) ||
    b.rank - a.rank ||
    a.package.localeCompare(b.package) ||
    a.name.localeCompare(b.name);
  const rows = state.rows.filter(wanted()).sort(order);
  if (group !== '') rows.sort((a, b) => a[group].localeCompare(b[group]));
  const content = [];
  let last;
  for (const row of rows.slice(0, state.shown)) {
    if (group !== '' && row[group] !== last) {
      last = row[group];
      const count = rows.filter((other) => other[group] === last).length;
      content.push(
        element(
          'tr',
          { className: 'group' },
          element('td', { colSpan: COLUMNS.length }, `${last || 'unknown'} (${count})`),
        ),
      );
    }
    content.push(line(row));
  }
  $('#findings tbody').replaceChildren(...content);
  tools.querySelector('output').textContent = `${rows.length} of ${state.rows.length}`;
  $('#more').hidden = rows.length <= state.shown;
  $('#more').textContent = `Show ${Math.min(PAGE, rows.length - state.shown)} more of ${rows.length}`;
  for (const cell of $('#findings thead tr').cells) {
    if (cell.dataset.key === sort) cell.setAttribute('aria-sort', descending ? 'descending' : 'ascending');
    else cell.removeAttribute('aria-sort');
  }
}

function line(row) {
  const tags = [
    row.exploited && 'exploited',
    ...row.notes,
    row.undecided && 'version not comparable',
    row.change === 'new' && 'new',
    row.change === 'gone' && 'gone',
  ].filter(Boolean);
  const links = row.links.map((href) =>
    element('li', {}, element('a', { href, rel: 'noreferrer noopener', target: '_blank' }, href)),
  );
  const about = element(
    'details',
    {},
    element(
      'summary',
      {},
      row.name,
      ...tags.flatMap((tag) => [' ', element('span', { className: 'tag' }, tag)]),
    ),
    element('p', {}, row.description || 'No description.'),
    ...(row.aliases.length > 0
      ? [element('p', { className: 'dim' }, `Also known as ${row.aliases.join(', ')}`)]
      : []),
    element('ul', {}, ...links),
  );
  return element(
    'tr',
    { className: row.change === 'gone' ? 'gone' : '' },
    element('td', {}, row.package),
    element('td', { className: 'mono' }, row.version),
    element('td', { className: 'mono' }, row.fixedIn),
    element('td', {}, about),
    element(
      'td',
      { className: `sev ${row.severity}`, title: row.source && `Severity: ${row.source}` },
      row.severity,
    ),
    element('td', { className: 'num' }, row.cvss < 0 ? '' : row.cvss.toFixed(1)),
    element('td', { className: 'num' }, row.epss < 0 ? '' : `${(row.epss * 100).toFixed(1)} %`),
    element('td', { className: 'mono path', title: row.layer }, row.path),
  );
}

function say(text, isError = false) {
  $('#message').textContent = text;
  $('#message').className = isError ? 'error' : 'dim';
}

function element(name, properties, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children.map((child) => (child instanceof Node ? child : String(child))));
  return made;
}
