/** An environment that tells which of its names are asked for. */

/** @param onRead told each name; undefined: nobody asks, and the environment is as it was */
export const watched = (
  env: NodeJS.ProcessEnv,
  onRead: ((name: string) => void) | undefined,
): NodeJS.ProcessEnv =>
  onRead === undefined
    ? env
    : new Proxy(env, {
        get(target, name) {
          if (typeof name === 'string') onRead(name);
          return Reflect.get(target, name) as string | undefined;
        },
      });
