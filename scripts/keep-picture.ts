/** Stores what a browser shows as a picture of the documentation. */
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Page } from 'playwright-core';
import { palettePng } from './palette-png.ts';

const FOLDER = resolve(import.meta.dirname, '../docs/images');
const LIMIT = 150_000;

/** Throws if the picture is too large. */
export async function keepPicture(page: Page, name: string): Promise<void> {
  const picture = palettePng(await page.screenshot({ animations: 'disabled' }));
  if (picture.length > LIMIT) throw new Error(`${name} has ${picture.length} bytes: at most ${LIMIT}`);
  writeFileSync(join(FOLDER, name), picture);
  process.stdout.write(`docs/images/${name}: ${picture.length} bytes\n`);
}
