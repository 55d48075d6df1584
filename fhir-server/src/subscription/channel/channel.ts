/** How notifications leave the server. https://hl7.org/fhir/R4/subscription.html#2.46.7 */
import type { Subscription } from '@medplum/fhirtypes';

export interface Notification {
  readonly subscription: Subscription;
  /** The same at each attempt, so that receivers can recognise repetitions. */
  readonly eventId: string;
  /** The resource version as stored. */
  readonly content: string;
}

export interface Channel {
  /** Resolves when the receiver has it; throws an Error with a reason in words otherwise. */
  send(notification: Notification, signal: AbortSignal): Promise<void>;
}
