/** The channels of this server, by the type that a Subscription names. */
import type { Egress } from '../../egress/index.ts';
import type { SubscriptionConfig } from '../../platform/subscription-config.ts';
import type { Channel } from './channel.ts';
import { createEmail } from './email.ts';
import { createRestHook } from './rest-hook.ts';

export interface Channels extends Channel {
  close(): void;
}

export function createChannels(options: {
  readonly egress: Pick<Egress, 'post'>;
  readonly settings: Pick<SubscriptionConfig, 'timeoutMs' | 'mail'>;
  readonly fhirBase: string;
}): Channels {
  const { egress, fhirBase } = options;
  const { timeoutMs, mail } = options.settings;
  const email = mail && createEmail({ mail, fhirBase, timeoutMs });
  const byType: Readonly<Partial<Record<string, Channel>>> = {
    'rest-hook': createRestHook({ egress, timeoutMs }),
    ...(email && { email }),
  };
  return {
    async send(notification, signal) {
      const { type } = notification.subscription.channel;
      const channel = byType[type];
      if (channel === undefined) throw new Error(`channels of type ${type} are off`);
      await channel.send(notification, signal);
    },
    close: () => email?.close(),
  };
}
