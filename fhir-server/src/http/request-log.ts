/** A request id and one line in the log for each request, without query values or bodies. */
import { randomUUID } from 'node:crypto';
import type { NextFunction, Request, Response } from 'express';
import type { Logger } from '../platform/logger.ts';

export const requestIdOf = (response: Response): string => String(response.getHeader('X-Request-Id') ?? '');

/** Ids stand for persons, so the path is cut to its first segment below the base. */
const route = (path: string): string =>
  /^\/fhir\/R4\/[A-Za-z$_.-]*|^\/[a-z0-9-]*\/?[a-z-]*/i.exec(path)?.[0] ?? '/';

export function requestLog(logger: Logger) {
  return (request: Request, response: Response, next: NextFunction): void => {
    response.setHeader('X-Request-Id', randomUUID());
    const started = performance.now();
    const path = route(request.path);
    response.on('finish', () => {
      const durationMs = Math.round((performance.now() - started) * 10) / 10;
      const { statusCode: status } = response;
      const line = {
        requestId: requestIdOf(response),
        method: request.method,
        route: path,
        status,
        durationMs,
      };
      if (status >= 500) logger.error(line, 'request');
      else logger.debug(line, 'request');
    });
    next();
  };
}
