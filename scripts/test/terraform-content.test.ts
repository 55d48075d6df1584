/** terraform/: the rights to stored content, beside the calls of the code. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { root } from '../pinned-node.ts';
import { blocksOf, readConfigurations } from './support/terraform/configuration.ts';

test('The rights of api and worker to content are those that the code calls, and no others.', async () => {
  const declared = (await readConfigurations()).flatMap((configuration) => configuration.declared);
  const text = readFileSync(join(root, 'fhir-server/src/bucket/s3-bucket.ts'), 'utf8');
  // HeadObject is done by the right to GetObject; lib-storage puts objects, whole and in parts.
  const rights: Readonly<Record<string, string>> = {
    HeadObject: 'GetObject',
    ListMultipartUploads: 'ListBucketMultipartUploads',
    Upload: 'PutObject',
    paginateListObjectsV2: 'ListBucket',
  };
  const calls = [...text.matchAll(/new (\w+)Command\(|new (Upload)\(|(paginate\w+)\(\{/g)];
  const names = calls.map(([, command, upload, pages]) => command ?? upload ?? pages ?? '');
  expect(names.length).toBeGreaterThanOrEqual(7);
  const needed = new Set(names.map((name) => `s3:${rights[name] ?? name}`));
  const content = declared.find(
    ({ type, address }) => type === 'aws_iam_policy_document' && address.endsWith('.content'),
  );
  const allowed = blocksOf(content?.block, 'statement').flatMap(({ actions }) => actions as string[]);
  expect(allowed.toSorted()).toEqual([...needed, 'kms:Decrypt', 'kms:GenerateDataKey'].toSorted());
});
