declare module 'pg-copy-streams' {
  import type { Readable, Writable } from 'node:stream';
  import type { Connection, Submittable } from 'pg';

  /** A statement whose data is written to it. */
  export interface CopyStreamQuery extends Writable, Submittable {
    readonly rowCount: number;
    submit(connection: Connection): void;
  }
  export function from(text: string): CopyStreamQuery;

  /** A statement whose data is read from it. */
  export interface CopyToStreamQuery extends Readable, Submittable {
    submit(connection: Connection): void;
  }
  export function to(text: string): CopyToStreamQuery;
}
