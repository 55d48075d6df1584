/** The settings and secrets that manifests give to processes: whether they are there, and where the settings say. */
import { workloads, type KubernetesObject, type Workload } from './kubernetes.ts';
import type { Rule } from './kubernetes-policy.ts';

/** Names and values of the environment of a workload's containers. */
export function environmentOf(
  objects: readonly KubernetesObject[],
  { pod }: Workload,
): Record<string, string> {
  const maps = pod.containers.flatMap(({ envFrom = [] }) =>
    envFrom.map(({ configMapRef }) => configMapRef.name),
  );
  const data = objects.filter(({ kind, metadata }) => kind === 'ConfigMap' && maps.includes(metadata.name));
  const own = pod.containers.flatMap(({ env = [] }) =>
    env.map(({ name, value = '' }) => [name, value] as const),
  );
  return Object.assign({}, ...data.map((map) => map.data), Object.fromEntries(own)) as Record<string, string>;
}

/** Names of the entries of each Secret, whoever makes it. */
function secrets(objects: readonly KubernetesObject[]): Map<string, readonly string[]> {
  const made = objects
    .filter(({ kind }) => kind === 'Secret')
    .map(({ metadata, data = {} }) => [metadata.name, Object.keys(data)] as const);
  const fetched = objects
    .filter(({ kind }) => kind === 'ExternalSecret')
    .map(({ spec = {} }) => {
      const { target, data } = spec as unknown as { target: { name: string }; data: { secretKey: string }[] };
      return [target.name, data.map(({ secretKey }) => secretKey)] as const;
    });
  return new Map([...made, ...fetched]);
}

export const volumesThere: Rule = (objects) => {
  const known = secrets(objects);
  const claims = objects
    .filter(({ kind }) => kind === 'PersistentVolumeClaim')
    .map(({ metadata }) => metadata.name);
  return workloads(objects).flatMap(({ name, pod: { volumes = [] } }) =>
    volumes.flatMap(({ secret, persistentVolumeClaim: claim }) => [
      ...(secret === undefined || known.has(secret.secretName)
        ? []
        : [`${name} mounts no secret ${secret.secretName}`]),
      ...(claim === undefined || claims.includes(claim.claimName)
        ? []
        : [`${name} mounts no volume ${claim.claimName}`]),
    ]),
  );
};

/** `X_FILE=/run/secrets/<volume>/<entry>`: the volume is mounted there, and its secret has the entry. */
export const secretFilesThere: Rule = (objects) => {
  const known = secrets(objects);
  return workloads(objects).flatMap((workload) => {
    const { name, pod } = workload;
    const mounts = pod.containers.flatMap(({ volumeMounts = [] }) => volumeMounts);
    const files = Object.entries(environmentOf(objects, workload)).filter(([setting]) =>
      setting.endsWith('_FILE'),
    );
    return files.flatMap(([setting, file]) => {
      const folder = file.slice(0, file.lastIndexOf('/'));
      const volume = mounts.find(({ mountPath }) => mountPath === folder)?.name;
      const secret = pod.volumes?.find((each) => each.name === volume)?.secret?.secretName ?? '';
      const entry = file.slice(folder.length + 1);
      return known.get(secret)?.includes(entry) === true
        ? []
        : [`${name}: ${setting} names ${file}, which is not there`];
    });
  });
};

/** Secrets stand in no environment, and in no manifest but where they are made. */
export const noSecretInTheOpen: Rule = (objects) =>
  workloads(objects).flatMap((workload) =>
    Object.keys(environmentOf(objects, workload))
      .filter((setting) =>
        /SECRET$|PASSWORD$|_KEY$|^DATABASE_URL$|^DATABASE_REPLICA_URL$|^REDIS_URL$/.test(setting),
      )
      .map((setting) => `${workload.name}: ${setting} stands in the environment`),
  );
