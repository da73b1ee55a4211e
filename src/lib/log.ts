/** The one log of a process: a line for each event on stderr, constant messages, fields apart, never a secret. */
import { pino } from 'pino';
import { redact, redactFields } from './redact.ts';
import { workFields } from './work-context.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';

export type LogFields = Readonly<Record<string, unknown>>;

export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** What ends the process. */
  fatal(message: string, fields?: LogFields): void;
}

export interface LogOptions {
  /** Prose for people rather than JSON. */
  readonly prose?: boolean;
  /** With colours. */
  readonly color?: boolean;
  /** Where lines go; default: stderr. */
  readonly write?: (line: string) => void;
}

const LEVELS = ['debug', 'info', 'warn', 'error', 'fatal'] as const;
type Level = (typeof LEVELS)[number];

/** JSON in Clair's shape: `level` in capitals, `time`, `msg`, which request it was, then the fields (clair-service.md#log). */
export function createLog(level: LogLevel, { prose = false, color = false, write }: LogOptions = {}): Log {
  const destination = write === undefined ? pino.destination({ fd: 2, sync: true }) : { write };
  // A log that cannot be written, as on a full disk, is no reason to end: there is nowhere to say so.
  if ('on' in destination) destination.on('error', () => {});
  if (prose) return proseLog(level, color, (line) => void destination.write(line));
  const logger = pino(
    {
      level,
      base: null,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label.toUpperCase() }) },
    },
    destination,
  );
  return logOf((name, message, fields) => {
    if (!logger.isLevelEnabled(name)) return;
    logger[name]({ msg: message, ...workFields(), ...redactFields(fields) });
  });
}

/** Says nothing: for commands that report by other means. */
export const noLog: Log = { debug() {}, info() {}, warn() {}, error() {}, fatal() {} };

function logOf(at: (level: Level, message: string, fields: LogFields) => void): Log {
  return {
    debug: (message, fields = {}) => at('debug', message, fields),
    info: (message, fields = {}) => at('info', message, fields),
    warn: (message, fields = {}) => at('warn', message, fields),
    error: (message, fields = {}) => at('error', message, fields),
    fatal: (message, fields = {}) => at('fatal', message, fields),
  };
}

const ESCAPE = '\u001b[';
const COLORS: Readonly<Record<Level, string>> = {
  debug: '90',
  info: '36',
  warn: '33',
  error: '31',
  fatal: '31',
};

/** `12:34:56.789 INFO  message  name=value`: for a terminal. */
function proseLog(level: LogLevel, color: boolean, write: (line: string) => void): Log {
  const least = level === 'silent' ? LEVELS.length : LEVELS.indexOf(level);
  const paint = (code: string, text: string): string =>
    color ? `${ESCAPE}${code}m${text}${ESCAPE}0m` : text;
  return logOf((name, message, fields) => {
    if (LEVELS.indexOf(name) < least) return;
    const time = new Date().toISOString().slice(11, 23);
    const values = Object.entries({ ...workFields(), ...redactFields(fields) }).map(
      ([key, value]) => `${paint('2', `${key}=`)}${proseValue(value)}`,
    );
    const head = `${paint('2', time)} ${paint(COLORS[name], name.toUpperCase().padEnd(5))} ${redact(message)}`;
    write(`${[head, ...values].join('  ')}\n`);
  });
}

function proseValue(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value));
  if (/^[^\s"\p{Cc}]+$/u.test(text)) return text;
  // A terminal must not be told what to do by what is logged.
  return JSON.stringify(text).replace(
    /\p{Cc}/gu,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
