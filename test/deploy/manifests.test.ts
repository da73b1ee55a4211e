/** The chart and its rendered manifests: current, and such that our programs start with them. */
import assert from 'node:assert/strict';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { Ajv } from 'ajv';
import { parse, parseAllDocuments } from 'yaml';
import { chartHash } from '../../deploy/kubernetes/chart-hash.ts';
import { loadProgram } from '../../src/cli/program.ts';
import { checkMode } from '../../src/config/check-mode.ts';
import type { Mode } from '../../src/config/clair-flags.ts';
import { loadConfig, parseConfig } from '../../src/config/load-config.ts';
import { ROOT } from '../imports.ts';

// biome-ignore lint/suspicious/noExplicitAny: manifests are read as a cluster would
type Manifest = any;

const chart = join(ROOT, 'deploy/helm/clair');
const rendered = join(ROOT, 'deploy/kubernetes');
const SETS = ['airgapped', 'cloudnativepg', 'combo', 'distributed'];
const read = (...path: string[]): string => readFileSync(join(...path), 'utf8');
const manifestsOf = (name: string): Manifest[] =>
  parseAllDocuments(read(rendered, `${name}.yaml`))
    .map((document) => document.toJS())
    .filter(Boolean);
const ofKind = (name: string, kind: string): Manifest[] =>
  manifestsOf(name).filter((each) => each.kind === kind);

describe('the chart', () => {
  it('is of this release', () => {
    const { version } = JSON.parse(read(ROOT, 'package.json'));
    const { appVersion } = parse(read(chart, 'Chart.yaml'));
    assert.equal(appVersion, version, 'change Chart.yaml, and run deploy/kubernetes/render.sh');
  });

  it('has a schema that its values keep to', () => {
    const validate = new Ajv({ strict: false }).compile(JSON.parse(read(chart, 'values.schema.json')));
    const files = ['values.yaml', ...SETS.map((name) => `ci/${name}-values.yaml`)];
    for (const file of files)
      assert.ok(validate(parse(read(chart, file))), `${file} ${JSON.stringify(validate.errors)}`);
    for (const wrong of [
      'mode: x',
      'indexer: { replica: 2 }',
      'databse: {}',
      'configSecrets: [{ name: x }]',
    ]) {
      assert.equal(validate(parse(wrong)), false, wrong);
    }
  });

  it('says every value', () => {
    const { properties } = JSON.parse(read(chart, 'values.schema.json'));
    const values = Object.keys(parse(read(chart, 'values.yaml')));
    assert.deepEqual(
      Object.keys(properties).filter((key) => key !== 'global' && !values.includes(key)),
      [],
    );
  });
});

describe('rendered manifests', () => {
  const folder = mkdtempSync(join(tmpdir(), 'clair-manifests-'));
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('are those of the chart', () => {
    const files = readdirSync(rendered).filter((name) => name.endsWith('.yaml'));
    assert.deepEqual(
      files.sort(),
      SETS.map((name) => `${name}.yaml`),
    );
    for (const name of SETS) {
      assert.ok(
        read(rendered, `${name}.yaml`).includes(chartHash(name)),
        `${name}: run deploy/kubernetes/render.sh`,
      );
    }
  });

  for (const name of SETS) {
    it(`have a configuration that each service can start with: ${name}`, async () => {
      const maps = ofKind(name, 'ConfigMap').filter(({ data }) => data['config.yaml']);
      const deployments = ofKind(name, 'Deployment');
      assert.ok(deployments.length > 0);
      for (const { data } of maps) {
        // What a Secret adds.
        const text = data['config.yaml'].replace(
          /^harbor:\n {2}enabled: true$/m,
          '$&\n  password: 0123456789abcdef',
        );
        const { config, deprecations } = parseConfig(text, '.yaml', name);
        assert.deepEqual(deprecations, []);
        for (const { spec } of deployments) {
          const { env } = spec.template.spec.containers[0];
          const mode = env.find((each: Manifest) => each.name === 'CLAIR_MODE').value as Mode;
          await checkMode(config, mode);
        }
        const services = ofKind(name, 'Service').map(({ metadata }) => `http://${metadata.name}:6060/`);
        const { matcher, notifier, harbor } = config;
        const urls = [
          matcher.indexer_addr,
          notifier?.indexer_addr,
          notifier?.matcher_addr,
          harbor.matcher_addr,
        ];
        for (const url of urls) {
          if (url) assert.ok(services.includes(String(url)), String(url));
        }
        assert.equal(config.indexer.migrations, ofKind(name, 'Job').length === 0);
        assert.equal(matcher.disable_updaters, name === 'airgapped');
      }
    });

    it(`run nobody's processes on what cannot be written: ${name}`, () => {
      for (const { spec } of [...ofKind(name, 'Deployment'), ...ofKind(name, 'Job')]) {
        const pod = spec.template.spec;
        assert.equal(pod.securityContext.runAsUser, 65_534);
        assert.equal(pod.automountServiceAccountToken, false);
        for (const container of [...pod.containers, ...(pod.initContainers ?? [])]) {
          const { readOnlyRootFilesystem: isReadOnly, allowPrivilegeEscalation } = container.securityContext;
          assert.deepEqual([isReadOnly, allowPrivilegeEscalation], [true, false], container.name);
          const volumes = pod.volumes.map((volume: Manifest) => volume.name);
          for (const mount of container.volumeMounts) assert.ok(volumes.includes(mount.name), mount.name);
          assert.ok(
            container.volumeMounts.some((mount: Manifest) => mount.mountPath === '/tmp'),
            container.name,
          );
        }
      }
    });
  }

  it('call commands of clairctl that there are', async () => {
    const program = await loadProgram();
    const containers = SETS.flatMap((name) => [...ofKind(name, 'Deployment'), ...ofKind(name, 'Job')])
      .flatMap(({ spec }) => [...spec.template.spec.containers, ...(spec.template.spec.initContainers ?? [])])
      .filter(({ command }) => command?.[0] === '/usr/bin/clairctl');
    assert.equal(containers.length, 4);
    for (const { command } of containers) {
      const [, group, name, ...rest] = command as string[];
      const found = program.commands
        .find((each) => each.name() === group)
        ?.commands.find((each) => each.name() === name);
      assert.ok(found, `${group} ${name}`);
      for (const flag of rest.filter((arg) => arg.startsWith('--'))) {
        assert.ok(
          found.options.some(({ long }) => long === flag),
          flag,
        );
      }
    }
  });

  it('have what operators add, in every container of Clair, and no blank where they add nothing', () => {
    const pods = [...ofKind('airgapped', 'Deployment'), ...ofKind('airgapped', 'Job')].map(
      ({ spec }) => spec.template.spec,
    );
    assert.ok(pods.length >= 3);
    for (const { serviceAccountName, automountServiceAccountToken, volumes, ...pod } of pods) {
      assert.deepEqual([serviceAccountName, automountServiceAccountToken], ['clair', false]);
      assert.ok(volumes.some(({ name }: Manifest) => name === 'authority'));
      const all: Manifest[] = [...(pod.initContainers ?? []), ...pod.containers];
      for (const { resources } of all) assert.ok(resources.limits.memory && resources.requests.cpu);
      for (const { envFrom, volumeMounts } of all.filter(({ image }) => image.includes('/clair:'))) {
        assert.deepEqual(envFrom, [{ configMapRef: { name: 'clair-environment' } }]);
        assert.ok(volumeMounts.some(({ name }: Manifest) => name === 'authority'));
      }
    }
    for (const { spec } of ofKind('distributed', 'Deployment'))
      assert.equal(spec.template.spec.containers[0].envFrom, undefined);
    const [cluster] = ofKind('cloudnativepg', 'Cluster');
    assert.equal(cluster.metadata.annotations['helm.sh/resource-policy'], 'keep');
  });

  it('mount secrets where drop-ins are looked for', async () => {
    const { volumes } = ofKind('distributed', 'Deployment')[0].spec.template.spec;
    const { sources } = volumes.find((volume: Manifest) => volume.name === 'config').projected;
    assert.deepEqual(sources[1].secret, {
      name: 'clair-secrets',
      items: [{ key: 'psk.yaml', path: 'config.yaml.d/00-psk.yaml' }],
    });
    // As the kubelet lays them out: a folder that is changed as a whole, and links into it.
    const data = join(folder, '..2026_01_01');
    mkdirSync(join(data, 'config.yaml.d'), { recursive: true });
    writeFileSync(join(data, 'config.yaml'), 'log_level: warn\n');
    writeFileSync(
      join(data, 'config.yaml.d', '00-psk.yaml'),
      'auth: { psk: { key: c2VjcmV0, iss: [quay] } }\n',
    );
    symlinkSync('..2026_01_01', join(folder, '..data'));
    for (const name of ['config.yaml', 'config.yaml.d'])
      symlinkSync(join('..data', name), join(folder, name));
    const { config } = await loadConfig(join(folder, 'config.yaml'));
    assert.deepEqual([config.log_level, config.auth?.psk?.iss], ['warn', ['quay']]);
  });
});
