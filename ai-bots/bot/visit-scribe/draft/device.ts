/** The bot and the providers of its stages as Devices. https://hl7.org/fhir/R4/device.html */
import type { Device } from '@medplum/fhirtypes';
import type { ProviderName } from '../../../orchestrator/index.ts';
import { derivedId } from '../ids.ts';

const BOT_VERSION = '0.1.0';

export const botDevice: Device = {
  resourceType: 'Device',
  id: derivedId('device', BOT_VERSION),
  status: 'active',
  deviceName: [{ name: 'Visit scribe', type: 'user-friendly-name' }],
  type: { text: 'Software that drafts visit notes' },
  version: [{ type: { text: 'visit-scribe' }, value: BOT_VERSION }],
};

export const providerDeviceId = ({ name, version, model }: ProviderName): string =>
  derivedId('device', name, version, model ?? '');

/** One for each provider, version and model, shared by all drafts. */
export function providerDevice(provider: ProviderName): Device {
  const { name, version, model, remark } = provider;
  return {
    resourceType: 'Device',
    id: providerDeviceId(provider),
    status: 'active',
    deviceName: [{ name, type: 'manufacturer-name' }],
    ...(model === undefined ? {} : { modelNumber: model }),
    type: { text: 'Software that answers a stage of the visit scribe' },
    version: [{ type: { text: 'version' }, value: version }],
    ...(remark === undefined ? {} : { note: [{ text: remark }] }),
  };
}
