import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { codeOf } from './vulnerable-code.ts';

const affects = (functions: unknown, os: unknown = [], arch: unknown = []) => ({
  affects: { functions, os, arch },
  affected_functions: null,
});

describe('code that an advisory of RustSec names', () => {
  const cases: [what: string, specific: unknown, want: unknown][] = [
    [
      'functions',
      affects(['aes_gcm::AesGcm::decrypt', 'aes_gcm::other']),
      [{ path: 'aes_gcm', symbols: ['::AesGcm::decrypt', '::other'] }],
    ],
    [
      'functions with arguments',
      affects(['lab::pool::Pool<H,T>::free', 'lab::FromSql::<Text,Sqlite>::from_sql']),
      [{ path: 'lab', symbols: ['::pool::Pool::free', '::FromSql::from_sql'] }],
    ],
    ['systems', affects([], ['windows']), [{ path: 'aes_gcm', symbols: [], os: ['windows'] }]],
    ['architectures', affects([], [], ['x86']), [{ path: 'aes_gcm', symbols: [], arch: ['x86'] }]],
    [
      'both of a function',
      affects(['lab::run'], ['windows', 'macos']),
      [{ path: 'lab', symbols: ['::run'], os: ['windows', 'macos'] }],
    ],
    [
      'a system that nobody knows',
      affects(['lab::run'], ['windows', 'templeos']),
      [{ path: 'lab', symbols: ['::run'] }],
    ],
    ['nothing', affects([]), undefined],
    ['what is no path', affects(['lab::run', '']), undefined],
    ['what is no list', affects('lab::run'), undefined],
    ['what is no text', affects([7]), undefined],
    ['no record', null, undefined],
  ];
  for (const [what, specific, want] of cases)
    it(what, () => assert.deepEqual(codeOf(specific, 'aes-gcm'), want));
});
