import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, it } from 'node:test';
import { parseOvalDate } from './date.ts';
import { matchesOf, type OvalDefinition, ovalPieces, readOvalDefinitions, readOvalTables } from './oval.ts';

const FILE = `<?xml version="1.0"?>
<oval_definitions xmlns="http://oval.mitre.org/XMLSchema/oval-definitions-5" xmlns:l="urn:linux">
<generator/>
<definitions>
  <definition id="d:1" class="vulnerability" version="1">
    <metadata>
      <title>One</title><description> First
line. </description>
      <affected family="unix"><platform>P 1</platform><platform>P 2</platform></affected>
      <reference source="CVE" ref_id="CVE-1-1" ref_url="https://x/1"/><reference source="Y" ref_id="Y-1" ref_url="https://y/1"/>
      <advisory><severity>High</severity><issued date="2025-01-02"/>
        <bug>https://bug/1</bug><ref>https://ref/1</ref><ref>https://x/1</ref><cve href="https://cve/1">CVE-1-1</cve>
        <affected_cpe_list><cpe>cpe:/a</cpe></affected_cpe_list></advisory>
    </metadata>
    <criteria operator="AND"><extend_definition definition_ref="d:9"/>
      <criterion test_ref="t:name" comment="by name"/>
      <criteria operator="OR"><criterion test_ref="t:variable" comment="by variable"/><criterion test_ref="t:signed" comment="signed"/></criteria>
      <criterion test_ref="t:rpm" comment="rpm"/><criterion test_ref="t:nowhere" comment="x"/>
      <criterion test_ref="t:unfixed" comment="no fix"/><criterion test_ref="t:dangling" comment="dangling"/>
    </criteria>
  </definition>
  <definition id="d:2" class="patch"><metadata><title>Two</title></metadata></definition>
</definitions>
<tests>
  <l:dpkginfo_test id="t:name"><l:object object_ref="o:name"/><l:state state_ref="s:evr"/></l:dpkginfo_test>
  <l:dpkginfo_test id="t:variable"><l:object object_ref="o:variable"/><l:state state_ref="s:evr"/></l:dpkginfo_test>
  <l:dpkginfo_test id="t:signed"><l:object object_ref="o:name"/><l:state state_ref="s:key"/></l:dpkginfo_test>
  <l:dpkginfo_test id="t:unfixed"><l:object object_ref="o:name"/></l:dpkginfo_test>
  <l:dpkginfo_test id="t:dangling"><l:object object_ref="o:none"/></l:dpkginfo_test>
  <l:rpminfo_test id="t:rpm"><l:object object_ref="o:rpm"/><l:state state_ref="s:rpm"/></l:rpminfo_test>
</tests>
<objects>
  <l:dpkginfo_object id="o:name"><l:name>one</l:name></l:dpkginfo_object>
  <l:dpkginfo_object id="o:variable"><l:name var_ref="v:1" var_check="at least one"/></l:dpkginfo_object>
  <l:rpminfo_object id="o:rpm"><l:name>rpm-one</l:name></l:rpminfo_object>
</objects>
<states>
  <l:dpkginfo_state id="s:evr"><l:evr datatype="debian_evr_string" operation="less than">0:1.0 </l:evr></l:dpkginfo_state>
  <l:dpkginfo_state id="s:key"><l:signature_keyid>x</l:signature_keyid></l:dpkginfo_state>
  <l:rpminfo_state id="s:rpm"><l:arch operation="pattern match">a|b</l:arch><l:evr operation="less than">0:2-1</l:evr></l:rpminfo_state>
</states>
<variables><constant_variable id="v:1"><value>two</value><value> three </value><value/></constant_variable></variables>
</oval_definitions>`;

async function* bytes(file = FILE): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < file.length; at += 100) yield Buffer.from(file.slice(at, at + 100));
}

async function definitions() {
  const tables = await readOvalTables(bytes(), 'a test', 'dpkginfo');
  const pieces = await Readable.from(readOvalDefinitions(bytes(), 'a test', tables)).toArray();
  return pieces.map((piece) => piece.read()) as OvalDefinition[];
}

describe('OVAL', () => {
  it('reads the definitions', async () => {
    const [one, two, ...more] = await definitions();
    assert.deepEqual(more, []);
    assert.deepEqual(one && { ...one, criteria: one.criteria.map(({ given: _, ...each }) => each) }, {
      id: 'd:1',
      class: 'vulnerability',
      title: 'One',
      description: ' First\nline. ',
      platforms: ['P 1', 'P 2'],
      severity: 'High',
      issued: '2025-01-02T00:00:00Z',
      references: [
        { source: 'CVE', id: 'CVE-1-1', url: 'https://x/1' },
        { source: 'Y', id: 'Y-1', url: 'https://y/1' },
      ],
      links: ['https://x/1', 'https://y/1', 'https://ref/1', 'https://bug/1', 'https://cve/1'],
      cpes: ['cpe:/a'],
      criteria: [
        ['t:name', 'by name'],
        ['t:variable', 'by variable'],
        ['t:signed', 'signed'],
        ['t:rpm', 'rpm'],
        ['t:nowhere', 'x'],
        ['t:unfixed', 'no fix'],
        ['t:dangling', 'dangling'],
      ].map(([test, comment]) => ({ test, comment })),
    });
    assert.deepEqual(two, {
      id: 'd:2',
      class: 'patch',
      title: 'Two',
      description: '',
      platforms: [],
      severity: '',
      references: [],
      links: [],
      cpes: [],
      criteria: [],
    });
  });

  it('tells what has to hold beside a criterion', async () => {
    const both =
      '<criterion comment="a"/><criteria operator="OR"><criterion comment="b"/><criterion comment="c"/></criteria>';
    const cases: [string, string, string[][]][] = [
      [`<criteria operator="AND">${both}<criterion comment="x"/></criteria>`, 'x', [['a'], ['b', 'c']]],
      [
        `<criteria>${both}<criteria operator="OR"><criterion comment="x"/></criteria></criteria>`,
        'x',
        [['a'], ['b', 'c']],
      ],
      [`<criteria operator="AND">${both}</criteria>`, 'b', [['a']]],
      [`<criteria operator="OR">${both}<criterion comment="x"/></criteria>`, 'x', []],
      [
        `<criteria operator="OR"><criteria>${both}</criteria><criteria><criterion comment="x"/></criteria></criteria>`,
        'x',
        [],
      ],
      ['<criteria><criterion negate="true" comment="a"/><criterion comment="x"/></criteria>', 'x', []],
      [
        '<criteria><criteria operator="OR"><criterion comment="a"/><criteria/></criteria><criterion comment="x"/></criteria>',
        'x',
        [],
      ],
      [`<criteria>${'<criterion comment="a"/>'.repeat(100)}<criterion comment="x"/></criteria>`, 'x', []],
    ];
    for (const [criteria, comment, want] of cases) {
      const file = `<oval_definitions><definitions><definition id="d">${criteria}</definition></definitions></oval_definitions>`;
      const tables = await readOvalTables(bytes(file), 'a test', 'rpminfo');
      const [piece] = await Readable.from(readOvalDefinitions(bytes(file), 'a test', tables)).toArray();
      const read = piece.read() as OvalDefinition;
      assert.deepEqual(read.criteria.find((each) => each.comment === comment)?.given, want, criteria);
    }
  });

  it('follows the references of a family', async () => {
    const [definition] = await definitions();
    assert.ok(definition);
    const problems: string[] = [];
    const matches = async (family: 'dpkginfo' | 'rpminfo') =>
      [
        ...matchesOf(definition, await readOvalTables(bytes(), 'a test', family), ({ where }) =>
          problems.push(where),
        ),
      ].map(({ given: _, ...match }) => match);
    const evr = { text: '0:1.0 ', operation: 'less than' };
    assert.deepEqual(await matches('dpkginfo'), [
      { names: ['one'], evr },
      { names: ['two', 'three'], evr },
      { names: ['one'] },
    ]);
    assert.deepEqual(problems, ['d:1 t:dangling']);
    assert.deepEqual(await matches('rpminfo'), [
      {
        names: ['rpm-one'],
        evr: { text: '0:2-1', operation: 'less than' },
        arch: { text: 'a|b', operation: 'pattern match' },
      },
    ]);
  });

  const contents = async (file: string): Promise<string[]> => {
    const tables = await readOvalTables(bytes(file), 'a test', 'dpkginfo');
    const pieces = await Readable.from(readOvalDefinitions(bytes(file), 'a test', tables)).toArray();
    return pieces.map(({ content }: { content: string }) => content);
  };
  const changes: [what: string, from: string, to: string, changed: boolean][] = [
    ['itself', '<title>One<', '<title>Eins<', true],
    ['the version of a state', '0:1.0 <', '0:1.1 <', true],
    ['the operation of a state', 'datatype="debian_evr_string" operation="less than"', '', true],
    ['the name of an object', '<l:name>one<', '<l:name>eins<', true],
    ['a value of a variable', '<value>two<', '<value>zwei<', true],
    [
      'the object of a test',
      '"t:unfixed"><l:object object_ref="o:name"',
      '"t:unfixed"><l:object object_ref="o:x"',
      true,
    ],
    ['the state of a test', '"o:none"/>', '"o:none"/><l:state state_ref="s:evr"/>', true],
    ['that a test is gone', '<l:dpkginfo_test id="t:variable"', '<l:dpkginfo_test id="t:x"', true],
    ['another definition', '<title>Two<', '<title>Zwei<', false],
    [
      'a test of another family',
      '"o:rpm"/><l:state state_ref="s:rpm"',
      '"o:rpm"/><l:state state_ref="s:x"',
      false,
    ],
    ['blanks between elements', '</tests>', '\n</tests>', false],
  ];
  for (const [what, from, to, changed] of changes) {
    it(`${changed ? 'tells' : 'does not tell'} of a definition that ${what} changed`, async () => {
      assert.ok(FILE.includes(from));
      const [[before], [after]] = [await contents(FILE), await contents(FILE.replace(from, to))];
      assert.equal(before !== after, changed);
    });
  }

  it('finds what a definition refers to, however it is written', async () => {
    const written = FILE.replace('test_ref="t:name"', "test_ref = 't&#58;name'");
    const [before] = await contents(written);
    const [after] = await contents(written.replaceAll('<l:name>one<', '<l:name>eins<'));
    assert.notEqual(before, after);
  });

  it('tells of a definition that cannot be read, and reads the others', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'oval-'));
    try {
      const path = join(folder, 'oval.xml');
      writeFileSync(path, FILE.replace('<title>One', '<title>&nothing;'));
      const problems: { where: string; reason: string }[] = [];
      const titles: string[] = [];
      const pieces = ovalPieces(path, 'a test', 'dpkginfo', (definition) => [definition.title]);
      for await (const piece of pieces) titles.push(...piece.read((problem) => problems.push(problem)));
      assert.deepEqual(titles, ['Two']);
      assert.equal(problems.length, 1);
      assert.match(problems[0]!.where, /id="d:1"/);
      assert.match(problems[0]!.reason, /unknown entity &nothing;/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  const dates: [text: string, want: string | undefined][] = [
    ['2025-01-02', '2025-01-02T00:00:00Z'],
    [' 2025-01-02 12:30:00 UTC ', '2025-01-02T12:30:00Z'],
    ['2025-01-02T12:30:00.5+02:00', '2025-01-02T10:30:00Z'],
    ['2025-01-02T12:30:00', '2025-01-02T12:30:00Z'],
    ['October 23, 2019', '2019-10-23T00:00:00Z'],
    ['Wed, 02 Oct 2019 15:00:00 GMT', '2019-10-02T15:00:00Z'],
    ['unknown', undefined],
    ['', undefined],
    ['2025-13-45', undefined],
    ['Jan 1 99999', undefined],
    ['20250102', undefined],
  ];
  for (const [text, want] of dates)
    it(`reads the date ${text || '""'}`, () => assert.equal(parseOvalDate(text), want));
});
