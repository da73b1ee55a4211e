import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createProgress } from './progress.ts';

function stream(isTTY: boolean, columns = 20) {
  let written = '';
  const target = { isTTY, columns, write: (text: string) => (written += text) };
  return { target: target as unknown as NodeJS.WriteStream, written: () => written };
}

describe('progress', () => {
  it('writes one line over and over, no longer than the terminal is wide', () => {
    const { target, written } = stream(true);
    const progress = createProgress(target, false);
    progress.show('reading\x1b[2J a name that is long');
    progress.clear();
    progress.clear();
    assert.equal(written(), '\r\x1b[Kreading?[2J a name \r\x1b[K');
  });
  it('does not paint faster than anybody reads', () => {
    const { target, written } = stream(true);
    const progress = createProgress(target, false);
    for (let i = 0; i < 1000; i++) progress.show(`${i}`);
    assert.ok(written().startsWith('\r\x1b[K0'));
    assert.ok(written().length < 1000);
  });
  it('leaves notes, without what was shown', () => {
    const { target, written } = stream(true);
    const progress = createProgress(target, false);
    progress.show('x');
    progress.note('feed failed\nfor a reason');
    assert.equal(written(), '\r\x1b[Kx\r\x1b[Kfeed failed?for a reason\n');
  });
  it('leaves only notes where nobody is looking', () => {
    const { target, written } = stream(false);
    const progress = createProgress(target, false);
    progress.show('x');
    progress.note('n');
    progress.clear();
    assert.equal(written(), 'n\n');
  });
  it('says nothing when it is to be quiet', () => {
    const { target, written } = stream(true);
    const progress = createProgress(target, true);
    progress.show('x');
    progress.note('n');
    progress.clear();
    assert.equal(written(), '');
  });
});
