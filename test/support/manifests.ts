/** Kubernetes' own schemas, for manifests that are written by hand. */
import { ServiceMonitor } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1';
import { Deployment } from 'kubernetes-models/apps/v1';
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1';
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1';
import { Service } from 'kubernetes-models/v1';

const KINDS = { Deployment, NetworkPolicy, PodDisruptionBudget, Service, ServiceMonitor };

/** What is wrong with a manifest: a value of another type, a field that is missing, or one that nobody knows. */
export function manifestFaults(manifest: unknown): string[] {
  const kind = typeof manifest === 'object' && manifest !== null && 'kind' in manifest ? manifest.kind : '';
  const found = Object.entries(KINDS).find(([name]) => name === kind);
  if (!found) return [`no such kind: ${String(kind)}`];
  const [, { is, prototype }] = found;
  if (!is(manifest)) return ['another apiVersion'];
  const read = new Set<string>();
  try {
    prototype.validate.call(watched(manifest, '', read));
  } catch (error) {
    return [String(error)];
  }
  return pathsIn(manifest)
    .filter((path) => !read.has(path))
    .map((path) => `no such field: ${path}`);
}

/** The schemas are open, and the validators made of them read every field that they know: what is left unread is unknown. */
function watched<T extends object>(object: T, path: string, read: Set<string>): T {
  return new Proxy(object, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key);
      if (typeof key !== 'string' || !Object.hasOwn(target, key)) return value;
      read.add(`${path}/${key}`);
      return typeof value === 'object' && value !== null ? watched(value, `${path}/${key}`, read) : value;
    },
  });
}

function pathsIn(value: unknown, path = ''): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [
    `${path}/${key}`,
    ...pathsIn(inner, `${path}/${key}`),
  ]);
}
