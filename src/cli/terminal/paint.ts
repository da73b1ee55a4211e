/** Colours, where they are wanted. */
import { createColors } from 'picocolors';
import type { Severity } from '../../model/severity.ts';

export interface Painter {
  severity(severity: Severity): string;
  warn(text: string): string;
  dim(text: string): string;
}

/** Paints nothing unless `color`. */
export function painterOf(color: boolean): Painter {
  const { bold, magenta, red, yellow, cyan, gray, dim } = createColors(color);
  const paints: Readonly<Record<Severity, (text: string) => string>> = {
    Critical: (text) => bold(magenta(text)),
    High: red,
    Medium: yellow,
    Low: cyan,
    Negligible: gray,
    Unknown: gray,
  };
  return {
    severity: (severity) => paints[severity](severity),
    warn: (text) => (text === '' ? '' : bold(yellow(text))),
    dim: (text) => (text === '' ? '' : dim(text)),
  };
}

/** On a terminal, unless the environment says otherwise (no-color.org; FORCE_COLOR as in Node: 0 is off). */
export function wantsColor(isTerminal: boolean, env: NodeJS.ProcessEnv): boolean {
  if (env.NO_COLOR) return false;
  if (env.FORCE_COLOR !== undefined) return !/^(0|false)$/.test(env.FORCE_COLOR);
  return isTerminal && env.TERM !== 'dumb';
}
