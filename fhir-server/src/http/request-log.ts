/** A request id and one line in the log for each request, without query values or bodies. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from '../platform/logger.ts';
import { bound, isTracing } from '../platform/tracing.ts';

export const requestIdOf = (response: ServerResponse): string =>
  String(response.getHeader('X-Request-Id') ?? '');

/** Ids stand for persons, so the path is cut to its first segment below the base. */
const route = (path: string): string =>
  /^\/fhir\/R4\/[A-Za-z$_.-]*|^\/[a-z0-9-]*\/?[a-z-]*/i.exec(path)?.[0] ?? '/';

export function requestLog(logger: Logger) {
  const isWordy = logger.isLevelEnabled('debug');
  return (request: IncomingMessage, response: ServerResponse): void => {
    response.setHeader('X-Request-Id', randomUUID());
    const started = performance.now();
    // A router may change the url while the request is under way.
    const { url = '/' } = request;
    const tell = (): void => {
      const { statusCode: status } = response;
      if (status < 500 && !isWordy) return;
      const durationMs = Math.round((performance.now() - started) * 10) / 10;
      const line = {
        requestId: requestIdOf(response),
        method: request.method,
        route: route(url),
        status,
        durationMs,
      };
      if (status >= 500) logger.error(line, 'request');
      else logger.debug(line, 'request');
    };
    response.on('finish', isTracing() ? bound(tell) : tell);
  };
}
