import { ConfigError } from '@quartet/common/config/config.ts';
import { privatePortOf } from '@quartet/common/service/description.ts';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { type ServiceName, serviceNames, services as table, upstreamNames } from '../../services/services.ts';
import { withoutOthersSecrets } from '../../tools/stack/service-settings.ts';
import { configOf } from './configs.ts';
import { isHere, type Resource, render } from './read-deploy.ts';

const COMPONENT = 'app.kubernetes.io/component';
const services = serviceNames;
const privatePort = (service: ServiceName) => privatePortOf(table[service].port);

const probe = (path: string) =>
  z.object({ httpGet: z.object({ path: z.literal(path), port: z.literal('private') }) });
const reference = z.object({ name: z.string() });

/** Every pod must match this; a missing or different field is a fault. */
const deployment = z.object({
  spec: z.object({
    strategy: z.object({ rollingUpdate: z.object({ maxUnavailable: z.literal(0) }) }),
    template: z.object({
      metadata: z.object({ labels: z.record(z.string(), z.string()) }),
      spec: z.object({
        automountServiceAccountToken: z.literal(false),
        serviceAccountName: z.string(),
        terminationGracePeriodSeconds: z.number().min(16),
        securityContext: z.object({
          runAsNonRoot: z.literal(true),
          runAsUser: z.number().min(1),
          seccompProfile: z.object({ type: z.literal('RuntimeDefault') }),
        }),
        containers: z.tuple([
          z.object({
            securityContext: z.object({
              readOnlyRootFilesystem: z.literal(true),
              allowPrivilegeEscalation: z.literal(false),
              capabilities: z.object({ drop: z.tuple([z.literal('ALL')]) }),
            }),
            resources: z.object({
              requests: z.object({ cpu: z.string(), memory: z.string() }),
              limits: z.object({ memory: z.string() }),
            }),
            ports: z.array(z.object({ name: z.string(), containerPort: z.number() })),
            readinessProbe: probe('/health/ready'),
            livenessProbe: probe('/health/live'),
            envFrom: z.array(
              z.object({ configMapRef: reference.optional(), secretRef: reference.optional() }),
            ),
          }),
        ]),
      }),
    }),
  }),
});

const policy = z.object({
  spec: z.object({
    podSelector: z.looseObject({ matchLabels: z.record(z.string(), z.string()).optional() }),
    policyTypes: z.array(z.string()),
    ingress: z
      .array(z.object({ from: z.array(z.looseObject({})), ports: z.array(z.looseObject({})) }))
      .default([]),
  }),
});

describe.skipIf(!isHere('kubectl'))('what kustomize makes of the example (skipped without kubectl)', () => {
  let rendered: Resource[] | undefined;
  const all = (kind: string): Resource[] => {
    rendered ??= render('deploy/kubernetes/overlays/example');
    return rendered.filter((resource) => resource.kind === kind);
  };
  const named = (kind: string, name: string): Resource => {
    const found = all(kind).find(({ metadata }) => metadata.name === name);
    if (!found) throw new Error(`there is no ${kind} ${name}`);
    return found;
  };
  const podOf = (service: string) => deployment.parse(named('Deployment', service)).spec.template;
  /** Returns the environment of a pod from ConfigMaps and Secrets. */
  const environmentOf = (service: string): Record<string, string> => {
    const [{ envFrom }] = podOf(service).spec.containers;
    const parts = envFrom.map(({ configMapRef, secretRef }) => {
      if (configMapRef)
        return z.record(z.string(), z.string()).parse(named('ConfigMap', configMapRef.name).data);
      const { data } = named('Secret', secretRef?.name ?? '');
      const encoded = z.record(z.string(), z.base64()).parse(data);
      return Object.fromEntries(Object.entries(encoded).map(([key, value]) => [key, atob(value)]));
    });
    return Object.assign({}, ...parts);
  };

  test('then there is a deployment for each service, and no other', () => {
    expect(
      all('Deployment')
        .map(({ metadata }) => metadata.name)
        .toSorted(),
    ).toEqual(services.toSorted());
  });

  test.each(services)(
    'given %s, then it is not root, writes nothing, and has probes, limits and its own account',
    (service) => {
      const { spec, metadata } = podOf(service);
      expect(spec.serviceAccountName).toBe(service);
      expect(named('ServiceAccount', service).automountServiceAccountToken).toBe(false);
      expect(spec.containers[0].ports).toContainEqual({
        name: 'private',
        containerPort: privatePort(service),
      });
      expect(metadata.labels[COMPONENT]).toBe(service);
      expect(named('PodDisruptionBudget', service)).toBeDefined();
    },
  );

  test.each(services)(
    'given %s, then it starts with its settings, but not with the secrets of the example',
    (service) => {
      const env = environmentOf(service);
      expect(() => configOf(service).loadConfig(env)).toThrow(ConfigError);
      const secrets = Object.entries(env).map(([name, value]) => [
        name,
        value === 'changethis' ? 'Tq8vZ2mXc5Lr0Bn7Ks4Jd1Wf9Hg6Pa3Y' : value,
      ]);
      expect(configOf(service).loadConfig(Object.fromEntries(secrets)).privatePort).toBe(
        privatePort(service),
      );
    },
  );

  test.each(services)('given %s, then it gets no secret of another service', (service) => {
    const env = environmentOf(service);
    expect(withoutOthersSecrets(service, env)).toEqual(env);
  });

  test.each(services)('given %s, then its policy admits only the named callers', (service) => {
    const { spec } = policy.parse(named('NetworkPolicy', service));
    expect(spec.podSelector.matchLabels).toEqual({ [COMPONENT]: service });
    expect(spec.policyTypes).toEqual(['Ingress', 'Egress']);
    for (const { from, ports } of spec.ingress) {
      expect(from.length).toBeGreaterThan(0);
      expect(ports.length).toBeGreaterThan(0);
    }
  });

  test('given the policies, then all else is denied, and only the gateway is reachable from outside', () => {
    const denied = policy.parse(named('NetworkPolicy', 'nothing-else')).spec;
    expect(denied).toEqual({ podSelector: {}, policyTypes: ['Ingress', 'Egress'], ingress: [] });
    const opened = all('NetworkPolicy').filter((one) => {
      const { ingress } = policy.parse(one).spec;
      return ingress.some(({ from }) =>
        from.some((peer) => 'namespaceSelector' in peer || 'ipBlock' in peer),
      );
    });
    expect(opened.map(({ metadata }) => metadata.name).toSorted()).toEqual([
      'from-ingress',
      'from-prometheus',
    ]);
    const { spec } = policy.parse(named('NetworkPolicy', 'from-ingress'));
    expect(spec.podSelector.matchLabels).toEqual({ [COMPONENT]: 'gateway' });
  });

  test('given the names that the gateway resolves, then they return all replicas', () => {
    const service = z.object({ spec: z.object({ clusterIP: z.string().optional() }) });
    const addressOf = (name: string) => service.parse(named('Service', name)).spec.clusterIP;
    expect(addressOf('gateway')).toBeUndefined();
    for (const name of upstreamNames) expect([name, addressOf(name)]).toEqual([name, 'None']);
    expect(named('HorizontalPodAutoscaler', 'items')).toBeDefined();
  });
});
