/** How columns become values, per connection rather than for every user of the driver. */
import pg from 'pg';

const { builtins } = pg.types;
// pg_type.dat: the driver has names for scalar types only
const INT8_ARRAY = 1016;
const TEXT_ARRAY = 1009 as Parameters<typeof pg.types.getTypeParser>[0];

/** int8 is a number while that is exact, else a bigint; dates without a time stay text; the rest as the driver has it. */
export const columnTypes: pg.CustomTypesConfig = {
  getTypeParser(oid: number, format?: 'text' | 'binary') {
    if (format === 'binary') return pg.types.getTypeParser(oid, format);
    if (oid === builtins.INT8) return readInt8;
    if (oid === INT8_ARRAY) return readInt8Array;
    // The driver would read these in the process's time zone.
    if (oid === builtins.DATE || oid === builtins.TIMESTAMP) return String;
    return pg.types.getTypeParser(oid, format);
  },
} as pg.CustomTypesConfig;

function readInt8(text: string): number | bigint {
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : BigInt(text);
}

const readTextArray = pg.types.getTypeParser(TEXT_ARRAY) as (text: string) => (string | null)[];

function readInt8Array(text: string): (number | bigint | null)[] {
  return readTextArray(text).map((item) => (item === null ? null : readInt8(item)));
}
