/** Log lines of the processes as people read them. */
import { expect, test } from '@jest/globals';
import { readableLine } from '../start/log.ts';

test('A line of JSON becomes its message and its fields, without the process’s own.', () => {
  const line =
    '{"level":40,"time":"2026-11-23T12:00:00.000Z","name":"api","pid":7,"msg":"slow","ms":1200,"path":"Patient"}';
  const { level, text, time } = readableLine(line);
  expect(level).toBe(40);
  expect(text).toBe('slow ms=1200 path=Patient');
  expect(time.toISOString()).toBe('2026-11-23T12:00:00.000Z');
});

test('An error is shown with its stack.', () => {
  const line =
    '{"level":50,"time":1,"msg":"failed","err":{"type":"Error","message":"no","stack":"Error: no\\n    at x"}}';
  expect(readableLine(line).text).toBe('failed \nError: no\n    at x');
});

test('Any other line stays as it is.', () => {
  expect(readableLine('plain words').text).toBe('plain words');
  expect(readableLine('42').text).toBe('42');
});
