/** A connection to Redis that never makes anybody wait for long: what cannot be sent, or is not answered in time, fails. */
import { type Command, Redis, type RedisOptions } from 'ioredis';

const COMMAND_TIMEOUT_MS = 250;
const CONNECT_TIMEOUT_MS = 2_000;
const RECONNECT_MAX_MS = 5_000;
/** Whoever hangs would otherwise cost each request the whole time of a command. */
const REST_MS = 2_000;

export const BOUNDED = {
  // A command that cannot be sent at once fails at once.
  enableOfflineQueue: false,
  maxRetriesPerRequest: 0,
  commandTimeout: COMMAND_TIMEOUT_MS,
  connectTimeout: CONNECT_TIMEOUT_MS,
  keepAlive: 10_000,
  retryStrategy: (times: number) => Math.min(times * 200, RECONNECT_MAX_MS),
} satisfies RedisOptions;

/** After a command that was not answered in time the next ones fail at once, for a while. */
export class BoundedRedis extends Redis {
  restUntil = 0;

  override sendCommand(command: Command, stream?: Parameters<Redis['sendCommand']>[1]): unknown {
    if (this.status === 'ready' && Date.now() < this.restUntil) {
      command.reject(new Error('Redis did not answer in time a moment ago'));
      return command.promise;
    }
    command.promise.catch((error: unknown) => {
      if (error instanceof Error && error.message === 'Command timed out')
        this.restUntil = Date.now() + REST_MS;
    });
    return super.sendCommand(command, stream);
  }
}
