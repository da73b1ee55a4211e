/** What the HTML report can do where scripts run: show all findings a page at a time, filtered, sorted and grouped. */

export const SCRIPT = `
'use strict';
(() => {
  const body = document.querySelector('#findings tbody');
  if (!body) return;
  const tools = document.querySelector('.tools');
  const source = document.querySelector('#data');
  const page = Number(source.dataset.page);
  const { details, rows } = JSON.parse(source.textContent);
  const findings = rows.map(([rank, severity, risk, id, name, version, fixed, type, epss, paths, layer, notes, detail], position) =>
    ({ rank, severity, risk, id, package: name, version, fixed, type, epss, paths, path: paths[0] || '', layer, notes, detail, position }));
  const search = tools.querySelector('[name=search]');
  const fix = tools.querySelector('[name=fix]');
  const group = tools.querySelector('[name=group]');
  const shown = tools.querySelector('output');
  const [previous, next] = ['previous', 'next'].map((name) => tools.querySelector('[name=' + name + ']'));
  const headers = [...document.querySelectorAll('#findings th[data-key]')];
  const numeric = new Set(['severity', 'risk', 'epss']);
  let key = '';
  let descending = true;
  let first = 0;
  let listed = findings;

  const compare = (a, b) => {
    if (key === '') return a.position - b.position;
    const [x, y] = key === 'severity' ? [a.rank, b.rank] : [a[key], b[key]];
    const order = numeric.has(key) ? x - y : x.localeCompare(y, 'en', { numeric: true });
    return (descending ? -order : order) || a.position - b.position;
  };
  const textOf = (finding) => finding.text ??= [finding.severity, finding.id, finding.package, finding.version, finding.fixed,
    finding.type, finding.layer, ...finding.paths, ...finding.notes, details[finding.detail][0], ...details[finding.detail][1]].join(' ').toLowerCase();
  const filter = () => {
    const severities = new Set([...tools.querySelectorAll('[name=severity]:checked')].map((box) => box.value));
    const wanted = search.value.toLowerCase().split(/\\s+/).filter(Boolean);
    return (finding) => severities.has(finding.severity) && (fix.value === '' || (fix.value === 'none') === (finding.fixed === ''))
      && wanted.every((word) => textOf(finding).includes(word));
  };
  const groupOf = (finding) => finding[group.value] || 'unknown';
  const element = (name, text, className) => {
    const made = document.createElement(name);
    if (text !== undefined) made.textContent = text;
    if (className) made.className = className;
    return made;
  };
  const detailOf = (index) => {
    const [description, facts, links] = details[index];
    const last = element('p');
    for (const link of links) {
      const anchor = element('a', link);
      anchor.href = link;
      anchor.rel = 'noopener noreferrer nofollow';
      last.append(anchor, '\\n');
    }
    return [...(description === '' ? [] : [element('p', description)]), element('p', facts.join('\\n'), 'dim'), last];
  };
  const rowOf = (finding) => {
    const row = element('tr');
    const opened = element('details');
    opened.append(element('summary', finding.id, 'mono'));
    opened.addEventListener('toggle', () => opened.append(...detailOf(finding.detail)), { once: true });
    const name = element('td');
    name.append(opened, ...finding.notes.map((note) => element('span', note, 'tag High')));
    const fixed = element('td', finding.fixed || undefined, 'mono');
    if (finding.fixed === '') fixed.append(element('span', 'none', 'dim'));
    row.append(element('td', finding.severity, 'sev ' + finding.severity), element('td', finding.risk.toFixed(1), 'num'), name,
      element('td', finding.package, 'mono'), element('td', finding.version, 'mono'), fixed, element('td', finding.type),
      element('td', finding.epss < 0 ? '' : (finding.epss * 100).toFixed(1) + '%', 'num'),
      element('td', finding.paths.join('\\n'), 'mono path'), element('td', finding.layer, 'mono'));
    return row;
  };
  const headingOf = (name) => {
    const row = element('tr', undefined, 'group');
    const cell = element('td', name + ' (' + listed.filter((each) => groupOf(each) === name).length + ')');
    cell.colSpan = headers.length;
    row.append(cell);
    return row;
  };
  const draw = () => {
    const part = listed.slice(first, first + page);
    const content = part.flatMap((finding, index) => {
      const starts = group.value !== '' && (index === 0 || groupOf(part[index - 1]) !== groupOf(finding));
      return starts ? [headingOf(groupOf(finding)), rowOf(finding)] : [rowOf(finding)];
    });
    body.replaceChildren(...content);
    const range = listed.length === 0 ? '0' : (first + 1) + '–' + (first + part.length);
    shown.textContent = range + ' of ' + listed.length + (listed.length === findings.length ? '' : ' (' + findings.length + ' in all)');
    previous.disabled = first === 0;
    next.disabled = first + page >= listed.length;
    for (const header of headers) {
      if (header.dataset.key === key) header.setAttribute('aria-sort', descending ? 'descending' : 'ascending');
      else header.removeAttribute('aria-sort');
    }
  };
  const show = () => {
    first = 0;
    listed = findings.filter(filter()).sort(compare);
    if (group.value !== '') listed = [...Map.groupBy(listed, groupOf).values()].flat();
    draw();
  };
  const turn = (by) => {
    first = Math.max(0, Math.min(first + by, Math.floor((listed.length - 1) / page) * page));
    draw();
    document.querySelector('#findings').scrollIntoView();
  };
  for (const header of headers) {
    const button = element('button', header.textContent);
    button.type = 'button';
    header.replaceChildren(button);
    button.addEventListener('click', () => {
      descending = key === header.dataset.key ? !descending : numeric.has(header.dataset.key);
      key = header.dataset.key;
      show();
    });
  }
  previous.addEventListener('click', () => turn(-page));
  next.addEventListener('click', () => turn(page));
  tools.addEventListener('input', show);
  tools.hidden = false;
  show();
})();
`;
