/** `config check`: whether a server would start with these settings, before it is to. */
import { ConfigError, loadConfig } from '../platform/config.ts';

/** So many settings that begin alike are a family: another name in it is a slip, and none of another program. */
const FAMILY_MIN = 3;

const familyOf = (name: string): string => name.split('_', 1)[0] ?? name;

/** Names in the environment that look like settings of the server and are none. Pure. */
export function unknownSettings(given: readonly string[], known: ReadonlySet<string>): string[] {
  const families = Map.groupBy(known, familyOf);
  return given.filter((name) => {
    // A secret may come from a file.
    if (known.has(name) || known.has(name.replace(/_FILE$/, ''))) return false;
    return name.includes('_') && (families.get(familyOf(name))?.length ?? 0) >= FAMILY_MIN;
  });
}

/** Tells each fault on a line of its own, and no value. Ends the process with 1 where there is one. */
export function checkConfig(env: NodeJS.ProcessEnv): Promise<void> {
  const known = new Set<string>();
  try {
    loadConfig(env, (name) => known.add(name));
    console.log('The settings are sound.');
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
  for (const name of unknownSettings(Object.keys(env).toSorted(), known))
    console.error(`${name} is no setting of the server, and has no effect`);
  return Promise.resolve();
}
