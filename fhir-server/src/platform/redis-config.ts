/** Where processes share what they need not lose. */
import type { SettingReader } from './account-config.ts';

/** Undefined where each process is by itself. */
export function loadRedisUrl(
  env: NodeJS.ProcessEnv,
  { faults }: Pick<SettingReader, 'faults'>,
): string | undefined {
  const url = env['REDIS_URL'] ?? '';
  if (url !== '' && !(/^rediss?:\/\//.test(url) && URL.canParse(url)))
    faults.push('REDIS_URL must be a redis:// or rediss:// URL');
  return url === '' ? undefined : url;
}
