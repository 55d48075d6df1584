/** What a process that a test starts gets of ours: nothing that it could read as a setting. */
const { PATH, NODE_COMPILE_CACHE } = process.env;

export const childEnvironment: Readonly<NodeJS.ProcessEnv> = {
  PATH,
  ...(NODE_COMPILE_CACHE !== undefined && { NODE_COMPILE_CACHE }),
};
