// Creates the same share, with the same outputs, as a workflow without the action would: with the official SDK.
import { appendFileSync } from 'node:fs';
import Cloudflare from 'cloudflare';

const { ACCOUNT_ID: account_id, SHARE_NAME: name, RECIPIENTS, RESOURCES, GITHUB_OUTPUT, TIMEOUT_MS } = process.env;
const client = new Cloudflare(TIMEOUT_MS ? { timeout: Number(TIMEOUT_MS) } : {});
const lists = { recipients: JSON.parse(RECIPIENTS), resources: JSON.parse(RESOURCES) };
const share = await client.resourceSharing.create({ account_id, name, ...lists });
const ids = JSON.stringify(share.resources.map(({ id }) => id));
const outputs = { 'share-id': share.id, status: share.status, 'resource-ids': ids, outcome: 'created', changed: true };
for (const [key, value] of Object.entries({ ...outputs, share: JSON.stringify(share) }))
  appendFileSync(GITHUB_OUTPUT, `${key}=${value}\n`);
