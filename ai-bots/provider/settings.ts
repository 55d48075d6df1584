/** Which providers there are, from the environment. docs/configuration.md of the server documents each name. */
import { awsSettings, type AwsSettings } from './aws/settings.ts';
import { readEnvironment } from './environment.ts';
import {
  azureSettings,
  compatibleSettings,
  type AzureSettings,
  type CompatibleSettings,
} from './openai/settings.ts';
import { terminologySettings, type TerminologySettings } from './terminology/settings.ts';

export interface ProviderSettings {
  /** ISO 639-1, of the recordings. */
  readonly language: string;
  /** Path of a ggml file for whisper.cpp. */
  readonly whisperModel?: string;
  readonly azure?: AzureSettings;
  readonly compatible?: CompatibleSettings;
  readonly aws: AwsSettings;
  readonly terminology?: TerminologySettings;
}

/** @param faults what is missing or wrong is added here, in words and without a value; then the result is of no use */
export function loadProviderSettings(env: NodeJS.ProcessEnv, faults: string[]): ProviderSettings {
  const read = readEnvironment(env, faults);
  const language = read.text('WHISPER_LANGUAGE') ?? 'en';
  if (!/^[a-z]{2,3}$/.test(language)) read.fault('WHISPER_LANGUAGE must be the code of a language, e.g. en');
  const whisperModel = read.text('WHISPER_MODEL');
  const azure = azureSettings(read);
  const compatible = compatibleSettings(read);
  const terminology = terminologySettings(read);
  return {
    language,
    ...(whisperModel === undefined ? {} : { whisperModel }),
    ...(azure === undefined ? {} : { azure }),
    ...(compatible === undefined ? {} : { compatible }),
    aws: awsSettings(read),
    ...(terminology === undefined ? {} : { terminology }),
  };
}
