/** Tools, and libraries that lie beside programs, by their bytes: one row each. */
import { after, type ProgramRow, whole } from './row.ts';

/** `YYYY-MM-DD hh:mm:ss` and a hash: what a build of SQLite was made from, beside its version. */
const SOURCE = '\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d [0-9a-f]{40,64}';
const SQLITE = '3\\.\\d{1,2}\\.\\d{1,2}(?:\\.\\d{1,2})?';

/** What calls itself OpenSSL for those who ask. */
const COMPATIBLE = ['LibreSSL ', 'BoringSSL', 'AWS-LC '];
const LIBCRYPTO = /(?:^|\/)libcrypto[^/]*\.(?:so|dylib)(?:\.[\w.]+)?$/;

export const LIBRARIES: readonly ProgramRow[] = [
  {
    name: 'openssl',
    files: ['openssl'],
    like: LIBCRYPTO,
    // libssl has none.
    readings: [
      {
        literal: 'OpenSSL ',
        before: 0,
        behind: 48,
        version:
          /^OpenSSL (\d\.\d{1,2}\.\d{1,2}[a-z]{0,2})(?:-[\w.-]{1,16})? {1,2}(?:FIPS )?\d{1,2} [A-Z][a-z]{2} \d{4}/,
      },
    ],
    unless: COMPATIBLE,
  },
  {
    name: 'libressl',
    files: ['openssl'],
    like: LIBCRYPTO,
    readings: [after('LibreSSL ')],
    needs: ['LibreSSL '],
  },
  { name: 'aws-lc', like: LIBCRYPTO, readings: [after('AWS-LC ')], needs: ['AWS-LC '] },
  { name: 'boringssl', like: LIBCRYPTO, readings: [], needs: ['BoringSSL'] },
  {
    name: 'curl',
    files: ['curl'],
    like: /(?:^|\/)libcurl[^/]*\.so(?:\.\d+)*$/,
    readings: [after('libcurl/'), after('libcurl '), after('curl/'), after('curl ')],
  },
  {
    name: 'sqlite',
    files: ['sqlite3'],
    like: /(?:^|\/)libsqlite3[^/]*\.so(?:\.\d+)*$/,
    readings: [
      { literal: '\x003.', before: 0, behind: 120, version: new RegExp(`^\\0(${SQLITE})\\0+${SOURCE}`) },
      {
        literal: '\x003.',
        before: 120,
        behind: 16,
        version: new RegExp(`${SOURCE}[0-9a-z]*\\0+(${SQLITE})\\0`),
      },
      whole('3.', SQLITE),
    ],
  },
  {
    name: 'busybox',
    files: ['busybox'],
    // Its first name in an archive may be that of any command.
    like: /(?:^|\/)bin\/(?:\[|\[\[|sh|ash|acpid)$/,
    atLeast: 500_000,
    readings: [after('BusyBox v')],
    needs: ['BusyBox v'],
  },
  { name: 'bash', files: ['bash'], readings: [after('@(#)Bash version ')] },
  { name: 'git', files: ['git'], readings: [after('git/'), after('git version ')] },
  { name: 'modsecurity', like: /(?:^|\/)libmodsecurity\.so(?:\.\d+)*$/, readings: [after('ModSecurity v')] },
  { name: 'ffmpeg', files: ['ffmpeg', 'ffprobe'], readings: [after('%s version ')] },
  {
    name: 'ghostscript',
    like: /(?:^|\/)(?:bin\/gs|libgs\.so(?:\.\d+)*)$/,
    readings: [after('/ghostscript/')],
  },
];
