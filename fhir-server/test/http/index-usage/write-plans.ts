/** The plans of all kinds of search as a document. */
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import type { Asked } from './ask.ts';

const FILE = fileURLToPath(new URL('../../../docs/plans.md', import.meta.url));

const INTRODUCTION = `# Plans

What PostgreSQL does for each kind of search, as it told when the server was asked over HTTP (\`auto_explain\`), in a generated
hospital of RESOURCES resources: 80,000 Observations of 800 patients, with codes of which few are frequent. Rows are those that
all scans of tables and plain scans of indexes together looked at; entries of indexes that were only marked in a bitmap are counted apart; buffers are pages of 8 kB; times depend on the machine and are left out.
\`fhir-server/test/http/index-usage.test.ts\` holds each of these to a number of rows, and writes this page with
\`WRITE_PLANS=1 npm test -- fhir-server/test/http/index-usage.test.ts\`.

Hashes of keys are written as \`#\`. What is not indexed and must be read whole says why.
`;

export async function writePlans(all: readonly Asked[], resources: number): Promise<void> {
  const introduction = INTRODUCTION.replace('RESOURCES', resources.toLocaleString('en'));
  const text = [introduction, ...all.map(section)].join('\n');
  const options = await resolveConfig(FILE);
  await writeFile(FILE, await format(text, { ...options, filepath: FILE }));
}

function section({ search, rowsRead, entriesMarked, buffers, entries, statements, lines }: Asked): string {
  const { name, path, link, headers = {}, body, mustRead, marks } = search;
  const request = [
    `${body === undefined ? 'GET' : 'POST'} ${path}`,
    ...Object.entries(headers).map(([header, value]) => `${header}: ${value}`),
  ].join(', ');
  const counts = [
    `${entries} entries`,
    `${rowsRead} rows`,
    ...(entriesMarked > 0 ? [`${entriesMarked} marked`] : []),
    `${buffers} buffers`,
    `${statements} statement${statements === 1 ? '' : 's'}`,
  ].join(', ');
  const which = link === undefined ? '' : ` (its \`${link}\` page)`;
  const why = mustRead === undefined ? '' : ` Reads much: ${mustRead}.`;
  const whyMarked = marks === undefined ? '' : ` Marks much: ${marks.why}.`;
  return `## ${name}\n\n\`${request}\`${which}: ${counts}.${why}${whyMarked}\n\n\`\`\`text\n${lines.join('\n')}\n\`\`\`\n`;
}
