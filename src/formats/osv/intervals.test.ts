import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { VersionScheme } from '../../contract/version-scheme.ts';
import { type Interval, intervalsOf, type OsvEvent } from './intervals.ts';

/** Whole numbers: enough of a scheme to see the order. */
const numbers: VersionScheme<number> = {
  id: 'numbers',
  parse: (text) => (/^\d+$/.test(text) ? Number(text) : undefined),
  compare: (a, b) => a - b,
  key: () => undefined,
};

const introduced = (version: string): OsvEvent => ({ introduced: version });
const fixed = (version: string): OsvEvent => ({ fixed: version });
const last = (version: string): OsvEvent => ({ last_affected: version });
const limit = (version: string): OsvEvent => ({ limit: version });

describe('intervalsOf', () => {
  const cases: [string, OsvEvent[], Interval[]][] = [
    ['from the beginning', [introduced('0'), fixed('5')], [{ below: '5', fixed: '5' }]],
    ['from a version', [introduced('2'), fixed('5')], [{ from: '2', below: '5', fixed: '5' }]],
    ['the last affected', [introduced('2'), last('5')], [{ from: '2', upTo: '5' }]],
    ['one version', [introduced('2'), last('2')], [{ from: '2', upTo: '2' }]],
    ['everything', [introduced('0')], [{}]],
    ['no end', [introduced('3')], [{ from: '3' }]],
    [
      'several, in any order',
      [fixed('9'), introduced('7'), introduced('0'), fixed('5')],
      [
        { below: '5', fixed: '5' },
        { from: '7', below: '9', fixed: '9' },
      ],
    ],
    [
      'fixed and introduced again',
      [introduced('0'), fixed('5'), introduced('5'), fixed('7')],
      [
        { below: '5', fixed: '5' },
        { from: '5', below: '7', fixed: '7' },
      ],
    ],
    [
      'fixed and introduced again, out of order',
      [introduced('0'), introduced('5'), fixed('5'), fixed('7')],
      [
        { below: '5', fixed: '5' },
        { from: '5', below: '7', fixed: '7' },
      ],
    ],
    [
      'the first of several ends',
      [introduced('1'), fixed('4'), fixed('6')],
      [{ from: '1', below: '4', fixed: '4' }],
    ],
    ['an end of both kinds', [introduced('0'), last('4'), fixed('6')], [{ upTo: '4' }]],
    ['nothing: fixed where introduced', [introduced('4'), fixed('4')], []],
    ['nothing: fixed from the beginning', [introduced('0'), fixed('0')], []],
    ['an end without beginning', [fixed('4')], [{ below: '4', fixed: '4' }]],
    ['an end before the beginning', [fixed('2'), introduced('4')], [{ from: '4' }]],
    ['no events', [], []],
    ['an empty event', [{}], []],
    ['an open limit', [introduced('1'), limit('*')], [{ from: '1' }]],
    ['a limit', [introduced('1'), limit('5')], [{ from: '1', below: '5' }]],
    [
      'a limit after the fix',
      [introduced('1'), fixed('3'), limit('5')],
      [{ from: '1', below: '3', fixed: '3' }],
    ],
    [
      'a limit at the fix',
      [introduced('1'), fixed('5'), limit('5')],
      [{ from: '1', below: '5', fixed: '5' }],
    ],
    ['a limit at the last affected', [introduced('1'), last('5'), limit('5')], [{ from: '1', below: '5' }]],
    ['the highest limit', [introduced('1'), limit('3'), limit('5')], [{ from: '1', below: '5' }]],
    ['a limit before everything', [introduced('6'), limit('5')], []],
    ['an inverted pair holds nothing', [introduced('5'), fixed('3')], []],
    [
      'an inverted pair among others',
      [introduced('1'), fixed('2'), introduced('5'), fixed('3'), introduced('6'), fixed('7')],
      [
        { from: '1', below: '2', fixed: '2' },
        { from: '6', below: '7', fixed: '7' },
      ],
    ],
    [
      'an end of what was open before, not of an inverted pair',
      [introduced('1'), introduced('5'), fixed('3')],
      [{ from: '1', below: '3', fixed: '3' }, { from: '5' }],
    ],
    [
      'a list in no order, by the letter of the schema',
      [introduced('5'), fixed('3'), introduced('0'), fixed('7'), introduced('1')],
      [
        { below: '3', fixed: '3' },
        { from: '5', below: '7', fixed: '7' },
      ],
    ],
    [
      'unreadable versions as they are written',
      [introduced('0'), fixed('x'), introduced('3'), last('y')],
      [
        { below: 'x', fixed: 'x' },
        { from: '3', upTo: 'y' },
      ],
    ],
  ];
  for (const [name, events, want] of cases) {
    it(name, () => assert.deepEqual(intervalsOf(events, numbers), want));
  }

  it('affects what the evaluation of the OSV schema says', () => {
    const version = fc.integer({ min: 0, max: 9 }).map(String);
    const event = fc.tuple(fc.constantFrom(introduced, fixed, last), version).map(([make, at]) => make(at));
    fc.assert(
      fc.property(
        fc.array(event, { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 1, max: 9 }),
        (events, at) => {
          // At one version events have no order in the schema: leave these out.
          const places = events.map((each) => each.introduced ?? each.fixed ?? each.last_affected);
          if (new Set(places).size < places.length || events.every((each) => each.introduced === undefined))
            return;
          if (hasInvertedPair(events)) return; // table cases of their own
          const covered = intervalsOf(events, numbers).some(
            ({ from, below, upTo }) =>
              Number(from ?? 0) <= at && at < Number(below ?? 99) && at <= Number(upTo ?? 99),
          );
          assert.equal(covered, evaluate(events, at));
        },
      ),
      { numRuns: 1000 },
    );
  });
});

const placeOf = (each: OsvEvent): number => Number(each.introduced ?? each.fixed ?? each.last_affected);

function hasInvertedPair(events: readonly OsvEvent[]): boolean {
  return events.some((each, index) => {
    const next = events[index + 1];
    return (
      each.introduced !== undefined &&
      next !== undefined &&
      next.introduced === undefined &&
      placeOf(next) < placeOf(each)
    );
  });
}

/** OSV schema, "Evaluation", word by word. */
function evaluate(events: readonly OsvEvent[], version: number): boolean {
  let vulnerable = false;
  for (const event of events.toSorted((a, b) => placeOf(a) - placeOf(b))) {
    if (event.introduced !== undefined && version >= placeOf(event)) vulnerable = true;
    if (event.fixed !== undefined && version >= placeOf(event)) vulnerable = false;
    if (event.last_affected !== undefined && version > placeOf(event)) vulnerable = false;
  }
  return vulnerable;
}
