import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createServer } from '../../http/server.ts';
import { noLog } from '../../lib/log.ts';
import { toWire } from '../../model/index-report-wire.ts';
import { indexReport } from '../matcher.fixture.ts';
import { matchReportRoutes } from './match-report.ts';

const PATH = '/matcher/api/v1/match_report';
const IMAGE = toWire(indexReport([{ name: 'a', version: '1' }]));

async function post(body: unknown, initialized = true) {
  const server = createServer({ log: noLog });
  const matcher = {
    initialized: async () => initialized,
    matchReport: async ({ manifest_hash }: typeof IMAGE) => ({
      body: Buffer.from(manifest_hash),
      etag: '"1"',
    }),
  };
  matchReportRoutes(server, matcher, { take: () => ({ [Symbol.dispose]() {} }) });
  const payload = typeof body === 'string' ? body : JSON.stringify(body);
  return await server.inject({ method: 'POST', url: PATH, payload });
}

describe('match_report', () => {
  it('gives the report, which nobody keeps', async () => {
    const { statusCode, headers, body } = await post(IMAGE);
    assert.deepEqual([statusCode, body], [200, IMAGE.manifest_hash]);
    assert.equal(headers['cache-control'], 'no-store');
    assert.equal(headers['content-type'], 'application/vnd.clair.vulnerability_report.v1+json');
  });
  it('answers 202 until a feed was loaded', async () => {
    const { statusCode, body } = await post(IMAGE, false);
    assert.deepEqual([statusCode, body], [202, '']);
  });
  for (const [what, body, message] of [
    ['no JSON', '{', /body: not valid JSON/],
    ['no report', {}, /body: not an index report: manifest_hash/],
    ['no digest', { ...IMAGE, manifest_hash: 'x' }, /x/],
    [
      'a report that is not finished',
      { ...IMAGE, state: 'IndexError', success: false },
      /not indexed completely/,
    ],
    [
      'too many packages',
      { ...IMAGE, packages: Object.fromEntries(Array.from({ length: 100_001 }, (_, i) => [i, {}])) },
      /more than 100000 packages/,
    ],
  ] as const) {
    it(`refuses ${what}`, async () => {
      const response = await post(body);
      assert.equal(response.statusCode, 400);
      assert.match(response.json().message, message);
    });
  }
});
