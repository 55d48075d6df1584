/** One request of a person's browser within an authorization, as each step of it sees it. */
import type { Request, Response } from 'express';
import type Provider from 'oidc-provider';
import type { ClientDocument } from './client-store.ts';

export type Details = Awaited<ReturnType<Provider['interactionDetails']>>;

export interface Step {
  readonly request: Request;
  readonly response: Response;
  readonly details: Details;
  readonly client: ClientDocument;
  /** Fields of the form that was sent; none for a GET. */
  readonly form: Readonly<Record<string, unknown>>;
}

/** PostgreSQL's text holds no NUL: with one in it the value names nothing. */
export const text = (value: unknown): string =>
  typeof value === 'string' ? value.replaceAll('\0', '\ufffd') : '';

export const words = (value: unknown): string[] => text(value).split(' ').filter(Boolean);
