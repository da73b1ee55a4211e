import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import * as schemas from '../../../model/api/console/decisions.ts';
import type {
  ConsoleFindings,
  ConsoleImageDetail,
  Decision,
  DecisionHistory,
  DecisionPreview,
  Decisions,
  NewDecision,
  Overview,
  VexImport,
} from '../../../model/api/console/types.ts';
import { openVexMistakes } from '../../../vex/openvex-rules.fixture.ts';
import { readVex } from '../../../vex/read-vex.ts';
import { advisory } from '../../matcher.fixture.ts';
import { digestOf, ToyConsole } from '../console.fixture.ts';
import { type Served, serveToy } from './serving.fixture.ts';

const CURL: NewDecision = {
  cve: 'CVE-2026-2',
  package: { type: 'unknown', source: 'curl' },
  status: 'not_affected',
  justification: 'vulnerable_code_not_in_execute_path',
  reason: 'No SOCKS5 proxy is configured (SEC-1182).',
};

describe('decisions', () => {
  let toy: ToyConsole;
  let served: Served;
  before(async () => {
    toy = await ToyConsole.open([
      advisory('openssl', 'CVE-2026-1', { below: '2' }),
      advisory('curl', 'CVE-2026-2', { below: '9' }),
      advisory('curl', 'CVE-2026-3'),
    ]);
    toy.index(1, {
      packages: [{ name: 'curl', version: '8' }],
      names: ['r.example.com/a:1'],
      labels: { env: 'prod' },
    });
    toy.index(2, {
      packages: [
        { name: 'curl', version: '8' },
        { name: 'openssl', version: '1' },
      ],
      names: ['r.example.com/b:1'],
    });
    await toy.keepUp();
    await toy.db.query({
      text: `update console_component set purl = 'pkg:generic/' || name || '@' || version`,
    });
    served = await serveToy(toy);
  });
  after(async () => {
    await served[Symbol.asyncDispose]();
    await toy[Symbol.asyncDispose]();
  });
  beforeEach(async () => {
    toy.now = new Date('2026-11-30T12:00:00Z');
    served.caller = { user: 'ana', roles: ['view', 'triage'], auth: 'proxy' };
    await toy.db.query({ text: 'truncate decision, decision_event, console_decided' });
    await toy.db.query({ text: 'update console_image set undecided = true' });
    await toy.keepUp();
  });

  const send = (path: string, body: unknown, headers: Record<string, string> = {}, method = 'POST') =>
    served.ask(path, {
      method,
      headers: { 'content-type': 'application/json', 'clair-console': '1', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  async function made(wanted: NewDecision): Promise<Decision> {
    const response = await send('decisions', wanted);
    const text = await response.text();
    assert.equal(response.status, 201, text);
    return schemas.Decision.parse(JSON.parse(text));
  }
  const openOf = async (n: number) =>
    (await served.get<ConsoleFindings>(`images/${digestOf(n)}/findings?sort=id`)).findings.map(
      ({ id }) => id,
    );
  const countOf = async (n: number) => {
    const { counts, cves, decided } = await served.get<ConsoleImageDetail>(`images/${digestOf(n)}`);
    return { ...counts, cves, ...decided };
  };

  it('close findings at once, in every count', async () => {
    assert.deepEqual(await openOf(1), ['CVE-2026-2', 'CVE-2026-3']);
    const decision = await made(CURL);
    assert.deepEqual(
      [decision.findings, decision.images, decision.by, decision.state],
      [2, 2, 'ana', 'holding'],
    );
    assert.deepEqual(await openOf(1), ['CVE-2026-3']);
    assert.deepEqual(await openOf(2), ['CVE-2026-1', 'CVE-2026-3']);
    const { high, cves, not_affected } = await countOf(1);
    assert.deepEqual([high, cves, not_affected], [1, 1, 1]);
    const overview: Overview = await served.get('overview');
    assert.equal(overview.decisions.holding, 1);
    assert.equal(overview.open.find(({ severity }) => severity === 'High')!.findings, 3);
    assert.equal((await served.ask('cves/CVE-2026-2')).status, 200);
  });

  const scopes: [scope: NonNullable<NewDecision['scope']>, images: number[]][] = [
    [{}, [1, 2]],
    [{ image: digestOf(2) }, [2]],
    [{ repository: 'r.example.com/a' }, [1]],
    [{ label: 'env=prod' }, [1]],
    [{ label: 'env=test' }, []],
  ];
  for (const [scope, images] of scopes) {
    it(`hold in their scope: ${JSON.stringify(scope)}`, async () => {
      const preview = await send('decisions/preview', { ...CURL, scope });
      assert.equal(((await preview.json()) as DecisionPreview).images, images.length);
      await made({ ...CURL, scope });
      for (const n of [1, 2])
        assert.equal((await openOf(n)).includes('CVE-2026-2'), !images.includes(n), `${n}`);
    });
  }

  it('of several the narrowest counts, then the newest', async () => {
    await made(CURL);
    await made({
      ...CURL,
      scope: { image: digestOf(1) },
      status: 'under_investigation',
      justification: null,
      reason: 'we look',
    });
    assert.ok((await openOf(1)).includes('CVE-2026-2'));
    assert.ok(!(await openOf(2)).includes('CVE-2026-2'));
  });

  it('end by time: what they closed is open again', async () => {
    await made({ ...CURL, status: 'accepted', justification: null, until: '2026-12-01' });
    assert.deepEqual(await openOf(1), ['CVE-2026-3']);
    toy.now = new Date('2026-12-01T23:59:00Z');
    await toy.keepUp();
    assert.deepEqual(await openOf(1), ['CVE-2026-3'], 'it is the last day');
    toy.now = new Date('2026-12-02T00:00:01Z');
    await toy.keepUp();
    assert.deepEqual(await openOf(1), ['CVE-2026-2', 'CVE-2026-3']);
    const { counts }: Decisions = await served.get('decisions?state=expired');
    assert.equal(counts.expired, 1);
  });

  it('end when a fix is there, if they say so', async () => {
    const wanted = { ...CURL, status: 'accepted', justification: null, until_fix: true } as const;
    await made({ ...wanted, cve: 'CVE-2026-3' });
    await made(wanted);
    assert.deepEqual(await openOf(1), ['CVE-2026-2'], 'that one has a fix');
  });

  it('are changed by who has seen what they are now, and nothing is lost', async () => {
    const { id, revision } = await made(CURL);
    const change = {
      status: 'accepted',
      justification: null,
      until: '2027-01-31',
      reason: 'until the release',
    };
    const response = await send(`decisions/${id}`, change, { 'if-match': `"${revision}"` }, 'PATCH');
    const changed = schemas.Decision.parse(await response.json());
    assert.deepEqual([changed.revision, changed.status, changed.until], [2, 'accepted', '2027-01-31']);
    served.caller = { user: 'bob', roles: ['view', 'triage'], auth: 'proxy' };
    const late = await send(`decisions/${id}`, { reason: 'x' }, { 'if-match': `"${revision}"` }, 'PATCH');
    assert.deepEqual([late.status, ((await late.json()) as Decision).by], [412, 'ana']);
    const withdrawn = await send(`decisions/${id}/withdraw`, { reason: 'wrong' }, { 'if-match': '"2"' });
    assert.equal(((await withdrawn.json()) as Decision).state, 'withdrawn');
    assert.deepEqual(await openOf(1), ['CVE-2026-2', 'CVE-2026-3']);
    const { changes }: DecisionHistory = await served.get(`decisions/${id}/history`);
    assert.deepEqual(
      changes.map(({ action, by, from }) => [action, by, from]),
      [
        ['withdrawn', 'bob', '127.0.0.1'],
        ['changed', 'ana', '127.0.0.1'],
        ['made', 'ana', '127.0.0.1'],
      ],
    );
    assert.deepEqual((await served.get<Decisions>('decisions')).decisions, []);
    const again = await send(`decisions/${id}/withdraw`, { reason: 'x' }, { 'if-match': '"3"' });
    assert.equal(again.status, 400);
  });

  it('are OpenVEX that our own reader takes; an accepted risk is never told as not affected', async () => {
    await made(CURL);
    await made({
      ...{ cve: 'CVE-2026-1', scope: { image: digestOf(2) }, reason: 'later' },
      ...{ status: 'accepted', until: '2027-01-31' },
    });
    const document = await served.get<object>('decisions.openvex.json');
    assert.deepEqual(openVexMistakes(document), []);
    const { statements, problems } = readVex(JSON.stringify(document), 'x');
    assert.deepEqual(problems, []);
    assert.deepEqual(
      statements.map(({ ids, status, products }) => [ids[0], status, products[0]!.identifiers[0]]),
      [
        ['CVE-2026-2', 'not_affected', 'pkg:generic/curl'],
        ['CVE-2026-1', 'affected', digestOf(2)],
      ],
    );
    const one = await served.get<{ statements: unknown[] }>(`decisions.openvex.json?image=${digestOf(1)}`);
    assert.equal(one.statements.length, 1);
  });

  it('are made of VEX, once, and what cannot be one is told', async () => {
    const statement = (more: object) => ({
      vulnerability: { name: 'CVE-2026-2' },
      products: [{ '@id': 'pkg:generic/curl' }],
      status: 'not_affected',
      justification: 'vulnerable_code_not_present',
      ...more,
    });
    const document = {
      '@context': 'https://openvex.dev/ns/v0.2.0',
      '@id': 'https://example.com/vex/1',
      author: 'x',
      timestamp: '2026-11-01T00:00:00Z',
      version: 1,
      statements: [
        statement({}),
        statement({ vulnerability: { name: 'CVE-1999-1' } }),
        statement({ products: [{ '@id': 'pkg:generic/curl@8' }] }),
        statement({ products: [{ '@id': 'pkg:generic/nothing' }] }),
        statement({ status: 'fixed', justification: undefined }),
        statement({ products: [{ '@id': digestOf(2), subcomponents: [{ '@id': 'pkg:generic/curl' }] }] }),
      ],
    };
    const first = schemas.VexImport.parse(await (await send('decisions/import', document)).json());
    assert.deepEqual([first.made, first.known, first.refused_count], [2, 0, 4]);
    for (const reason of ['no loaded feed', 'one version', 'no image has', '"fixed"'])
      assert.ok(
        first.refused.some((each) => each.reason.includes(reason)),
        reason,
      );
    const second = (await (await send('decisions/import', document)).json()) as VexImport;
    assert.deepEqual([second.made, second.known], [0, 2]);
    assert.deepEqual(await openOf(1), ['CVE-2026-3']);
    const { decisions }: Decisions = await served.get(`decisions?cve=CVE-2026-2&image=${digestOf(2)}`);
    assert.deepEqual(
      decisions.map(({ source, scope }) => [source, scope]),
      [['vex', { image: digestOf(2) }]],
    );
    assert.equal((await send('decisions/import', 'no json')).status, 400);
  });

  const refused: [what: string, change: Record<string, unknown>][] = [
    ['no justification', { justification: null }],
    ['a justification of something else', { status: 'affected' }],
    ['accepting without an end', { status: 'accepted', justification: null }],
    ['two scopes', { scope: { image: digestOf(1), label: 'a=b' } }],
    ['a day that is over', { until: '2026-11-29' }],
    ['a day that there is not', { until: '2026-02-31x' }],
    ['no reason', { reason: ' ' }],
    ['an unknown vulnerability', { cve: 'CVE-1999-1' }],
    ['an unknown member', { who: 'me' }],
  ];
  for (const [what, change] of refused)
    it(`refuses ${what}`, async () =>
      assert.equal((await send('decisions', { ...CURL, ...change })).status, 400));

  it('are made only by who may, and by no page of others', async () => {
    served.caller = { user: 'eve', roles: ['view'], auth: 'proxy' };
    assert.equal((await send('decisions', CURL)).status, 403);
    assert.equal((await send('decisions/import', {})).status, 403);
    served.caller = { user: 'ana', roles: ['view', 'triage'], auth: 'proxy' };
    assert.equal((await send('decisions', CURL, { 'clair-console': '' })).status, 403);
    assert.equal((await send('decisions', CURL, { origin: 'https://evil.example' })).status, 403);
    assert.equal((await send('decisions/1', { reason: 'x' }, {}, 'PATCH')).status, 400);
    assert.equal((await send('decisions/1', { reason: 'x' }, { 'if-match': '"1"' }, 'PATCH')).status, 404);
  });
});
