/** VEX documents at work: findings that somebody says do not matter. */
import { open } from 'node:fs/promises';
import { AppError, messageOf } from '../../errors.ts';
import type { Problem } from '../../model/package.ts';
import { MAX_VEX_BYTES, readVex } from '../../vex/read-vex.ts';
import type { VexStatement } from '../../vex/statement.ts';
import { createVexIndex, type ScannedImage, suppresses } from '../../vex/vex-index.ts';
import type { Suppressor } from './selection.ts';

export interface VexFile {
  readonly path: string;
  readonly statements: readonly VexStatement[];
  readonly problems: readonly Problem[];
}

/** Throws `bad-config` if it cannot be read. */
export async function readVexFile(path: string): Promise<VexFile> {
  let text: string;
  try {
    await using file = await open(path);
    if ((await file.stat()).size > MAX_VEX_BYTES) throw new Error(`it is over ${MAX_VEX_BYTES >> 20} MiB`);
    text = await file.readFile('utf8');
  } catch (cause) {
    throw new AppError('bad-config', `cannot read the VEX document ${path}: ${messageOf(cause)}`, { cause });
  }
  return { path, ...readVex(text, path) };
}

/** Of several files the newest statement about the same holds. */
export function vexRules(files: readonly VexFile[], image: ScannedImage): Suppressor {
  const index = createVexIndex(
    files.flatMap(({ statements }) => statements),
    image,
  );
  return {
    suppress({ id, aliases, purl, sourcePurl = '' }) {
      const purls = [purl, sourcePurl].filter((each) => each !== '');
      const statement = index.statementOn({ ids: [id, ...aliases], purls });
      if (statement === undefined || !suppresses(statement)) return undefined;
      return {
        kind: 'vex',
        source: statement.source,
        status: statement.status === 'fixed' ? 'fixed' : 'not_affected',
        justification: statement.justification,
        reason: statement.reason,
      };
    },
    notices: () =>
      files.length > 0 && !index.used
        ? [`${files.map(({ path }) => path).join(', ')}: no statement is about anything in this image`]
        : [],
  };
}
