import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { CVE_STATES } from '../../../model/api/console/fleet.ts';
import type {
  ConsoleCves,
  ConsoleImages,
  ConsoleLabels,
  CveImages,
  Overview,
} from '../../../model/api/console/types.ts';
import { advisory, text } from '../../matcher.fixture.ts';
import { ToyConsole } from '../console.fixture.ts';
import { MAX_VALUES } from '../store/labels.ts';
import { keepUpOnce } from '../upkeep.ts';
import { type Served, serveToy } from './serving.fixture.ts';

const FEED = [
  advisory('openssl', 'CVE-2026-1', {
    below: '2',
    vulnerability: text('CVE-2026-1', { normalizedSeverity: 'Critical' }),
  }),
  advisory('curl', 'CVE-2026-2', { below: '9' }),
  advisory('curl', 'CVE-2026-3', { vulnerability: text('CVE-2026-3', { normalizedSeverity: 'Low' }) }),
];
const OLD = [
  { name: 'openssl', version: '1' },
  { name: 'curl', version: '8' },
];
const LABELS = ['env:prod', 'env:test', 'team:a', 'env:none'];

describe('views of the images with a label', () => {
  let toy: ToyConsole;
  let served: Served;
  before(async () => {
    toy = await ToyConsole.open(FEED);
    served = await serveToy(toy);
  });
  after(async () => {
    await served[Symbol.asyncDispose]();
    await toy[Symbol.asyncDispose]();
  });

  /** All that a view says by label is what the images with it add up to, which are listed by another way. */
  async function agrees(): Promise<void> {
    for (const label of LABELS) {
      for (const tags of ['newest', 'all']) {
        const of = `label=${label}&tags=${tags}`;
        const { images }: ConsoleImages = await served.get(`images?${of}`);
        const overview: Overview = await served.get(`overview?${of}`);
        const { cves }: ConsoleCves = await served.get(`cves?${of}`);
        const sum = (pick: (image: ConsoleImages['images'][number]) => number): number =>
          images.reduce((total, image) => total + pick(image), 0);
        assert.equal(overview.images.total, images.length, of);
        for (const { severity, findings, ...counted } of overview.open) {
          const key = severity.toLowerCase() as keyof (typeof images)[number]['counts'];
          assert.equal(
            findings,
            sum(({ counts }) => counts[key]),
            `${of} ${severity}`,
          );
          assert.equal(
            counted.images,
            images.filter(({ counts }) => counts[key] > 0).length,
            `${of} ${severity}`,
          );
        }
        assert.equal(
          overview.open.reduce((total, { cves: count }) => total + count, 0),
          cves.length,
          of,
        );
        assert.equal(
          cves.reduce((total, { findings }) => total + findings, 0),
          sum(({ counts }) => Object.values(counts).reduce((a, b) => a + b, 0)),
          of,
        );
        assert.equal(
          cves.reduce((total, { fixable }) => total + fixable, 0),
          sum(({ fixable }) => fixable),
          of,
        );
        const risk = cves.reduce((total, each) => total + each.risk, 0);
        assert.ok(Math.abs(risk - sum((image) => image.risk ?? 0)) < 0.05 * images.length + 0.1, of);
        if (tags === 'newest') {
          const fixes = overview.upgrades.reduce((total, each) => total + each.fixes, 0);
          assert.equal(
            fixes,
            sum(({ fixable }) => fixable),
            of,
          );
        }
        for (const { id } of cves) {
          const of3 = async (state: string): Promise<CveImages> =>
            await served.get(`cves/${id}/images?${of}&state=${state}`);
          for (const state of CVE_STATES) {
            const { total, states, images: listed } = await of3(state);
            assert.equal(states[state], listed.length, `${of} ${id} ${state}`);
            assert.equal(total, listed.length, `${of} ${id} ${state}`);
            assert.deepEqual(states, (await of3('affected')).states, `${of} ${id} ${state}`);
          }
        }
        assert.deepEqual(
          overview.riskiest.map(({ image }) => image.digest),
          images.slice(0, 6).map(({ digest }) => digest),
          of,
        );
      }
    }
  }

  const steps: [what: string, () => unknown][] = [
    [
      'images come',
      () => {
        toy.index(1, { packages: OLD, names: ['r.example.com/a:1'], labels: { env: 'prod', team: 'a' } });
        toy.index(2, { packages: OLD.slice(1), names: ['r.example.com/b:1'], labels: { env: 'prod' } });
        toy.index(3, { packages: OLD, labels: { env: 'test' } });
        toy.index(4, { packages: OLD });
        toy.index(5, { packages: [], labels: { team: 'a' }, failed: 'layer is no archive' });
      },
    ],
    ['one gets another label', () => toy.index(2, { packages: OLD.slice(1), labels: { env: 'test' } })],
    [
      'a newer tag comes',
      () => {
        toy.now = new Date(toy.now.getTime() + 60_000);
        toy.index(6, { packages: OLD.slice(1), names: ['r.example.com/a:2'], labels: { env: 'prod' } });
      },
    ],
    [
      'a finding is decided',
      () =>
        served.ask('decisions', {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'clair-console': '1' },
          body: JSON.stringify({
            ...{ cve: 'CVE-2026-3', status: 'not_affected', reason: 'not built in' },
            ...{ justification: 'vulnerable_code_not_present', scope: { label: 'env=test' } },
          }),
        }),
    ],
    ['feeds change', () => toy.updateFeeds(FEED.slice(1))],
    ['one is deleted', () => toy.delete(1)],
    [
      'everything is counted from the start',
      () => toy.db.query({ text: 'update console_label set counted = null' }),
    ],
  ];
  for (const [what, step] of steps) {
    it(`are what its images add up to after ${what}`, async () => {
      const answer = await step();
      if (answer instanceof Response) assert.equal(answer.status, 201, await answer.text());
      await toy.keepUp();
      await agrees();
    });
  }

  it('stores the same by changes and from the start', async () => {
    const stored = async () => ({
      labels: await toy.db.query({
        text: 'select key, value, images, images_all from console_label order by id',
      }),
      cves: await toy.db.query({ text: 'select * from console_label_cve order by label, cve' }),
      units: await toy.db.query({ text: 'select * from console_label_unit order by label, cve, package' }),
    });
    toy.index(7, { packages: OLD, labels: { env: 'test', team: 'a' } });
    await toy.keepUp();
    const before = await stored();
    assert.ok(before.cves.length > 3);
    await toy.db.query({ text: 'update console_label set counted = null' });
    await toy.keepUp();
    assert.deepEqual(await stored(), before);
  });

  it('knows the images of each label, whatever changed first', async () => {
    const [difference] = await toy.db.query<{ wrong: number; right: number }>({
      text: `
        with wanted as (
          select k.id as label, i.id as image from console_label k
          join console_image i on i.labels @> jsonb_build_object(k.key, k.value)
        )
        select (select count(*)::int from (
            (table wanted except table console_image_label) union all (table console_image_label except table wanted)) d) as wrong,
          (select count(*)::int from wanted) as right`,
    });
    assert.equal(difference!.wrong, 0);
    assert.ok(difference!.right > 3);
  });

  it('tells what was deleted with its label', async () => {
    const since = async (of: string) => (await served.get<Overview>(`overview?${of}`)).since;
    const [prod, other] = [await since('label=env:prod'), await since('label=env:test')];
    assert.equal(prod.gone.deleted > 0, true);
    assert.equal(other.gone.deleted, 0);
    assert.ok(other.new.findings > 0 && other.new.findings < (await since('')).new.findings);
  });

  it('lists labels with how many images have them', async () => {
    const listed = async (query: string) =>
      (await served.get<ConsoleLabels>(`labels${query}`)).labels.map(
        ({ key, value, images }) => `${key}:${value} ${images}`,
      );
    assert.deepEqual(await listed(''), ['env:test 3', 'env:prod 1', 'team:a 2']);
    assert.deepEqual(await listed('?q=PROD'), ['env:prod 1']);
    assert.deepEqual(await listed('?limit=1'), ['env:test 3']);
  });

  it('refuses what is not counted, and does not say that there is none', async () => {
    const status = async (query: string): Promise<number> => (await served.ask(`cves?${query}`)).status;
    assert.equal(await status('label=env:prod,team:a'), 400);
    await toy.db.query({
      text: `insert into console_label (key, value, counted) select 'commit', n::text, now() from generate_series(1, $1::int) n`,
      values: [MAX_VALUES],
    });
    toy.index(8, { packages: OLD, labels: { commit: 'f00' } });
    await toy.keepUp();
    assert.equal(await status('label=commit:f00'), 400);
    assert.equal(await status('label=commit:none'), 200);
    await toy.db.query({ text: `update console_label set counted = null where key = 'team'` });
    assert.equal(await status('label=team:a'), 503);
    await keepUpOnce(toy.parts, AbortSignal.timeout(60_000));
    assert.equal(await status('label=team:a'), 200);
  });

  it('counts labels again after a release that knows none has changed images, and not otherwise', async () => {
    const stray = () =>
      toy.db.query({ text: 'update console_label_cve set images = images + 7, images_all = images_all + 7' });
    const images = async () =>
      await toy.db.query({ text: 'select cve, images from console_label_cve order by 1, 2' });
    const right = await images();
    await stray();
    toy.now = new Date(toy.now.getTime() + 25 * 3600_000);
    await toy.keepUp();
    assert.notDeepEqual(await images(), right, 'nothing told that they are wrong');
    await toy.db.query({ text: 'update console_state set revision = revision + 1' });
    await toy.keepUp();
    assert.deepEqual(await images(), right);
    // Not at once again: that release may go on.
    await stray();
    await toy.db.query({ text: 'update console_state set revision = revision + 1' });
    await toy.keepUp();
    assert.notDeepEqual(await images(), right);
    toy.now = new Date(toy.now.getTime() + 2 * 3600_000);
    await toy.keepUp();
    assert.deepEqual(await images(), right);
  });
});
