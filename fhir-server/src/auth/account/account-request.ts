/** A request to an account page, after its checks. */
import type { Request, Response } from 'express';
import type { AccountSession } from './account-session.ts';
import type { AccountServices } from './services.ts';

/** A request of somebody whose session is good enough, and whose form, if it is one, is from our page. */
export interface AccountRequest {
  readonly request: Request;
  readonly response: Response;
  readonly session: AccountSession;
  /** For the forms of the page. */
  readonly token: string;
  readonly form: Readonly<Record<string, unknown>>;
}

export type AccountHandler = (services: AccountServices, request: AccountRequest) => Promise<void>;

/** Back to the first page, which tells what was done. */
export const goHome = ({ response }: AccountRequest, message: string): void =>
  response.redirect(303, `/oauth2/account?done=${message}`);
