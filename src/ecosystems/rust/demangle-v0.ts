/** Names of functions in Rust's own form, `_R…` (doc.rust-lang.org/rustc: "v0 Symbol Format"), without generic arguments. */

/** Of one name: back references repeat what they refer to, and those may refer to others. */
const MOST_STEPS = 10_000;
const MOST_DEPTH = 100;
const MOST_LENGTH = 4096;
const BASIC = /^[a-z]$/;

/** Returns the path of the function in the form of legacy names, `<crate::Type as crate::Trait>::method`; undefined if it cannot be read. */
export function demangleV0(name: string): string | undefined {
  const at = name.startsWith('_R') ? 2 : 0;
  // A number would be that of a later version of the format.
  if (!/[A-Z]/.test(name[at] ?? '')) return undefined;
  try {
    return new Reader(name.slice(at)).path();
  } catch (error) {
    if (error instanceof Unreadable) return undefined;
    throw error;
  }
}

class Unreadable extends Error {}

class Reader {
  readonly #text: string;
  #at = 0;
  #depth = 0;
  #steps = 0;

  constructor(text: string) {
    this.#text = text;
  }

  path(): string {
    return this.#within(() => {
      switch (this.#next()) {
        case 'C':
          this.#disambiguator();
          return this.#identifier();
        case 'M':
          this.#disambiguator();
          this.path();
          return `<${this.#type()}>`;
        case 'X':
          this.#disambiguator();
          this.path();
          return this.#trait();
        case 'Y':
          return this.#trait();
        case 'N':
          return this.#nested();
        case 'I': {
          const path = this.path();
          this.#untilEnd(() => this.#argument());
          return path;
        }
        case 'B':
          return this.#back(() => this.path());
        default:
          throw new Unreadable();
      }
    });
  }

  #trait(): string {
    const type = this.#type();
    return `<${type} as ${this.path()}>`;
  }

  /** Upper case: closures and what else has no name. */
  #nested(): string {
    const namespace = this.#next();
    const path = this.path();
    this.#disambiguator();
    const name = this.#identifier();
    return /[A-Z]/.test(namespace) ? `${path}::{${namespace}}` : `${path}::${name}`;
  }

  /** Of what has a path that path, also behind pointers; else nothing. */
  #type(): string {
    return this.#within(() => {
      const tag = this.#next();
      switch (tag) {
        case 'A': {
          const element = this.#type();
          this.#constant();
          return `[${element}]`;
        }
        case 'S':
          return `[${this.#type()}]`;
        case 'T':
          this.#untilEnd(() => this.#type());
          return '';
        case 'R':
        case 'Q':
          this.#lifetime();
          return this.#type();
        case 'P':
        case 'O':
          return this.#type();
        case 'F':
          this.#binder();
          this.#skip('U');
          if (this.#skip('K') && !this.#skip('C')) this.#identifier();
          this.#untilEnd(() => this.#type());
          this.#type();
          return '';
        case 'D': {
          this.#binder();
          const traits: string[] = [];
          this.#untilEnd(() => {
            traits.push(this.path());
            while (this.#skip('p')) {
              this.#identifier();
              this.#type();
            }
          });
          this.#lifetime();
          return traits[0] ?? '';
        }
        case 'B':
          return this.#back(() => this.#type());
        default:
          if (BASIC.test(tag)) return '';
          this.#at--;
          return this.path();
      }
    });
  }

  #argument(): void {
    if (this.#lifetime()) return;
    if (this.#skip('K')) this.#constant();
    else this.#type();
  }

  #constant(): void {
    this.#within(() => {
      const tag = this.#next();
      if (tag === 'B') this.#back(() => this.#constant());
      else if (tag === 'R' || tag === 'Q') this.#constant();
      else if (tag === 'A' || tag === 'T') this.#untilEnd(() => this.#constant());
      else if (tag === 'V') this.#variant();
      else if (tag === 'p') return '';
      else if (BASIC.test(tag)) this.#data();
      else throw new Unreadable();
      return '';
    });
  }

  #variant(): void {
    this.path();
    const kind = this.#next();
    if (kind === 'T') this.#untilEnd(() => this.#constant());
    else if (kind === 'S')
      this.#untilEnd(() => {
        this.#disambiguator();
        this.#identifier();
        this.#constant();
      });
    else if (kind !== 'U') throw new Unreadable();
  }

  /** Digits of a number, a character or a text. */
  #data(): void {
    this.#skip('n');
    while (/[0-9a-f]/.test(this.#text[this.#at] ?? '')) this.#at++;
    if (!this.#skip('_')) throw new Unreadable();
  }

  #lifetime(): boolean {
    const is = this.#skip('L');
    if (is) this.#number();
    return is;
  }

  #binder(): void {
    if (this.#skip('G')) this.#number();
  }

  #disambiguator(): void {
    if (this.#skip('s')) this.#number();
  }

  #identifier(): string {
    this.#skip('u');
    const [digits] = /^(?:0|[1-9]\d{0,4})/.exec(this.#text.slice(this.#at, this.#at + 5)) ?? [];
    if (digits === undefined) throw new Unreadable();
    this.#at += digits.length;
    this.#skip('_');
    const name = this.#text.slice(this.#at, this.#at + Number(digits));
    if (name.length < Number(digits)) throw new Unreadable();
    this.#at += name.length;
    return name;
  }

  /** base-62: `_` is 0, `0_` is 1. */
  #number(): number {
    const [digits = '_', value = ''] =
      /^([0-9a-zA-Z]{0,8})_/.exec(this.#text.slice(this.#at, this.#at + 9)) ?? [];
    if (this.#text[this.#at + digits.length - 1] !== '_') throw new Unreadable();
    this.#at += digits.length;
    if (value === '') return 0;
    return [...value].reduce((sum, digit) => sum * 62 + digitOf(digit), 0) + 1;
  }

  #back<T>(read: () => T): T {
    const start = this.#at - 1;
    const to = this.#number();
    if (to >= start) throw new Unreadable();
    const after = this.#at;
    this.#at = to;
    const found = read();
    this.#at = after;
    return found;
  }

  #untilEnd(read: () => unknown): void {
    while (!this.#skip('E')) read();
  }

  #within(read: () => string): string {
    if (++this.#steps > MOST_STEPS || ++this.#depth > MOST_DEPTH) throw new Unreadable();
    const text = read();
    if (text.length > MOST_LENGTH) throw new Unreadable();
    this.#depth--;
    return text;
  }

  #skip(char: string): boolean {
    const is = this.#text[this.#at] === char;
    if (is) this.#at++;
    return is;
  }

  #next(): string {
    const char = this.#text[this.#at++];
    if (char === undefined) throw new Unreadable();
    return char;
  }
}

function digitOf(digit: string): number {
  const code = digit.charCodeAt(0);
  if (code <= 0x39) return code - 0x30;
  return code >= 0x61 ? code - 0x61 + 10 : code - 0x41 + 36;
}
