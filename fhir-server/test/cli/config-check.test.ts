/** `config check`, as an operator runs it before a start. */
import { expect, test } from '@jest/globals';
import { unknownSettings } from '../../src/cli/config.ts';
import { commandLine } from '../support/command-line.ts';

const command = commandLine({ DATABASE_URL: 'postgres://user:secret-of-the-test@127.0.0.1:1/none' });

test('Sound settings are called so, without a database.', async () => {
  expect(await command.run(['config', 'check'])).toEqual({ code: 0, told: 'The settings are sound.\n' });
});

test('Each fault and each name that has no effect is told, and no secret.', async () => {
  const { code, told } = await command.run(['config', 'check'], {
    PAGE_SIZE: '5000',
    COOKIE_SECRET: 'too short',
    SEARCH_INCLUDE_MAX: '5',
  });
  expect(code).toBe(1);
  expect(told.trim().split('\n')).toEqual([
    'COOKIE_SECRET must have at least 32 characters',
    'PAGE_SIZE exceeds PAGE_SIZE_MAX',
    'SEARCH_INCLUDE_MAX is no setting of the server, and has no effect',
  ]);
  expect(told).not.toContain('secret-of-the-test');
});

test('A replica that is the primary, or may be less behind than is noticed, is refused.', async () => {
  const { code, told } = await command.run(['config', 'check'], {
    DATABASE_REPLICA_URL: 'postgres://user:secret-of-the-test@127.0.0.1:1/none',
    DATABASE_REPLICA_STALENESS_MS: '100',
    DATABASE_REPLICA_POLL_MS: '80',
  });
  expect(code).toBe(1);
  expect(told.trim().split('\n')).toEqual([
    'DATABASE_REPLICA_URL must not name the server of DATABASE_URL',
    'DATABASE_REPLICA_STALENESS_MS must be at least twice DATABASE_REPLICA_POLL_MS',
  ]);
});

test('Names of other programs are left alone, and so are those of files with secrets.', () => {
  const known = new Set(['PAGE_SIZE', 'PAGE_BYTES_MAX', 'PAGE_LINK_TTL_SECONDS', 'COOKIE_SECRET']);
  const given = ['PATH', 'PAGE_SIZE', 'PAGER', 'COOKIE_SECRET_FILE', 'COOKIE_JAR', 'PAGE_COUNT'];
  expect(unknownSettings(given, known)).toEqual(['PAGE_COUNT']);
});
