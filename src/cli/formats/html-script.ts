/** What the HTML report can do where scripts run: filter, sort and group the rows of its table, which is there anyway. */

export const SCRIPT = `
'use strict';
(() => {
  const body = document.querySelector('#findings tbody');
  if (!body) return;
  const tools = document.querySelector('.tools');
  const rows = [...body.rows];
  const search = tools.querySelector('[name=search]');
  const fix = tools.querySelector('[name=fix]');
  const group = tools.querySelector('[name=group]');
  const shown = tools.querySelector('output');
  const headers = [...document.querySelectorAll('#findings th[data-key]')];
  const texts = new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));
  const positions = new Map(rows.map((row, index) => [row, index]));
  const numeric = new Set(['severity', 'epss']);
  let key = 'severity';
  let descending = true;

  const compare = (a, b) => {
    const [x, y] = [a.dataset[key], b.dataset[key]];
    const order = numeric.has(key) ? Number(x) - Number(y) : x.localeCompare(y, 'en', { numeric: true });
    return (descending ? -order : order) || positions.get(a) - positions.get(b);
  };
  const filter = () => {
    const severities = new Set([...tools.querySelectorAll('[name=severity]:checked')].map((box) => box.value));
    const wanted = search.value.toLowerCase().split(/\\s+/).filter(Boolean);
    return (row) => severities.has(row.dataset.name) && (fix.value === '' || row.dataset.fix === fix.value)
      && wanted.every((word) => texts.get(row).includes(word));
  };
  const headingOf = (name, count) => {
    const row = document.createElement('tr');
    row.className = 'group';
    const cell = row.insertCell();
    cell.colSpan = headers.length;
    cell.textContent = name + ' (' + count + ')';
    return row;
  };
  const show = () => {
    const visible = rows.filter(filter()).sort(compare);
    const groups = new Map();
    for (const row of visible) {
      const name = group.value === '' ? '' : row.dataset[group.value] || 'unknown';
      if (!groups.has(name)) groups.set(name, []);
      groups.get(name).push(row);
    }
    const content = [...groups].flatMap(([name, of]) => (group.value === '' ? of : [headingOf(name, of.length), ...of]));
    body.replaceChildren(...content);
    shown.textContent = visible.length + ' of ' + rows.length;
    for (const header of headers) {
      if (header.dataset.key === key) header.setAttribute('aria-sort', descending ? 'descending' : 'ascending');
      else header.removeAttribute('aria-sort');
    }
  };
  for (const header of headers) {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = header.textContent;
    header.replaceChildren(button);
    button.addEventListener('click', () => {
      descending = key === header.dataset.key ? !descending : numeric.has(header.dataset.key);
      key = header.dataset.key;
      show();
    });
  }
  tools.addEventListener('input', show);
  tools.hidden = false;
  show();
})();
`;
