import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createMeter } from './meter.ts';
import { createProgress, type ProgressClock, type ProgressStyle } from './progress.ts';

/** A stream, and a clock that stands still until it is moved. */
function terminal(isTTY: boolean, columns = 20) {
  let written = '';
  let time = 1_000_000;
  const ticks = new Set<() => void>();
  const clock: ProgressClock = {
    now: () => time,
    every(_, tick) {
      ticks.add(tick);
      return () => ticks.delete(tick);
    },
  };
  const stream = { isTTY, columns, write: (text: string) => (written += text) };
  return {
    create: (quiet = false, style: ProgressStyle = 'auto') =>
      createProgress(stream as unknown as NodeJS.WriteStream, quiet, style, clock),
    written: () => written,
    /** Time passes, a second at a time. */
    pass(seconds: number) {
      for (let i = 0; i < seconds; i++) {
        time += 1000;
        for (const tick of [...ticks]) tick();
      }
    },
    ticking: () => ticks.size,
  };
}

describe('progress', () => {
  it('writes one line over and over, no longer than the terminal is wide', () => {
    const { create, written, ticking } = terminal(true);
    const progress = create();
    progress.show('reading\x1b[2J a name that is long');
    progress.clear();
    progress.clear();
    assert.equal(written(), '\r\x1b[Kreading?[2J a name \r\x1b[K');
    assert.equal(ticking(), 0);
  });
  it('does not paint faster than anybody reads', () => {
    const { create, written } = terminal(true);
    const progress = create();
    for (let i = 0; i < 1000; i++) progress.show(`${i}`);
    assert.equal(written(), '\r\x1b[K0');
  });
  it('shows that it is still going on where nothing is told', () => {
    const { create, written, pass } = terminal(true);
    create().show('x');
    pass(3);
    assert.equal(written(), '\r\x1b[Kx\r\x1b[Kx\r\x1b[Kx (2 s)\r\x1b[Kx (3 s)');
  });
  it('leaves notes, without what was shown', () => {
    const { create, written } = terminal(true);
    const progress = create();
    progress.show('x');
    progress.note('feed failed\nfor a reason');
    assert.equal(written(), '\r\x1b[Kx\r\x1b[Kfeed failed?for a reason\n');
  });
  it('leaves a line each 10 s where nobody is looking', () => {
    const { create, written, pass } = terminal(false);
    const progress = create();
    progress.show('a');
    progress.note('n');
    pass(9);
    assert.equal(written(), 'n\n');
    progress.show('b');
    pass(12);
    progress.show('c');
    assert.equal(written(), 'n\nb\nb\n');
    progress.clear();
    pass(30);
    assert.equal(written(), 'n\nb\nb\n');
  });
  it('leaves lines on a terminal, too, if that is wanted: the first at once', () => {
    const { create, written, pass } = terminal(true);
    const progress = create(false, 'plain');
    progress.show('a');
    progress.show('b');
    pass(10);
    assert.equal(written(), 'a\nb\n');
  });
  for (const [name, quiet, style, want] of [
    ['nothing when it is to be quiet', true, 'plain', ''],
    ['only notes without progress', false, false, 'n\n'],
  ] as const) {
    it(`says ${name}`, () => {
      for (const isTTY of [true, false]) {
        const { create, written, pass } = terminal(isTTY);
        const progress = create(quiet, style);
        progress.show('x');
        progress.note('n');
        pass(30);
        progress.clear();
        assert.equal(written(), want);
      }
    });
  }
});

describe('a meter', () => {
  it('says how much of how much, the rate and the time left', () => {
    let time = 0;
    const bytes = createMeter('database', 'bytes', () => time);
    assert.equal(bytes({ done: 0, of: 84e6 }), 'database: 0.0 of 84 MB');
    time = 4000;
    assert.equal(bytes({ done: 12e6, of: 84e6 }), 'database: 12 of 84 MB, 3.0 MB/s, 24 s left');
    time = 80_000;
    assert.equal(bytes({ done: 20e6, of: 84e6 }), 'database: 20 of 84 MB, 0.3 MB/s, 4 min 16 s left');
    assert.equal(bytes({ done: 84e6, of: 84e6 }), 'database: 84 of 84 MB, 1.1 MB/s');
    const rows = createMeter('feeds', { name: 'advisories' }, () => time);
    rows({ done: 0 });
    time = 82_000;
    assert.equal(rows({ done: 12_345 }), 'feeds: 12,345 advisories, 6,173/s');
  });
});
