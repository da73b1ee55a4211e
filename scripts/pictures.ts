/**
 * Remakes every picture of docs/images: scans in a terminal, the web page, the HTML report.
 *
 *     node scripts/node24.mjs scripts/pictures.ts        needs tmux and Chromium
 */
await import('./browser-pictures.ts');
await import('./terminal-pictures.ts');
