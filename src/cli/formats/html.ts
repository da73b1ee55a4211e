/**
 * `html`: one file that opens offline; a plain table of what to look at first where no scripts run. All findings lie beside it
 * as data, of which a script shows a page at a time: thousands of rows would take a browser seconds.
 */
import { createHash } from 'node:crypto';
import { counted } from '../../lib/counted.ts';
import { MARKS } from '../../model/ledger.ts';
import { SEVERITIES } from '../../model/severity.ts';
import { factsOf, htmlData, MAX_LINKS, notesOf, shortLayer, visible } from './html-data.ts';
import { SCRIPT } from './html-script.ts';
import { STYLE } from './html-style.ts';
import { sizeText, totalsText } from './ledger-text.ts';
import type { FormatInput, ReportFinding, View } from './view.ts';
import { caveats, emptyVerdict, freshness, omissions, suppressionText } from './words.ts';

/** Rows at a time. */
const PAGE = 100;
/** Of lists that are folded away. */
const MAX_SUPPRESSED = 50;
const MAX_UNACCOUNTED = 50;

const COLUMNS = [
  ['severity', 'Severity'],
  ['risk', 'Risk'],
  ['id', 'Vulnerability'],
  ['package', 'Package'],
  ['version', 'Installed'],
  ['fixed', 'Fixed in'],
  ['type', 'Type'],
  ['epss', 'EPSS'],
  ['path', 'Found in'],
  ['layer', 'Layer'],
] as const;

export function html({ view }: FormatInput): string {
  const title = `Vulnerabilities of ${view.target.name}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy()}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="clairctl ${view.tool.version}">
<title>${safe(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<h1>${safe(title)}</h1>
<p class="dim">${[...view.distributions, counted(view.packages, 'package'), `checked on ${view.created}`].map(safe).join(' · ')}<br>
<code>${safe(view.manifest)}</code></p>
</header>
<main>
${warnings(view)}
${summary(view)}
${view.findings.length > 0 ? findingsTable(view.findings) : ''}
${leftOut(view)}
${ledgerSection(view)}
${basis(view)}
</main>
<script>${SCRIPT}</script>
</body>
</html>
`;
}

/** Nothing is loaded, and no style or script runs but those of this file: whatever a feed or an image may say. */
function policy(): string {
  const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  return `default-src 'none'; style-src ${hash(STYLE)}; script-src ${hash(SCRIPT)}; base-uri 'none'; form-action 'none'`;
}

function warnings(view: View): string {
  const lines = caveats(view);
  if (lines.length === 0) return '';
  return `<section class="caveats" role="alert"><strong>This report is incomplete.</strong>
<ul>${lines.map((line) => `<li>${safe(line)}</li>`).join('\n')}</ul></section>`;
}

function summary(view: View): string {
  const { findings, fixable, affectedPackages, bySeverity } = view.summary;
  if (findings === 0) return `<p><strong>${emptyVerdict(view)}</strong></p>`;
  const tiles = SEVERITIES.toReversed().map((severity) => {
    const count = bySeverity[severity.toLowerCase() as Lowercase<typeof severity>];
    return `<li class="${severity}"><b>${count}</b>${severity}</li>`;
  });
  return `<ul class="tiles">${tiles.join('')}<li><b>${fixable}</b>of ${findings} can be fixed</li><li><b>${affectedPackages}</b>packages affected</li></ul>`;
}

function findingsTable(findings: readonly ReportFinding[]): string {
  const boxes = SEVERITIES.toReversed()
    .map(
      (severity) =>
        `<label class="${severity}"><input type="checkbox" name="severity" value="${severity}" checked> ${severity}</label>`,
    )
    .join('');
  const rest = findings.length - PAGE;
  return `<div class="tools" hidden>
<input type="search" name="search" placeholder="Filter: CVE, package, path …" aria-label="Filter">
<fieldset aria-label="Severities">${boxes}</fieldset>
<label>Fix <select name="fix"><option value="">any</option><option value="fixed">available</option><option value="none">none</option></select></label>
<label>Group by <select name="group"><option value="">nothing</option><option value="package">package</option><option value="layer">layer</option><option value="type">type</option></select></label>
<span class="pages"><button type="button" name="previous" aria-label="Previous page">‹</button> <output class="dim"></output> <button type="button" name="next" aria-label="Next page">›</button></span>
</div>
<div class="wide"><table id="findings">
<thead><tr>${COLUMNS.map(([key, title]) => `<th scope="col" data-key="${key}">${title}</th>`).join('')}</tr></thead>
<tbody>
${findings.slice(0, PAGE).map(row).join('\n')}
</tbody>
</table></div>
${rest > 0 ? `<noscript><p>${rest} more findings are in this file, and are shown where scripts run.</p></noscript>` : ''}
<script type="application/json" id="data" data-page="${PAGE}">${htmlData(findings)}</script>`;
}

function row(finding: ReportFinding): string {
  const { id, package: name, version, fixedIn, type, severity, epss, layers, paths } = finding;
  const layer = layers.map(shortLayer).join(', ');
  const notes = notesOf(finding).map((note) => ` <span class="tag High">${safe(note)}</span>`);
  return `<tr><td class="sev ${severity}">${severity}</td><td class="num">${finding.risk.toFixed(1)}</td>
<td><details><summary class="mono">${safe(id)}</summary>${details(finding)}</details>${notes.join('')}</td>
<td class="mono">${safe(name)}</td><td class="mono">${safe(version)}</td><td class="mono">${safe(fixedIn) || '<span class="dim">none</span>'}</td>
<td>${safe(type)}</td><td class="num">${epss === undefined ? '' : `${(epss * 100).toFixed(1)}%`}</td>
<td class="mono path">${paths.map(safe).join('<br>')}</td><td class="mono" title="${safe(layers.join(', '))}">${safe(layer)}</td></tr>`;
}

function details(finding: ReportFinding): string {
  const { description, links } = finding;
  return `${description === '' ? '' : `<p>${safe(description)}</p>`}<p class="dim">${factsOf(finding).map(safe).join('\n')}</p><p>${links
    .slice(0, MAX_LINKS)
    .map((link) => `<a href="${safe(link)}" rel="noopener noreferrer nofollow">${safe(link)}</a>`)
    .join('\n')}</p>`;
}

function leftOut(view: View): string {
  const lines = omissions(view).map((line) => `<li>${safe(line)}</li>`);
  if (lines.length === 0) return '';
  const rows = view.suppressed
    .slice(0, MAX_SUPPRESSED)
    .map(
      ({ severity, id, package: name, version, suppression }) =>
        `<tr><td class="sev ${severity}">${severity}</td><td class="mono">${safe(id)}</td><td class="mono">${safe(name)}</td><td class="mono">${safe(version)}</td><td>${safe(suppressionText(suppression))}</td></tr>`,
    );
  const more = view.suppressed.length - rows.length;
  const table =
    rows.length === 0
      ? ''
      : `<details><summary>${view.suppressed.length} suppressed</summary><div class="wide"><table>
<thead><tr><th scope="col">Severity</th><th scope="col">Vulnerability</th><th scope="col">Package</th><th scope="col">Installed</th><th scope="col">Why</th></tr></thead>
<tbody>
${rows.join('\n')}
</tbody></table></div>${more > 0 ? `<p>${more} more: --format json lists them.</p>` : ''}</details>`;
  return `<section><h2>Hidden and suppressed</h2><ul>${lines.join('\n')}</ul>${table}</section>`;
}

function ledgerSection({ ledger }: View): string {
  if (ledger === undefined) return '';
  const rows = ledger.unaccounted
    .slice(0, MAX_UNACCOUNTED)
    .map(
      ({ path, size, kind, marks, layer, instruction }) =>
        `<tr><td class="mono path">${safe(path)}</td><td class="num">${sizeText(size)}</td><td>${kind}</td><td>${marks.map((mark) => safe(MARKS[mark])).join('; ')}</td><td class="mono" title="${safe(layer)}">${safe(instruction || layer)}</td></tr>`,
    );
  const more = ledger.accounts.unaccounted.files - rows.length;
  const table =
    rows.length === 0
      ? ''
      : `<details><summary>${ledger.accounts.unaccounted.files} unaccounted</summary><div class="wide"><table id="unaccounted">
<thead><tr><th scope="col">File</th><th scope="col">Size</th><th scope="col">Kind</th><th scope="col">Status</th><th scope="col">Added by</th></tr></thead>
<tbody>
${rows.join('\n')}
</tbody></table></div>${more > 0 ? `<p>${more} more, each no larger.</p>` : ''}</details>`;
  return `<section><h2>Ledger</h2><p>${safe(totalsText(ledger))}</p>${table}</section>`;
}

function basis(view: View): string {
  const feeds = freshness(view).map((line) => `<li>${safe(line)}</li>`);
  const types = view.packageTypes.map(({ type, count }) => `<li>${count} ${safe(type)}</li>`);
  return `<h2>Checked against</h2><ul>${feeds.join('\n') || '<li>no feed</li>'}</ul>
<h2>Packages</h2><ul>${types.join('\n') || '<li>none</li>'}</ul>`;
}

/** Text for content and quoted attributes. */
function safe(text: string): string {
  return visible(text).replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}
