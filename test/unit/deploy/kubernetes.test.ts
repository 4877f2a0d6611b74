/** The manifests are what Kubernetes understands, fit together, and name only what Tasker has. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse as dotenv } from 'dotenv';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { ROUTES } from '../../../src/api/routes.ts';
import { variableNames } from '../../../src/config/environment.ts';
import { manifestFaults } from '../../support/manifests.ts';

const DIRECTORY = fileURLToPath(new URL('../../../deploy/kubernetes/', import.meta.url));
const read = (name: string) => readFileSync(`${DIRECTORY}${name}`, 'utf8');
const SECRETS = '/run/secrets/tasker';

interface Manifest {
  kind: string;
  metadata: { name: string; labels?: Labels };
  // biome-ignore lint/suspicious/noExplicitAny: the schemas say what it looks like, and a test asks them
  spec: any;
}
type Labels = Record<string, string>;

const kustomization = parse(read('kustomization.yaml')) as {
  resources: string[];
  images: { name: string; newTag: string }[];
  configMapGenerator: { name: string; envs: string[] }[];
};
const manifests = kustomization.resources.flatMap((name) =>
  parseAllDocuments(read(name)).map((document) => document.toJS({ maxAliasCount: -1 }) as Manifest),
);
const ofKind = (kind: string) => manifests.filter((manifest) => manifest.kind === kind);
const deployments = ofKind('Deployment');
const podLabels = deployments.map(({ spec }) => spec.template.metadata.labels as Labels);
const containers = deployments.map(({ spec }) => spec.template.spec.containers[0]);
const settings = dotenv(read('settings.env'));

/** How many of the two deployments have all of these labels. */
const matched = (selector: Labels) =>
  podLabels.filter((labels) => Object.entries(selector).every(([name, value]) => labels[name] === value))
    .length;

it('every file is one of the kustomization', () => {
  const others = readdirSync(DIRECTORY).filter((name) => !kustomization.resources.includes(name));
  expect(others.sort()).toEqual(['kustomization.yaml', 'settings.env']);
  expect(kustomization.configMapGenerator).toEqual([{ name: 'tasker', envs: ['settings.env'] }]);
});

describe('the schemas of Kubernetes', () => {
  it.each(manifests.map((manifest) => [`${manifest.kind} ${manifest.metadata.name}`, manifest] as const))(
    'know every field of %s',
    (_, manifest) => expect(manifestFaults(manifest)).toEqual([]),
  );

  it('find a wrong type, a missing field and one that does not exist', () => {
    const broken = structuredClone(deployments[0]);
    if (broken) broken.spec.template.spec.containers[0].redinessProbe = {};
    expect(manifestFaults(broken)).toEqual(['no such field: /spec/template/spec/containers/0/redinessProbe']);
    expect(manifestFaults({ ...ofKind('Service')[0], spec: { ports: 80 } })[0]).toContain('must be array');
    expect(manifestFaults({ ...ofKind('Service')[0], kind: 'Sevice' })).toEqual(['no such kind: Sevice']);
  });
});

describe('the selectors', () => {
  it('of deployments, services, budgets and policies match the pods that they are for', () => {
    expect(podLabels).toHaveLength(2);
    for (const { spec } of deployments) expect(matched(spec.selector.matchLabels)).toBe(1);
    for (const { spec } of ofKind('PodDisruptionBudget')) expect(matched(spec.selector.matchLabels)).toBe(1);
    expect(ofKind('Service').map(({ spec }) => matched(spec.selector))).toEqual([1]);
    expect(ofKind('NetworkPolicy').map(({ spec }) => matched(spec.podSelector.matchLabels))).toEqual([2, 1]);
    const labels = ofKind('Service')[0]?.metadata.labels;
    for (const { spec } of ofKind('ServiceMonitor')) expect(labels).toMatchObject(spec.selector.matchLabels);
  });

  it('leave each kind of process its own budget', () =>
    expect(ofKind('PodDisruptionBudget').map(({ metadata }) => metadata.name)).toEqual(
      deployments.map(({ metadata }) => metadata.name),
    ));
});

describe('ports and paths', () => {
  it('of probes are those that the API has', () => {
    const paths = ROUTES.filter(({ method }) => method === 'GET').map(({ path }) => path);
    const [api, jobs] = containers;
    expect(api.ports).toEqual([{ name: 'http', containerPort: 8001 }]);
    for (const name of ['startupProbe', 'livenessProbe', 'readinessProbe']) {
      expect(paths).toContain(api[name].httpGet.path);
      expect(api[name].httpGet.port).toBe('http');
    }
    expect(jobs.ports ?? jobs.livenessProbe).toBeUndefined();
  });

  it('have the same name from the container to Prometheus and the ingress', () => {
    const [service] = ofKind('Service');
    expect(service?.spec.ports[0]).toMatchObject({ name: 'http', targetPort: 'http' });
    expect(ofKind('ServiceMonitor')[0]?.spec.endpoints[0].port).toBe('http');
    expect(ofKind('NetworkPolicy')[1]?.spec.ingress[0].ports).toEqual([{ protocol: 'TCP', port: 'http' }]);
  });
});

describe('the settings', () => {
  const env = (container: { env: { name: string; value: string }[] }) =>
    Object.fromEntries(container.env.map(({ name, value }) => [name, value]));

  it('are variables that Tasker knows', () => {
    const names = [
      ...containers.flatMap((container) => Object.keys(env(container))),
      ...Object.keys(settings),
    ];
    expect(names.filter((name) => !variableNames().includes(name))).toEqual([]);
    expect(containers.map((container) => env(container).ROLE)).toEqual(['api', 'jobs']);
  });

  it('hold no secret: those are files of one that is mounted', () => {
    for (const container of containers) {
      const files = Object.entries(env(container)).filter(([name]) => name !== 'ROLE');
      for (const [name, path] of files) expect(path).toBe(`${SECRETS}/${name.replace(/_FILE$/, '')}`);
      expect(container.volumeMounts[0]).toEqual({ name: 'secrets', mountPath: SECRETS, readOnly: true });
    }
    for (const { spec } of deployments)
      expect(spec.template.spec.volumes[0].secret).toEqual({ secretName: 'tasker', defaultMode: 0o440 });
    expect(settings.REDIS_CA).toBe(`${SECRETS}/ca.pem`);
  });
});

describe('every pod', () => {
  it('is no root, can write nothing but /tmp, and has no rights', () => {
    for (const { spec } of deployments) {
      const { securityContext, automountServiceAccountToken, volumes } = spec.template.spec;
      expect(securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 1000 });
      expect(securityContext.seccompProfile).toEqual({ type: 'RuntimeDefault' });
      expect(automountServiceAccountToken).toBe(false);
      expect(volumes[1]).toEqual({ name: 'tmp', emptyDir: {} });
    }
    for (const container of containers) {
      expect(container.securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
      expect(container.resources.limits.memory).toBe('768Mi');
    }
  });

  it('has as long to end as Tasker takes', () => {
    for (const { spec } of deployments)
      expect(spec.template.spec.terminationGracePeriodSeconds).toBeGreaterThan(10);
  });

  it('has the image of this version', () => {
    const { version } = JSON.parse(read('../../package.json')) as { version: string };
    expect(kustomization.images).toEqual([{ name: 'tasker', newTag: version }]);
    expect(containers.map(({ image }) => image)).toEqual(['tasker', 'tasker']);
  });
});
