/** How the content of an archive's entry is handed on. */

/** Takes the content of one entry. */
export interface TarContent {
  /** A piece, only good during the call. False: no more of it, and no `end`. */
  data(piece: Buffer): boolean;
  end(): void;
}
