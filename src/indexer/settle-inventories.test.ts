import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { IndexedPackage } from '../model/index-report.ts';
import { type ListedProblem, settleInventories } from './settle-inventories.ts';

function installed(name: string, detector: string): IndexedPackage {
  return {
    package: { name, version: '1', kind: 'binary', detector: `${detector}:1:package` },
    environments: [],
  };
}

function list(detector: string, ...names: string[]): ListedProblem {
  const told = {
    source: 'inventory',
    where: 'x.lock',
    reason: 'not read',
    kind: 'unread-inventory',
  } as const;
  return names.length === 0 ? told : { ...told, lists: { detectors: [detector], names } };
}

describe('a list of packages', () => {
  const cases: [what: string, problem: ListedProblem, packages: IndexedPackage[], stays: boolean][] = [
    ['of which nothing is installed', list('nodejs', 'lodash'), [installed('stray', 'nodejs')], true],
    ['of which something is', list('nodejs', 'lodash', 'jose'), [installed('jose', 'nodejs')], false],
    ['of another ecosystem', list('nodejs', 'lodash'), [installed('lodash', 'python')], true],
    ['in another spelling', list('python', 'Zope.Interface'), [installed('zope-interface', 'python')], false],
    ['by its artifact', list('java', 'log4j-core'), [installed('org.apache:log4j-core', 'java')], false],
    ['that names nothing', list(''), [installed('a', 'deb')], true],
  ];
  for (const [what, problem, packages, stays] of cases) {
    it(`${what} is ${stays ? 'told' : 'nothing new'}`, () => {
      const { lists: _lists, ...told } = problem;
      assert.deepEqual(settleInventories([problem], packages), stays ? [told] : []);
    });
  }
});
