import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatCpe, parseCpe } from './cpe.ts';
import { ANY_PRODUCT, coverByCpe, RHCC_PREFIX, RHEL_PREFIX, rhccScope, rhelScope } from './scopes.ts';

const rhel = (cpe: string): string => RHEL_PREFIX + formatCpe(parseCpe(cpe)!);
const rhcc = (cpe: string): string => RHCC_PREFIX + formatCpe(parseCpe(cpe)!);

describe('scopes of Red Hat', () => {
  it('show the repository of an advisory', () => {
    const cpe = parseCpe('cpe:/o:redhat:enterprise_linux:9::baseos')!;
    const text = 'cpe:2.3:o:redhat:enterprise_linux:9:*:baseos:*:*:*:*:*';
    assert.deepEqual(rhelScope(cpe), {
      key: `rhel-cpe:${text}`,
      repository: { name: text, key: 'rhel-cpe-repository', cpe: text },
    });
    assert.equal(rhccScope(cpe).repository?.key, 'rhcc-container-repository');
  });

  for (const [advisory, lookup, want] of [
    ['cpe:/o:redhat:enterprise_linux:9', 'cpe:/o:redhat:enterprise_linux:9::baseos', true],
    ['cpe:/o:redhat:enterprise_linux:9::baseos', 'cpe:/o:redhat:enterprise_linux:9::baseos', true],
    ['cpe:/o:redhat:enterprise_linux:9::baseos', 'cpe:/o:redhat:enterprise_linux:9', false],
    ['cpe:/o:redhat:enterprise_linux:9', 'cpe:/a:redhat:enterprise_linux:9::appstream', false],
    ['cpe:/a:redhat:openshift:4', 'cpe:/a:redhat:openshift:4.13::el8', true],
    ['cpe:/a:redhat:openshift:4', 'cpe:/a:redhat:openshift:40::el8', false],
    ['cpe:/o:redhat:rhel_eus:8.6::baseos', 'cpe:/o:redhat:enterprise_linux:8::baseos', false],
  ] as const)
    it(`of ${advisory} ${want ? 'hold' : 'do not hold'} for ${lookup}`, () => {
      assert.equal(coverByCpe(RHEL_PREFIX).covers(rhel(advisory), rhel(lookup)), want);
    });

  it('all hold for a container of which only the catalog is known', () => {
    const { covers } = coverByCpe(RHCC_PREFIX);
    assert.equal(covers(rhcc('cpe:/a:redhat:quay:3::el8'), ANY_PRODUCT), true);
    assert.equal(covers(`${RHCC_PREFIX}nonsense`, ANY_PRODUCT), false);
    assert.equal(covers(rhcc('cpe:/a:redhat:quay:3::el8'), `${RHCC_PREFIX}nonsense`), false);
  });
});
