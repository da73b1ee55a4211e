import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SaxesParser } from 'saxes';
import { ecosystems } from '../../ecosystems/index.ts';
import { scanResult } from '../outcome/scan-result.fixture.ts';
import { FORMATS } from './all-formats.fixture.ts';
import { cyclonedxSbom } from './cyclonedx.ts';
import { createdAt, formatInput } from './format-input.ts';
import { FORMAT_NAMES as NAMES } from './load-format.ts';
import { CREATED, input } from './report.fixture.ts';
import { spdxSbom } from './spdx.ts';

function checkXml(text: string): string[] {
  const names: string[] = [];
  const parser = new SaxesParser();
  parser.on('error', (error) => assert.fail(error));
  parser.on('opentag', ({ name }) => names.push(name));
  parser.write(text).close();
  return names;
}

describe('every format', () => {
  for (const name of NAMES) {
    it(`${name} says what was not checked, what was not read, and against which feed`, () => {
      const text = FORMATS[name](input({}, 'plain'));
      const own = name === 'clair'; // Clair's own report: its additions come from the matcher
      if (own) return;
      assert.match(text, /npm: (not checked: )?no feed covers it|"npm"[^}]*no feed covers it|name="npm"/);
      if (name !== 'template') assert.match(text, /no-feed/);
      assert.match(text, /var\/lib\/dpkg\/status:7/);
      assert.match(text, /debian\/updater|debian:12/);
    });
    it(`${name} has a finding under each of its names`, () => {
      const text = FORMATS[name](input({}, 'plain'));
      if (['template', 'github'].includes(name)) return; // a text of one's own; packages alone
      for (const id of ['CVE-2099-1', 'GHSA-1'])
        assert.match(text, new RegExp(`\\b${id}\\b`), `${name}: ${id}`);
    });
    it(`${name} shows what an enricher says that no format knows`, () => {
      // Clair's own report, references of packages, packages alone, and a text of one's own.
      if (['clair', 'spdx', 'github', 'template'].includes(name)) return;
      const whole = input({}, 'plain');
      const findings = whole.view.findings.map((each) => ({ ...each, notes: ['Ransomware'] }));
      assert.doesNotMatch(FORMATS[name](whole), /Ransomware/);
      assert.match(FORMATS[name]({ ...whole, view: { ...whole.view, findings } }), /Ransomware/);
    });
    it(`${name} gives the same bytes again`, () =>
      assert.equal(FORMATS[name](input()), FORMATS[name](input())));
    it(`${name} of nothing is whole`, () => {
      const empty = scanResult();
      const text = FORMATS[name](
        formatInput(
          {
            result: empty,
            matches: [],
            ecosystems,
            now: CREATED,
            color: false,
            template: { name: 't', text: 'x\n' },
          },
          CREATED,
        ),
      );
      assert.ok(text.endsWith('\n'));
      if (['json', 'clair', 'sarif', 'cyclonedx', 'spdx', 'openvex', 'gitlab', 'github'].includes(name))
        JSON.parse(text);
      if (name === 'junit') checkXml(text);
    });
    if (name !== 'template') {
      it(`${name} says that data is only an example`, () => {
        const text = FORMATS[name](input({ example: 'EXAMPLE-ONLY' }, 'plain'));
        assert.match(text, /EXAMPLE-ONLY/);
      });
    }
  }
});

describe('SARIF', () => {
  const { runs } = JSON.parse(FORMATS.sarif(input()));
  const [{ tool, results, invocations }] = runs;
  it('has a rule for each vulnerability and refers to it', () => {
    for (const result of results) assert.equal(tool.driver.rules[result.ruleIndex].id, result.ruleId);
    assert.equal(tool.driver.rules[0].properties['security-severity'], '7.5');
  });
  it('explains a rule in Markdown, by a name of its own', () => {
    const [first, second] = tool.driver.rules;
    assert.equal(first.name, 'Cve20991InCurl');
    assert.match(first.help.markdown, /^- CVSS: 7\.5 \(CVSS:3\.1\/AV:N\)$/m);
    assert.match(first.help.markdown, /^\| curl \| 1\.0 \| 1\.1 \|$/m);
    assert.match(first.help.markdown, /Also known as: GHSA-1/);
    assert.doesNotMatch(first.help.markdown + second.help.markdown, /<script|\| `/);
    assert.notEqual(first.name, second.name);
  });
  it('names the instruction that brought a package', () => {
    const instructions = new Map([[`sha256:${'1'.repeat(64)}`, 'RUN apt-get install curl']]);
    const [result] = JSON.parse(FORMATS.sarif({ ...input(), instructions })).runs[0].results;
    assert.match(result.message.text, /Added by: RUN apt-get install curl$/);
    assert.equal(result.properties.instruction, 'RUN apt-get install curl');
  });
  it('has relative locations and fingerprints', () => {
    const [first, second] = results;
    assert.equal(first.locations[0].physicalLocation.artifactLocation.uri, 'var/lib/dpkg/status');
    for (const { locations, partialFingerprints } of results) {
      const { uri } = locations[0].physicalLocation.artifactLocation;
      assert.match(uri, /^[\w.%/~!'()*-]+$/);
      assert.match(partialFingerprints['clairFinding/v1'], /^[0-9a-f]{64}$/);
    }
    assert.notDeepEqual(first.partialFingerprints, second.partialFingerprints);
  });
  it('notifies of what is missing', () =>
    assert.deepEqual(
      invocations[0].toolExecutionNotifications.map(({ level }: { level: string }) => level),
      ['warning', 'warning', 'note'],
    ));
});

describe('CycloneDX', () => {
  const document = JSON.parse(FORMATS.cyclonedx(input()));
  it('refers to components that are there', () => {
    const refs = new Set(document.components.map((each: { 'bom-ref': string }) => each['bom-ref']));
    for (const { affects } of document.vulnerabilities)
      for (const { ref } of affects) assert.ok(refs.has(ref), ref);
  });
  it('rates by feed and by CVSS, and leaves open what is not decided', () => {
    const [first, second] = document.vulnerabilities;
    assert.deepEqual(
      first.ratings.map((each: { method?: string }) => each.method),
      [undefined, 'CVSSv31'],
    );
    assert.deepEqual([first.analysis, second.analysis.state], [undefined, 'in_triage']);
    assert.equal(second.affects[0].versions[0].status, 'unknown');
    assert.deepEqual([first.published, second.published], ['2099-01-01T00:00:00Z', undefined]);
  });
  it('is without them as a mere SBOM', () => {
    const sbom = JSON.parse(cyclonedxSbom(input()));
    assert.deepEqual([sbom.vulnerabilities, sbom.components.length], [undefined, document.components.length]);
    assert.doesNotMatch(spdxSbom(input()), /"SECURITY"/);
    assert.match(FORMATS.spdx(input()), /"SECURITY"/);
  });
});

describe('JUnit', () => {
  it('is XML with a failure for each finding, and an error for what is missing', () => {
    const names = checkXml(FORMATS.junit(input()));
    const count = (wanted: string) => names.filter((name) => name === wanted).length;
    assert.deepEqual([count('failure'), count('error')], [2, 2]);
  });
});

describe('HTML', () => {
  const text = FORMATS.html(input());
  it('has nothing in it of what it shows that could run or be loaded', () => {
    assert.equal(text.match(/<script>/g)?.length, 1);
    assert.equal(text.match(/<script /g)?.length, 1, 'the data');
    const [, data = ''] = /<script type="application\/json"[^>]*>([^<]*)<\/script>/.exec(text) ?? [];
    assert.equal(JSON.parse(data).rows.length, 2);
    // The script itself is code of this project, named by its hash.
    const markup = text.replace(/<script>[\s\S]*<\/script>/, '');
    assert.doesNotMatch(
      markup,
      /\bon\w+=|\bstyle=|<(img|link|iframe|object|base|form)\b|href="(?!https?:|#)|src=/,
    );
    assert.doesNotMatch(text, /\u202e|\u0007/);
    assert.match(text, /default-src 'none'; style-src 'sha256-[^']+'; script-src 'sha256-[^']+'/);
  });
  it('is a table without scripts', () => {
    const markup = text.replace(/<script[\s\S]*/, '');
    assert.equal(markup.match(/<summary class="id">/g)?.length, 2);
    assert.match(markup, /<div class="tools" hidden>/);
    assert.doesNotMatch(
      markup.replace(/<style>[\s\S]*<\/style>/, ''),
      /aria-pressed/,
      'no button that does nothing',
    );
  });
});

describe('Markdown', () => {
  it('keeps to its table', () => {
    const rows = FORMATS.markdown(input())
      .split('\n')
      .filter((line) => /^\| (High|Unknown)/.test(line));
    assert.equal(rows.length, 2);
    for (const row of rows) {
      assert.equal(row.replace(/\\./g, '').split('|').length, 9, row);
      assert.doesNotMatch(row, /<script/);
    }
  });
});

describe('the time of a report', () => {
  it('is SOURCE_DATE_EPOCH where that is set', () => {
    assert.equal(createdAt({ SOURCE_DATE_EPOCH: '0' }, CREATED).getTime(), 0);
    assert.equal(createdAt({}, CREATED), CREATED);
    assert.equal(input().view.created, '2099-01-01T12:34:56Z');
    for (const wrong of ['x', '-1', '1e99', '99999999999999'])
      assert.throws(() => createdAt({ SOURCE_DATE_EPOCH: wrong }, CREATED), /SOURCE_DATE_EPOCH/);
  });
});
