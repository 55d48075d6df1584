/** What the components write, without a browser. */
import { expect, test } from '@jest/globals';
import type { ReactNode } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { I18nextProvider } from 'react-i18next';
import { ContactPointText, DateText, ReferenceLink, ResourceView } from '../../src/fhir/index.ts';
import { createI18n } from '../../src/i18n/words.ts';
import { FaultAlert } from '../../src/layout/FaultAlert.tsx';

const i18n = await createI18n({ en: {} }, ['en']);
const write = (element: ReactNode): string =>
  renderToStaticMarkup(<I18nextProvider i18n={i18n}>{element}</I18nextProvider>).replace(
    / class="[^"]*"|<style.*?<\/style>/g,
    '',
  );

test('A date keeps its machine-readable form.', () => {
  expect(write(<DateText value="2024-03" />)).toBe('<time dateTime="2024-03">March 2024</time>');
  expect(write(<DateText value={undefined} />)).toBe('');
});

test('A reference is a link only where the app knows a place for it.', () => {
  const value = { reference: 'Patient/1', display: 'Maria' };
  const hrefOf = (reference: string) => (reference.startsWith('Patient/') ? `#/${reference}` : undefined);
  expect(write(<ReferenceLink value={value} hrefOf={hrefOf} />)).toContain('href="#/Patient/1">Maria</a>');
  expect(write(<ReferenceLink value={{ reference: 'Group/1' }} hrefOf={hrefOf} />)).toBe('Group/1');
  expect(write(<ReferenceLink value={value} />)).toBe('Maria');
  expect(write(<ContactPointText value={{ system: 'email', value: 'a@b.example' }} />)).toContain(
    'href="mailto:a@b.example"',
  );
});

test('A resource is a list of terms, and its narrative never becomes HTML.', () => {
  const html = write(
    <ResourceView
      resource={{
        resourceType: 'Patient',
        active: true,
        text: { div: '<img src=x onerror=alert(1)>&lt;i&gt;' },
      }}
      hrefOf={() => undefined}
    />,
  );
  expect(html).toContain('>Active</dt><dd>Yes</dd>');
  expect(html).toContain('&lt;i&gt;');
  expect(html).not.toContain('<img');
  expect(write(<ResourceView resource={{ resourceType: 'Patient' }} />)).toContain(
    'Nothing is recorded here.',
  );
});

test('A fault is told in the app’s words, otherwise the server’s, otherwise ours.', () => {
  const tell = (fault: unknown) =>
    write(<FaultAlert fault={fault} hint="Kept." words={{ 412: 'Changed.', gone: 'Gone.' }} />);
  expect(tell(undefined)).toBe('');
  expect(tell({ status: 422, text: 'is no date' })).toContain('is no date');
  expect(tell({ status: 412, text: 'version' })).toContain('Changed.');
  expect(tell({ status: 0, text: '', code: 'gone' })).toContain('Gone.');
  expect(tell({ status: 0, text: '' })).toContain('could not be reached');
  expect(tell({ status: 502, text: '' })).toContain('The server answered 502.');
  expect(tell({ status: 401, text: '' })).toMatch(/Your session has ended\. Kept\..*Log in again/);
});
