/** The formats of `scan` by name. A format is loaded when it is used. */
import type { FormatInput } from './view.ts';

export type Format = (input: FormatInput) => string;

const LOADERS = {
  table: async () => (await import('./table.ts')).table,
  json: async () => (await import('./json.ts')).json,
  clair: async () => (await import('./clair.ts')).clair,
  sarif: async () => (await import('./sarif.ts')).sarif,
  cyclonedx: async () => (await import('./cyclonedx.ts')).cyclonedx,
  spdx: async () => (await import('./spdx.ts')).spdx,
  openvex: async () => (await import('./openvex.ts')).openvex,
  junit: async () => (await import('./junit.ts')).junit,
  gitlab: async () => (await import('./gitlab.ts')).gitlab,
  html: async () => await (await import('./html.ts')).loadHtml(),
  markdown: async () => (await import('./markdown.ts')).markdown,
  github: async () => (await import('./github.ts')).github,
  csv: async () => (await import('./csv.ts')).csv,
  template: async () => (await import('./template.ts')).template,
} as const satisfies Record<string, () => Promise<Format>>;

export type FormatName = keyof typeof LOADERS;

export const FORMAT_NAMES = Object.keys(LOADERS) as readonly FormatName[];

export function isFormat(name: string): name is FormatName {
  return Object.hasOwn(LOADERS, name);
}

export async function loadFormat(name: FormatName): Promise<Format> {
  return await LOADERS[name]();
}
