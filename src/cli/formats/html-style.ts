/** How the HTML report looks: light and dark, on screens and on paper. */

export const STYLE = `
:root { color-scheme: light dark; --line: light-dark(#d8dce2, #3a4048); --soft: light-dark(#f4f6f8, #1d2127);
  --text: light-dark(#1c2128, #e6e9ee); --dim: light-dark(#57606a, #9aa4b0); --back: light-dark(#fff, #14171b);
  --link: light-dark(#0757b8, #6cb0ff); --warn: light-dark(#fff4d6, #3a2f10); --warn-line: light-dark(#d49b00, #a07a1a);
  --critical: light-dark(#8a0f6b, #f08bd6); --high: light-dark(#b3261e, #ff8a80); --medium: light-dark(#8f5600, #ffc165);
  --low: light-dark(#0b6170, #7bd3e2); --rest: var(--dim); }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem; max-width: 100rem; color: var(--text); background: var(--back);
  font: 14px/1.45 system-ui, sans-serif; }
h1 { margin: 0; font-size: 1.4rem; overflow-wrap: anywhere; }
h2 { margin: 2rem 0 .5rem; font-size: 1.1rem; }
a { color: var(--link); }
code, .mono { font: .93em ui-monospace, monospace; overflow-wrap: anywhere; }
.dim { color: var(--dim); }
.caveats { margin: 1rem 0; padding: .6rem 1rem; border: 1px solid var(--warn-line); border-left-width: 5px;
  border-radius: 4px; background: var(--warn); }
.caveats ul { margin: .3rem 0; padding-left: 1.2rem; max-height: 14rem; overflow: auto; }
.tiles { display: flex; flex-wrap: wrap; gap: .6rem; margin: 1rem 0; padding: 0; list-style: none; }
.tiles li { min-width: 6.5rem; padding: .5rem .8rem; border: 1px solid var(--line); border-radius: 6px; background: var(--soft); }
.tiles b { display: block; font-size: 1.5rem; line-height: 1.2; font-variant-numeric: tabular-nums; }
.Critical { color: var(--critical); } .High { color: var(--high); } .Medium { color: var(--medium); }
.Low { color: var(--low); } .Negligible, .Unknown { color: var(--rest); }
.tools { position: sticky; top: 0; z-index: 1; display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: center;
  padding: .6rem 0; background: var(--back); border-bottom: 1px solid var(--line); }
.tools[hidden] { display: none; }
.tools input[type=search] { width: 18rem; max-width: 100%; padding: .3rem .5rem; }
.tools select { padding: .25rem; }
.tools fieldset { display: flex; flex-wrap: wrap; gap: .7rem; margin: 0; padding: 0; border: 0; }
.tools label { white-space: nowrap; }
.wide { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; }
th { padding: .5rem .6rem; text-align: left; white-space: nowrap; border-bottom: 2px solid var(--line); }
th button { padding: 0; border: 0; color: inherit; background: none; font: inherit; cursor: pointer; }
th[aria-sort=ascending] button::after { content: " ▲"; } th[aria-sort=descending] button::after { content: " ▼"; }
td { padding: .45rem .6rem; vertical-align: top; border-bottom: 1px solid var(--line); }
td { overflow-wrap: break-word; } td.mono, td .mono { overflow-wrap: inherit; } td.path { overflow-wrap: anywhere; min-width: 12rem; white-space: pre-line; }
.pages { white-space: nowrap; } .pages button { padding: .1rem .6rem; }
td.sev { font-weight: 600; white-space: nowrap; }
td.num { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
tr.group td { padding-top: 1rem; font-weight: 600; background: var(--soft); }
details summary { cursor: pointer; }
td details { min-width: 9.5rem; }
details p { margin: .4rem 0; max-width: 60rem; white-space: pre-wrap; overflow-wrap: anywhere; }
.tag { padding: 0 .4em; border: 1px solid currentColor; border-radius: 3px; font-size: .85em; white-space: nowrap; }
@media print { .tools { display: none; } body { padding: 0; max-width: none; font-size: 10px; } }
`;
