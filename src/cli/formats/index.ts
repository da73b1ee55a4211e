/** Every format of `scan`, by its name. */
import { clair } from './clair.ts';
import { cyclonedx } from './cyclonedx.ts';
import { html } from './html.ts';
import { json } from './json.ts';
import { junit } from './junit.ts';
import { markdown } from './markdown.ts';
import { sarif } from './sarif.ts';
import { spdx } from './spdx.ts';
import { table } from './table.ts';
import { template } from './template.ts';
import type { FormatInput } from './view.ts';

export const FORMATS = {
  table,
  json,
  clair,
  sarif,
  cyclonedx,
  spdx,
  junit,
  html,
  markdown,
  template,
} as const satisfies Record<string, (input: FormatInput) => string>;

export type FormatName = keyof typeof FORMATS;

export function isFormat(name: string): name is FormatName {
  return Object.hasOwn(FORMATS, name);
}
