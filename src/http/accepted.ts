/** Reading a list of preferences: Accept, Accept-Encoding and their like (RFC 9110 §12.4.2). */

export interface Preference {
  /** Lower case, without parameters. */
  readonly name: string;
  /** 0 to 1; 0: not wanted. */
  readonly q: number;
}

/** More of them is nothing that a client needs. */
const MAX = 64;

/** In the order of the header. What has no name is left out; a q that is none counts as 0. */
export function readPreferences(header: string): Preference[] {
  return header
    .split(',', MAX)
    .map((part) => {
      const [name = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase());
      const q = parameters.find((parameter) => /^q\s*=/.test(parameter));
      return { name, q: q === undefined ? 1 : weight(q.slice(q.indexOf('=') + 1).trim()) };
    })
    .filter(({ name }) => name !== '');
}

function weight(text: string): number {
  const number = /^\d*\.?\d*$/.test(text) ? Number(text) : 0;
  return Math.min(number, 1) || 0;
}
