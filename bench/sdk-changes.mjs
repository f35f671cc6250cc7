// Changes a share as a workflow without the action would: finds it by name, adds what is missing and removes what is not listed, with
// the methods of the official SDK and its own retries.
import Cloudflare from 'cloudflare';

const { ACCOUNT_ID: account_id, SHARE_NAME: name, RECIPIENTS, RESOURCES, TIMEOUT_MS } = process.env;
const { resourceSharing } = new Cloudflare(TIMEOUT_MS ? { timeout: Number(TIMEOUT_MS) } : {});
const desiredAccounts = JSON.parse(RECIPIENTS).map((recipient) => recipient.account_id);
const desiredResources = JSON.parse(RESOURCES);

const { result: shares } = await resourceSharing.list({ account_id });
const { id: share_id } = shares.find((share) => share.name === name);

const { result: recipients } = await resourceSharing.recipients.list(share_id, { account_id });
for (const account of desiredAccounts) {
  if (recipients.some((recipient) => recipient.account_id === account)) continue;
  // The SDK uses `account_id`, the key in the reference, for the path only.
  await resourceSharing.recipients.create(share_id, { path_account_id: account_id, recipient_account_id: account });
}
for (const { id, account_id: account } of recipients) {
  if (!desiredAccounts.includes(account)) await resourceSharing.recipients.delete(id, { account_id, share_id });
}

const { result: resources } = await resourceSharing.resources.list(share_id, { account_id });
for (const resource of desiredResources) {
  if (resources.some(({ resource_id }) => resource_id === resource.resource_id)) continue;
  await resourceSharing.resources.create(share_id, { account_id, ...resource });
}
for (const { id, resource_id } of resources) {
  if (desiredResources.some((resource) => resource.resource_id === resource_id)) continue;
  await resourceSharing.resources.delete(id, { account_id, share_id });
}
