/** The contents of files that are kept for the detectors, by the ordinal of the entry. */
import type { KeptFile } from './kept-files.ts';

export class LayerContents {
  readonly #kept = new Map<number, KeptFile>();
  /** Why a content was not kept. */
  readonly #refused = new Map<number, string>();

  keep(ordinal: number, file: KeptFile): void {
    this.#kept.set(ordinal, file);
  }

  refuse(ordinal: number, reason: string): void {
    this.#refused.set(ordinal, reason);
  }

  /** Whether it is settled what becomes of the content. */
  has(ordinal: number): boolean {
    return this.#kept.has(ordinal) || this.#refused.has(ordinal);
  }

  /** The content, or why there is none; undefined: it has not passed. */
  at(ordinal: number): KeptFile | string | undefined {
    return this.#kept.get(ordinal) ?? this.#refused.get(ordinal);
  }
}
