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
import { isDocumented } from '../metric-docs.ts';

// biome-ignore lint/suspicious/noExplicitAny: manifests are read as a cluster would
type Manifest = any;

const chart = join(ROOT, 'deploy/helm/clair');
const rendered = join(ROOT, 'deploy/kubernetes');
const SETS = ['airgapped', 'cloudnativepg', 'combo', 'distributed', 'openshift', 'private-ca'];
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
      'openshift: maybe',
      'drainSeconds: 3601',
      'autoscaling: { source: memory }',
      'matcher: { autoscaling: { targetQueueSeconds: 60 } }',
      'httpRoute: { timeout: 30 min }',
      'trustedCA: { configmap: x }',
    ]) {
      assert.equal(validate(parse(wrong)), false, wrong);
    }
  });

  it('takes the values of the example for Argo CD', () => {
    const validate = new Ajv({ strict: false }).compile(JSON.parse(read(chart, 'values.schema.json')));
    const { source } = parse(read(ROOT, 'examples/argo-cd/application.yaml')).spec;
    assert.equal(join(ROOT, source.path), chart);
    assert.ok(validate(source.helm.valuesObject), JSON.stringify(validate.errors));
  });

  it('has each value in the guide', () => {
    const guide = read(ROOT, 'docs/how-to/deploy-on-kubernetes.md');
    const values = Object.keys(parse(read(chart, 'values.yaml')));
    assert.deepEqual(
      values.filter((name) => !new RegExp(`^\\|[^|]*\\b${name}\\b`, 'm').test(guide)),
      [],
    );
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
        const { runAsUser, runAsGroup, fsGroup, runAsNonRoot } = pod.securityContext;
        const user = name === 'openshift' ? undefined : 65_534;
        assert.deepEqual([runAsUser, runAsGroup, fsGroup, runAsNonRoot], [user, user, user, true]);
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
    assert.equal(containers.length, 6);
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
      assert.ok(volumes.some(({ name }: Manifest) => name === 'broker-client'));
      const all: Manifest[] = [...(pod.initContainers ?? []), ...pod.containers];
      for (const { resources } of all) assert.ok(resources.limits.memory && resources.requests.cpu);
      for (const { envFrom, volumeMounts } of all.filter(({ image }) => image.includes('/clair:'))) {
        assert.deepEqual(envFrom, [{ configMapRef: { name: 'clair-environment' } }]);
        assert.ok(volumeMounts.some(({ name }: Manifest) => name === 'broker-client'));
      }
    }
    for (const { spec } of ofKind('distributed', 'Deployment'))
      assert.equal(spec.template.spec.containers[0].envFrom, undefined);
    const [cluster] = ofKind('cloudnativepg', 'Cluster');
    assert.equal(cluster.metadata.annotations['helm.sh/resource-policy'], 'keep');
  });

  it('trust authorities that operators name: in every container, where the image and the connection string say', () => {
    const image = read(ROOT, 'deploy/Containerfile');
    const [directories = ''] = /(?<=SSL_CERT_DIR=)\S+/.exec(image) ?? [];
    for (const [set, source] of [
      ['airgapped', { configMap: { name: 'internal-ca', items: [{ key: 'ca.crt', path: 'ca.crt' }] } }],
      [
        'openshift',
        { configMap: { name: 'clair-trusted-ca', items: [{ key: 'ca-bundle.crt', path: 'ca-bundle.crt' }] } },
      ],
      ['private-ca', { secret: { secretName: 'company-ca', items: [{ key: 'ca.pem', path: 'ca.pem' }] } }],
    ] as const) {
      const pods = [...ofKind(set, 'Deployment'), ...ofKind(set, 'Job')].map(
        ({ spec }) => spec.template.spec,
      );
      for (const { volumes, containers, initContainers = [] } of pods) {
        const { name, ...volume } = volumes.find((each: Manifest) => each.name === 'trusted-ca');
        assert.deepEqual(volume, source, set);
        for (const { volumeMounts, env } of [...containers, ...initContainers]) {
          const { mountPath } = volumeMounts.find((each: Manifest) => each.name === name);
          const own = env.find((each: Manifest) => each.name === 'SSL_CERT_DIR')?.value ?? directories;
          assert.ok(own.split(':').includes(mountPath), mountPath);
        }
      }
    }
    for (const [set, volume] of [
      ['private-ca', { configMap: { name: 'postgres-ca', items: [{ key: 'ca.crt', path: 'ca.crt' }] } }],
      [
        'cloudnativepg',
        { secret: { secretName: 'clair-database-ca', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
      ],
    ] as const) {
      for (const { spec } of [...ofKind(set, 'Deployment'), ...ofKind(set, 'Job')]) {
        const { volumes, containers } = spec.template.spec;
        const { name, ...found } = volumes.find((each: Manifest) => each.name === 'database-ca');
        assert.deepEqual(found, volume, set);
        const { mountPath } = containers[0].volumeMounts.find((each: Manifest) => each.name === name);
        for (const { data } of ofKind(set, 'ConfigMap')) {
          const { indexer, matcher } = parse(data['config.yaml']);
          for (const { connstring } of [indexer, matcher])
            assert.match(connstring, new RegExp(`sslmode=verify-full sslrootcert=${mountPath}/ca.crt `));
        }
      }
    }
  });

  it('give requests the time that the configuration has for them, before they are killed', async () => {
    for (const [set, drain] of [
      ['combo', 10_000],
      ['private-ca', 300_000],
    ] as const) {
      const config = ofKind(set, 'ConfigMap').find(({ metadata }) => metadata.name === 'clair')!;
      assert.equal(parseConfig(config.data['config.yaml'], '.yaml', set).config.drain_timeout, drain);
      for (const { spec } of ofKind(set, 'Deployment')) {
        const { terminationGracePeriodSeconds: grace, containers } = spec.template.spec;
        const [command, seconds] = containers[0].lifecycle.preStop.exec.command;
        assert.equal(command, 'sleep');
        assert.ok(grace * 1000 > drain + Number(seconds) * 1000 + 20_000, set);
      }
    }
  });

  it('scale by metrics that there are', () => {
    const named = new Set<string>();
    for (const { spec } of ofKind('distributed', 'HorizontalPodAutoscaler')) {
      for (const { type, resource, external } of spec.metrics) {
        named.add(type === 'Resource' ? resource.name : external.metric.name);
        if (type === 'External')
          assert.deepEqual(external.metric.selector.matchLabels, { job: spec.scaleTargetRef.name });
      }
    }
    const ages = ['clair_indexer_jobs_oldest_seconds', 'clair_indexer_pulls_oldest_seconds'];
    assert.deepEqual([...named].sort(), [...ages, 'clair_matcher_reports_per_second', 'cpu']);
    for (const name of ages) assert.ok(isDocumented(name), name);

    const scaled = ofKind('private-ca', 'ScaledObject');
    assert.deepEqual(
      scaled.map(({ spec }) => spec.scaleTargetRef.name),
      ['clair-indexer', 'clair-matcher'],
    );
    for (const { spec } of scaled) {
      const [cpu, ...more] = spec.triggers;
      assert.equal(cpu.type, 'cpu');
      assert.ok(more.length > 0);
      for (const { metadata } of more) {
        const [metric = ''] = /clair_\w+(?=\{)/.exec(metadata.query) ?? [];
        assert.ok(isDocumented(metric.replace(/_count$/, '')), metadata.query);
        assert.ok(metadata.query.includes(`{namespace="clair",job="${spec.scaleTargetRef.name}"}`));
      }
    }
    // A number of replicas that is written again at each upgrade would undo what the autoscaler did.
    for (const set of ['distributed', 'private-ca'])
      for (const { metadata, spec } of ofKind(set, 'Deployment'))
        assert.equal(spec.replicas, metadata.name === 'clair-notifier' ? 2 : undefined, metadata.name);
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
