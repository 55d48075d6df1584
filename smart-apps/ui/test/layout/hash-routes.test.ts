/** Pages by hash. */
import { expect, test } from '@jest/globals';
import { hashRoutes, matchHash } from '../../src/layout/hash-routes.ts';

const pages = { home: '/', list: '/resource/:type', one: '/resource/:type/:id' } as const;

test('A hash leads to the page of its form with its parameters and its query.', () => {
  expect(matchHash(pages, '#/resource/Patient/a-1.b')).toMatchObject({
    page: 'one',
    params: { type: 'Patient', id: 'a-1.b' },
  });
  const list = matchHash(pages, '#/resource/Patient?name=M%C3%BCller&_count=5');
  expect(list).toMatchObject({ page: 'list', params: { type: 'Patient' } });
  expect(list.query.get('name')).toBe('Müller');
});

test.each(['', '#', '#/', '#/nowhere', '#/resource/Patient/a/b', '#/resource/<b>', '#main'])(
  'What fits no page (%s) is the first.',
  (hash) => {
    expect(matchHash(pages, hash)).toMatchObject({ page: 'home', params: {} });
  },
);

test('A path is read back as what it was made of, and what could not be is refused.', () => {
  const { pathTo } = hashRoutes(pages);
  const path = pathTo('one', { type: 'Patient', id: '1' }, { tab: 'a & b' });
  const route = matchHash(pages, path);
  expect(route).toMatchObject({ page: 'one', params: { type: 'Patient', id: '1' } });
  expect(route.query.get('tab')).toBe('a & b');
  expect(() => pathTo('list', { type: '../x' })).toThrow(TypeError);
});
