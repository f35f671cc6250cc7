// Like sdk-script.mjs, but with a client that has only resource sharing: the lightest option that the SDK offers.
import { appendFileSync } from 'node:fs';
import { BaseResourceSharing } from 'cloudflare/resources/resource-sharing/resource-sharing';
import { createClient } from 'cloudflare/tree-shakable';

const { ACCOUNT_ID: account_id, SHARE_NAME: name, RECIPIENTS, RESOURCES, GITHUB_OUTPUT } = process.env;
const client = createClient({ resources: [BaseResourceSharing] });
const lists = { recipients: JSON.parse(RECIPIENTS), resources: JSON.parse(RESOURCES) };
const share = await client.resourceSharing.create({ account_id, name, ...lists });
const ids = JSON.stringify(share.resources.map(({ id }) => id));
const outputs = { 'share-id': share.id, status: share.status, 'resource-ids': ids, outcome: 'created', changed: true };
for (const [key, value] of Object.entries({ ...outputs, share: JSON.stringify(share) }))
  appendFileSync(GITHUB_OUTPUT, `${key}=${value}\n`);
