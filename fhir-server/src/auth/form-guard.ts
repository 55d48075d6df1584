/** Forms of the account pages are taken from those pages alone, and from the session that they were made for. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { NextFunction, Request, Response } from 'express';
import { errorPage } from './error-page.ts';
import { isSameOrigin } from './same-origin.ts';

/** Answers 403 to a form that another site sends. */
export const refuseForeignForms =
  (baseUrl: string) =>
  (request: Request, response: Response, next: NextFunction): void => {
    if (request.method === 'GET' || request.method === 'HEAD' || isSameOrigin(request.headers, baseUrl))
      return next();
    response.status(403).send(errorPage('access_denied', 'This form was sent from another site.'));
  };

/** The field of a form that only the pages of this session hold. */
export interface FormToken {
  create(sessionUid: string): string;
  isRight(sessionUid: string, given: unknown): boolean;
}

export function createFormToken(secret: string): FormToken {
  const create = (sessionUid: string): string =>
    createHmac('sha256', secret).update(`form\n${sessionUid}`).digest('base64url');
  return {
    create,
    isRight(sessionUid, given) {
      const [a, b] = [Buffer.from(typeof given === 'string' ? given : ''), Buffer.from(create(sessionUid))];
      return a.length === b.length && timingSafeEqual(a, b);
    },
  };
}
