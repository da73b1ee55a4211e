import assert from 'node:assert/strict';
import type { LookupAddress } from 'node:dns';
import { describe, it } from 'node:test';
import { checkProxied, guardedLookup, mayDial, type ResolveName } from './private-address.ts';

const METADATA = [
  '169.254.169.254',
  '169.254.170.2',
  '169.254.170.23',
  '168.63.129.16',
  '100.100.100.200',
  '192.0.0.192',
  'fd00:ec2::254',
  'fd00:ec2::23',
  'fd20:ce::254',
  'fd00:42::42',
  'fd00:c1::a9fe:a9fe',
  'fe80::a9fe:a9fe',
  'fe80::a9fe:a9fe%1',
  'fd00:a9fe:a9fe::1',
];
/** 169.254.169.254 by ways around. */
const DISGUISED = [
  '::ffff:169.254.169.254',
  '::ffff:a9fe:a9fe',
  '::169.254.169.254',
  '::ffff:0:a9fe:a9fe',
  '64:ff9b::a9fe:a9fe',
  '64:ff9b:1::a9fe:a9fe',
  '64:ff9b:1:a9fe:a9:fe00::',
  '64:ff9b:1:23a9:fe:a9fe::',
  '64:ff9b:1:1234:a9:fea9:fe00:0',
  '2001:db8:64::a9fe:a9fe',
  '2002:a9fe:a9fe::',
  '2002:a9fe:a9fe:1::1',
  '2001:0:a9fe:a9fe:0:0:0:1',
  '2001:0:808:808:0:0:5601:5601',
  'fe80::5efe:a9fe:a9fe',
];
const PRIVATE = [
  '10.1.2.3',
  '172.31.0.1',
  '192.168.1.1',
  '127.0.0.9',
  '169.254.1.1',
  '::1',
  'fe80::1',
  'fd12::1',
];
const PUBLIC = ['8.8.8.8', '172.32.0.1', '2606::1', '::ffff:8.8.8.8', '64:ff9b::a01:203', '2002:a01:203::'];

/** Answers with these addresses; none: there is no such name. */
function named(...addresses: string[]): ResolveName {
  return (_, options, callback) => {
    assert.equal(options.all, true);
    const found = addresses.map(
      (address): LookupAddress => ({ address, family: address.includes(':') ? 6 : 4 }),
    );
    callback(found.length > 0 ? null : Object.assign(new Error('ENOTFOUND'), { code: 'ENOTFOUND' }), found);
  };
}

describe('which addresses a layer may come from', () => {
  for (const address of [...METADATA, ...DISGUISED]) {
    it(`never ${address}`, () =>
      assert.deepEqual([mayDial(address, false), mayDial(address, true)], [false, false]));
  }
  for (const address of PRIVATE) {
    it(`${address}, also in an air gap`, () =>
      assert.deepEqual([mayDial(address, false), mayDial(address, true)], [true, true]));
  }
  for (const address of PUBLIC) {
    it(`${address}, not in an air gap`, () =>
      assert.deepEqual([mayDial(address, false), mayDial(address, true)], [true, false]));
  }
});

describe('the look-up of a name that is dialled', () => {
  const looked = (resolve: ResolveName, airgap: boolean) => {
    const { promise, resolve: give } = Promise.withResolvers<unknown>();
    guardedLookup(airgap, resolve)('h', { all: true }, (error, found) => give(error ?? found));
    return promise;
  };
  it('gives what is left', async () => {
    assert.deepEqual(
      await looked(named('169.254.169.254', '10.0.0.1', '2002:a9fe:a9fe::', '8.8.8.8'), false),
      [
        { address: '10.0.0.1', family: 4 },
        { address: '8.8.8.8', family: 4 },
      ],
    );
    assert.deepEqual(await looked(named('8.8.8.8', 'fd12::1'), true), [{ address: 'fd12::1', family: 6 }]);
  });
  it('refuses if nothing is', async () => {
    assert.match(
      String(await looked(named('169.254.169.254', '64:ff9b:1::a9fe:a9fe'), false)),
      /h: address is not allowed/,
    );
    assert.match(String(await looked(named(), false)), /ENOTFOUND/);
  });
});

describe('the look at a name that a proxy is asked for', () => {
  const cases: [name: string, airgap: boolean, addresses: string[], passes: boolean][] = [
    ['h', false, ['8.8.8.8', '10.0.0.1'], true],
    ['h', false, [], true],
    ['h', false, ['8.8.8.8', '169.254.169.254'], false],
    ['h', false, ['2002:a9fe:a9fe::'], false],
    ['h', true, ['10.0.0.1'], true],
    ['h', true, ['10.0.0.1', '8.8.8.8'], false],
    ['h', true, [], false],
    ['metadata.google.internal', false, [], false],
    ['Metadata.Google.Internal.', false, ['8.8.8.8'], false],
    ['metadata.example', false, [], true],
  ];
  for (const [name, airgap, addresses, passes] of cases) {
    it(`${name} at ${addresses.join(', ') || 'nothing known'}${airgap ? ', air gap' : ''}`, async () => {
      const check = checkProxied(name, airgap, named(...addresses));
      if (passes) await check;
      else await assert.rejects(check, { code: 'bad-layer-url', message: /address is not/ });
    });
  }
});
