/**
 * `html`: one file that opens offline, rendered with the console's components. It contains all findings as data, and a script shows
 * one page at a time: thousands of rows take a browser seconds. Without scripts, it shows the first ones.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { counted } from '../../lib/counted.ts';
import { MARKS } from '../../model/ledger.ts';
import type { ReportPage } from '../../model/report-page.ts';
import { webFolder } from '../../web-asset.ts';
import { type HtmlData, htmlData, scriptJson, visible } from './html-data.ts';
import { sizeText, totalsText } from './ledger-text.ts';
import type { FormatInput, View } from './view.ts';
import { caveats, emptyVerdict, freshness, notLinkedText, omissions, suppressionText } from './words.ts';

/** Rows of collapsed lists. */
const MAX_SUPPRESSED = 40;
const MAX_UNACCOUNTED = 40;
/** Upgrades at the top. */
const MAX_UPGRADES = 3;

/** Loads components, style and script. Returns the function that renders the file. */
export async function loadHtml(): Promise<(input: FormatInput) => string> {
  const folder = webFolder();
  const { renderReport } = (await import(new URL('report.mjs', folder).href)) as {
    renderReport(page: ReportPage): string;
  };
  const style = readFileSync(new URL('report.css', folder), 'utf8');
  const script = readFileSync(new URL('report.js', folder), 'utf8');
  return ({ view, ecosystems, instructions }) => {
    const page = pageOf(view, htmlData(view.findings, ecosystems, instructions));
    const data =
      page.data.rows.length === 0
        ? ''
        : `<script type="application/json" id="data">${scriptJson(page.data)}</script>\n`;
    return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy(style, script)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="${attribute(page.generator)}">
<title>${attribute(page.title)}</title>
<style>${style}</style>
</head>
<body>
${renderReport(page)}
${data}<script>${script}</script>
</body>
</html>
`;
  };
}

/** Returns the Content-Security-Policy: nothing is loaded, and only the style and script of this file run. */
function policy(style: string, script: string): string {
  const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  return `default-src 'none'; style-src ${hash(style)}; script-src ${hash(script)}; base-uri 'none'; form-action 'none'`;
}

function pageOf(view: View, { data, upgrades }: HtmlData): ReportPage {
  const all = view.findings.reduce((sum, { risk }) => sum + risk, 0);
  const first = upgrades.slice(0, MAX_UPGRADES);
  const ledger = ledgerOf(view);
  return {
    title: visible(`Vulnerabilities of ${view.target.name}`),
    manifest: visible(view.manifest),
    facts: [...view.distributions, counted(view.packages, 'package'), `checked on ${view.created}`].map(
      visible,
    ),
    generator: `clairctl ${view.tool.version}`,
    caveats: caveats(view).map(visible),
    verdict: emptyVerdict(view),
    upgrades: first.map(({ name, from, to, type, fixes, risk }) => {
      const exploited = fixes.filter((finding) => finding.exploited).length;
      const about = `${type} · fixes ${counted(fixes.length, 'finding')}${exploited > 0 ? `, ${exploited} exploited` : ''}`;
      return { name: visible(name), from: visible(from), to: visible(to), about: visible(about), risk };
    }),
    share: all === 0 ? 0 : first.reduce((sum, { risk }) => sum + risk, 0) / all,
    data,
    notLinked: notLinkedText(view),
    omissions: omissions(view).map(visible),
    suppressed: view.suppressed
      .slice(0, MAX_SUPPRESSED)
      .map(({ severity, id, package: name, version, suppression }) => ({
        severity,
        id: visible(id),
        package: visible(name),
        version: visible(version),
        why: visible(suppressionText(suppression)),
      })),
    suppressedCount: view.suppressed.length,
    ...(ledger !== undefined && { ledger }),
    feeds: freshness(view).map(visible),
    packageTypes: view.packageTypes.map(({ type, count }) => visible(`${count} ${type}`)),
  };
}

function ledgerOf({ ledger }: View): ReportPage['ledger'] {
  if (ledger === undefined) return undefined;
  return {
    totals: visible(totalsText(ledger)),
    files: ledger.unaccounted
      .slice(0, MAX_UNACCOUNTED)
      .map(({ path, size, kind, marks, layer, instruction }) => ({
        path: visible(path),
        size: sizeText(size),
        kind,
        status: marks.map((mark) => MARKS[mark]).join('; '),
        layer,
        by: visible(instruction || layer),
      })),
    count: ledger.accounts.unaccounted.files,
  };
}

/** Returns `text` escaped for quoted attributes and titles. */
function attribute(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}
