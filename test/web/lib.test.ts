/** What the console computes without a browser: words, addresses, decisions, and where a search leads. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { NewDecision } from '../../src/model/api/console/decisions.ts';
import {
  dayIn,
  decisionsOf,
  type Fields,
  problemOf,
  STATUSES,
  scopesOf,
  statementOf,
} from '../../web/lib/decision.ts';
import { directHref } from '../../web/lib/hits.ts';
import { changed, listOf, type Nav, queryText, toggled } from '../../web/lib/nav.ts';
import {
  counted,
  isWebLink,
  percent,
  riskText,
  shortDigest,
  shortTotal,
  signed,
  since,
  totalWith,
  visible,
} from '../../web/lib/words.ts';

describe('words', () => {
  const now = Date.parse('2026-11-30T12:00:00Z');
  for (const [time, text] of [
    ['2026-11-30T11:59:40Z', 'now'],
    ['2026-11-30T11:58:00Z', '2 min ago'],
    ['2026-11-30T11:00:00Z', '60 min ago'],
    ['2026-11-30T02:00:00Z', '10 h ago'],
    ['2026-11-20T12:00:00Z', '10 d ago'],
    ['2026-11-30T12:22:00Z', 'in 22 min'],
    ['2023-03-01T12:00:00Z', '1,370 d ago'],
  ] as const)
    it(`${time}: ${text}`, () => assert.equal(since(time, now), text));
  it('agree with their count', () => {
    assert.deepEqual(
      [counted(1, 'image'), counted(0, 'image'), counted(1284, 'try', 'tries')],
      ['1 image', '0 images', '1,284 tries'],
    );
    assert.deepEqual(
      [totalWith(1, 'images'), totalWith(1, 'deliveries'), totalWith({ at_least: 10_000 }, 'repositories')],
      ['1 image', '1 delivery', 'at least 10,000 repositories'],
    );
    assert.deepEqual([shortTotal(1284), shortTotal({ at_least: 10_000 })], ['1,284', '10,000+']);
    assert.deepEqual([signed(6), signed(0), signed(-14)], ['+6', '0', '−14']);
    assert.deepEqual([percent(0.944), riskText(33.84), riskText(717.7)], ['94.4 %', '33.8', '718']);
  });
  it('shorten digests, and nothing else', () => {
    assert.equal(shortDigest(`sha256:${'ab'.repeat(32)}`), 'abababababab');
    assert.equal(shortDigest('latest'), 'latest');
  });
  it('show no invisible characters, and no link that is not of the web', () => {
    assert.equal(visible('a\u202eb\u0007c\nd'), 'a\uFFFDb\uFFFDc\nd');
    assert.deepEqual(['https://a', 'HTTP://a', 'javascript:alert(1)', ' https://a', '//a'].map(isWebLink), [
      true,
      true,
      false,
      false,
      false,
    ]);
  });
});

describe('addresses', () => {
  const query = new URLSearchParams('severity=High&after=abc&open=a&open=b');
  it('change what is said, and begin with the first page', () => {
    assert.equal(queryText(changed(query, { q: 'x y' })), '?severity=High&open=a&open=b&q=x+y');
    assert.equal(queryText(changed(query, { severity: null, open: ['c', 'd'] })), '?open=c&open=d');
    assert.equal(queryText(changed(query, { after: '2', q: '' })), '?severity=High&open=a&open=b&after=2');
  });
  it('have lists that toggle', () => {
    const of = (text: string, value: string) => toggled(new URLSearchParams({ s: text }), 's', value);
    assert.deepEqual([of('', 'a'), of('a', 'b'), of('a,b', 'a'), of('a', 'a')], ['a', 'a,b', 'b', null]);
  });
  it('keep every text that is put into them', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.array(fc.string({ unit: 'binary', minLength: 1 })),
        (q, open) => {
          const made = changed(new URLSearchParams(), { q, open });
          const read = new URLSearchParams(queryText(made).slice(1));
          assert.equal(read.get('q') ?? '', q.toWellFormed());
          assert.deepEqual(
            read.getAll('open'),
            open.map((each) => each.toWellFormed()),
          );
        },
      ),
    );
  });
  it('toggle twice to what they were', () => {
    const word = fc.stringMatching(/^[A-Za-z]{1,9}$/);
    fc.assert(
      fc.property(fc.uniqueArray(word), word, (list, value) => {
        const before = new URLSearchParams({ s: list.join(',') });
        const once = new URLSearchParams({ s: toggled(before, 's', value) ?? '' });
        const twice = new URLSearchParams({ s: toggled(once, 's', value) ?? '' });
        assert.deepEqual(listOf(twice, 's').sort(), [...list].sort());
      }),
    );
  });
});

describe('a search without a hit', () => {
  const nav = {
    href: (path: readonly string[], more: Record<string, string> = {}) =>
      `${path.join('/')}${queryText(new URLSearchParams(more))}`,
  } as unknown as Nav;
  const digest = `sha256:${'A1'.repeat(32)}`;
  for (const [text, href] of [
    ['cve-2021-44228', 'cves/CVE-2021-44228'],
    ['GHSA-jfh8-c2jp-5v3q', 'cves/GHSA-jfh8-c2jp-5v3q'],
    ['RHSA-2023:1234', 'cves/RHSA-2023:1234'],
    ['PYSEC-2021-109', 'cves/PYSEC-2021-109'],
    ['pkg:npm/left-pad@1', 'packages?q=pkg:npm/left-pad@1'],
    [digest, `images/${digest.toLowerCase()}`],
    ['log4j', 'search?q=log4j'],
    ['glibc-2.36', 'search?q=glibc-2.36'],
    ['usn-1234-1', 'cves/USN-1234-1'],
    ['openssl 3', 'search?q=openssl+3'],
  ] as const)
    it(`${text} leads to ${href}`, () => assert.equal(directHref(nav, text), href));
});

describe('a decision', () => {
  const fields: Fields = {
    cve: ' CVE-2099-1 ',
    about: 'deb/curl',
    status: 'not_affected',
    justification: 'vulnerable_code_not_present',
    reason: ' not built ',
    scope: 'all',
    until: '2099-01-01',
    isUntilFix: false,
  };
  const digest = `sha256:${'1'.repeat(64)}`;

  it('is one that the API takes, whatever the choices are', () => {
    const scopes = ['image', 'repository registry.test/a b', 'label env=prod', 'all'];
    fc.assert(
      fc.property(
        fc.constantFrom(...STATUSES.map(([status]) => status)),
        fc.constantFrom(...scopes),
        fc.boolean(),
        fc.constantFrom('', 'deb/curl', 'go/golang.org/x/net'),
        (status, scope, isUntilFix, about) => {
          const made = { ...fields, status, scope, isUntilFix, about };
          assert.equal(problemOf(made), undefined);
          for (const body of decisionsOf(made, [digest])) NewDecision.parse(body);
        },
      ),
    );
  });
  it('is one for each image that is selected', () => {
    const other = `sha256:${'2'.repeat(64)}`;
    const made = decisionsOf({ ...fields, scope: 'image' }, [digest, other]);
    assert.deepEqual(
      made.map(({ scope }) => scope),
      [{ image: digest }, { image: other }],
    );
    assert.deepEqual(made[0]?.package, { type: 'deb', source: 'curl' });
  });
  it('says what is missing', () => {
    assert.match(problemOf({ ...fields, reason: ' ' }) ?? '', /reason/);
    assert.match(problemOf({ ...fields, cve: '' }) ?? '', /CVE/);
    assert.match(problemOf({ ...fields, status: 'accepted', until: '' }) ?? '', /until a date/);
    assert.equal(problemOf({ ...fields, status: 'accepted', until: '', isUntilFix: true }), undefined);
  });
  it('never says in OpenVEX that an accepted risk does not matter', () => {
    assert.equal(statementOf({ ...fields, status: 'accepted' }).status, 'affected');
    assert.equal(statementOf(fields).justification, 'vulnerable_code_not_present');
  });
  it('holds for what the image tells, the narrowest first', () => {
    const image = {
      names: [
        { name: 'r/a', tag: '1' },
        { name: 'r/a', tag: '2' },
      ],
      labels: { env: 'prod' },
    };
    assert.deepEqual(
      scopesOf([digest], image as never).map(([value]) => value),
      ['image', 'repository r/a', 'label env=prod', 'all'],
    );
    assert.deepEqual(scopesOf([], undefined), [['all', 'all images']]);
  });
  it('ends on a day', () => assert.equal(dayIn(30, new Date('2026-12-15T23:00:00Z')), '2027-01-14'));
});
