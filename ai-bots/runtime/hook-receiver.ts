/** Receives rest-hook notifications: only signed ones, and answers 2xx only for work that is done or durably recorded. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Resource } from '@medplum/fhirtypes';
import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import { isTransient } from './http-failure.ts';
import type { Logger } from './logger.ts';
import { asPartOf } from './tracing.ts';

/** What became of a notification: `recorded` means that the work goes on and would survive a crash, `failed` that a Task says why. */
export type Outcome = 'done' | 'recorded' | 'ignored' | 'failed';

export type Handler = (resource: Resource) => Promise<Outcome>;

export interface Hook {
  readonly handle: Handler;
  /** Signs the notifications to this hook. */
  readonly secret: string;
  /** Whether the bot's Subscriptions are in place, for `/readyz` and `/readyz/<path>`. */
  readonly isReady: () => boolean;
}

export interface ReceiverOptions {
  /** By path below `/hooks/`. */
  readonly hooks: Readonly<Record<string, Hook>>;
  readonly bodySizeMaxBytes: number;
  readonly logger: Logger;
  /** What `/metrics` answers. */
  readonly metrics: { readonly contentType: string; metrics(): Promise<string> };
  /** What `/providers` answers: the health of the AI providers, for operators. */
  readonly providers?: () => Promise<unknown>;
}

/** Answers 200 or 202, 400 for a body that is no resource, 401 without a valid signature, 503 when it should be sent again. */
export function createReceiver(options: ReceiverOptions): Express {
  const app = express();
  app.disable('x-powered-by');
  app.get('/livez', (_request, response) => {
    response.type('text/plain').send('ok');
  });
  app.get('/metrics', async (_request, response) => {
    response.type(options.metrics.contentType).send(await options.metrics.metrics());
  });
  const { providers } = options;
  if (providers !== undefined)
    app.get('/providers', async (_request, response) => {
      response.json(await providers());
    });
  const hooks = Object.entries(options.hooks);
  answerReadiness(app, '/readyz', hooks);
  for (const [path, hook] of hooks) {
    answerReadiness(app, `/readyz/${path}`, [[path, hook]]);
    app.post(
      `/hooks/${path}`,
      express.raw({ type: () => true, limit: options.bodySizeMaxBytes }),
      (request, response) =>
        asPartOf(request.headers, () => receive(options.logger, path, hook, request, response)),
    );
  }
  app.use((error: { status?: number }, _request: Request, response: Response, _next: NextFunction) => {
    response
      .status(error.status ?? 500)
      .json({ error: error.status === 413 ? 'too large' : 'unreadable request' });
  });
  return app;
}

function answerReadiness(app: Express, path: string, hooks: readonly (readonly [string, Hook])[]): void {
  app.get(path, (_request, response) => {
    const waiting = hooks.filter(([, hook]) => !hook.isReady()).map(([name]) => name);
    response
      .status(waiting.length === 0 ? 200 : 503)
      .type('text/plain')
      .send(waiting.length === 0 ? 'ok' : `not registered yet: ${waiting.join(', ')}`);
  });
}

async function receive(
  logger: Logger,
  bot: string,
  hook: Hook,
  request: Request,
  response: Response,
): Promise<void> {
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  if (!isSigned(body, request.get('x-signature'), hook.secret)) {
    response.status(401).json({ error: 'the signature is missing or wrong' });
    return;
  }
  const resource = parseResource(body);
  if (resource === undefined) {
    response.status(400).json({ error: 'the body is not a FHIR resource in JSON' });
    return;
  }
  const ids = { bot, type: resource.resourceType, id: resource.id, event: request.get('x-event-id') };
  const start = performance.now();
  try {
    const outcome = await hook.handle(resource);
    logger.info({ ...ids, outcome, ms: Math.round(performance.now() - start) }, 'notification');
    response.status(outcome === 'recorded' ? 202 : 200).json({ outcome });
  } catch (error) {
    logger.error({ ...ids, err: error, transient: isTransient(error) }, 'notification not handled');
    response.status(503).set('Retry-After', '5').json({ error: 'not handled, please send again' });
  }
}

/** Compares in constant time; `signature` is `sha256=<hex>` of the raw body. */
export function isSigned(body: Buffer, signature: string | undefined, secret: string): boolean {
  const given = Buffer.from(signature ?? '', 'latin1');
  const expected = Buffer.from(`sha256=${createHmac('sha256', secret).update(body).digest('hex')}`, 'latin1');
  return given.length === expected.length && timingSafeEqual(given, expected);
}

function parseResource(body: Buffer): Resource | undefined {
  try {
    const value = JSON.parse(body.toString('utf8')) as Partial<Resource> | null;
    return typeof value?.resourceType === 'string' ? (value as Resource) : undefined;
  } catch {
    return undefined;
  }
}
