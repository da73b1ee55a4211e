/** Writes zip archives for tests, sound ones and odd ones. */
import { crc32, deflateRawSync } from 'node:zlib';

/** What to write; defaults make a sound archive. */
export interface ZipRecipe {
  readonly members: readonly ZipMember[];
  /** Bytes before the archive, which its offsets do not count. */
  readonly prefix?: Buffer;
  readonly comment?: string;
  /** Writes zip64 records and all sizes as 64 bits. */
  readonly zip64?: boolean;
}

/** A member; `method` 0 is stored, 8 (default) deflate. */
export interface ZipMember {
  readonly name: string;
  readonly content: Buffer | string;
  readonly method?: number;
  readonly flags?: number;
  readonly crc?: number;
  /** The size to claim. */
  readonly size?: number;
}

/** The bytes of an archive. */
export function makeZip({ members, prefix, comment = '', zip64 = false }: ZipRecipe): Buffer {
  const parts: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const member of members) {
    const { local, header } = memberRecords(member, offset, zip64);
    parts.push(local);
    central.push(header);
    offset += local.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(zip64 ? 0xffff : members.length & 0xffff, 8);
  end.writeUInt16LE(zip64 ? 0xffff : members.length & 0xffff, 10);
  end.writeUInt32LE(zip64 ? 0xffffffff : directory.length, 12);
  end.writeUInt32LE(zip64 ? 0xffffffff : offset, 16);
  end.writeUInt16LE(Buffer.byteLength(comment), 20);
  const wide = zip64 ? wideEnd(members.length, directory.length, offset) : Buffer.alloc(0);
  return Buffer.concat([prefix ?? Buffer.alloc(0), ...parts, directory, wide, end, Buffer.from(comment)]);
}

function memberRecords(member: ZipMember, offset: number, zip64: boolean): { local: Buffer; header: Buffer } {
  const content = Buffer.from(member.content);
  const method = member.method ?? 8;
  const data = method === 8 ? deflateRawSync(content) : content;
  const size = member.size ?? content.length;
  const name = Buffer.from(member.name);
  const common = Buffer.alloc(26); // what the local and the central header share, APPNOTE 4.3.7 and 4.3.12
  common.writeUInt16LE(20, 0);
  common.writeUInt16LE(member.flags ?? 0, 2);
  common.writeUInt16LE(method, 4);
  common.writeUInt32LE(member.crc ?? crc32(content), 10);
  common.writeUInt32LE(zip64 ? 0xffffffff : data.length, 14);
  common.writeUInt32LE(zip64 ? 0xffffffff : size, 18);
  common.writeUInt16LE(name.length, 22);
  const extra = Buffer.alloc(zip64 ? 28 : 0);
  if (zip64) {
    extra.writeUInt16LE(1, 0);
    extra.writeUInt16LE(24, 2);
    extra.writeBigUInt64LE(BigInt(size), 4);
    extra.writeBigUInt64LE(BigInt(data.length), 12);
    extra.writeBigUInt64LE(BigInt(offset), 20);
  }
  const header = Buffer.alloc(46);
  header.writeUInt32LE(0x02014b50, 0);
  common.copy(header, 6);
  header.writeUInt16LE(extra.length, 30);
  header.writeUInt32LE(zip64 ? 0xffffffff : offset, 42);
  const local = Buffer.alloc(4);
  local.writeUInt32LE(0x04034b50, 0);
  return {
    local: Buffer.concat([local, common, name, data]),
    header: Buffer.concat([header, name, extra]),
  };
}

function wideEnd(entries: number, length: number, offset: number): Buffer {
  const record = Buffer.alloc(56 + 20);
  record.writeUInt32LE(0x06064b50, 0);
  record.writeBigUInt64LE(44n, 4);
  record.writeBigUInt64LE(BigInt(entries), 24);
  record.writeBigUInt64LE(BigInt(entries), 32);
  record.writeBigUInt64LE(BigInt(length), 40);
  record.writeBigUInt64LE(BigInt(offset), 48);
  record.writeUInt32LE(0x07064b50, 56);
  record.writeBigUInt64LE(BigInt(offset + length), 64);
  record.writeUInt32LE(1, 72);
  return record;
}
