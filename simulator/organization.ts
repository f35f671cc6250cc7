// The simulated organization, its accounts, and the credentials for them. All values are fixed, so that logs and
// failing tests are the same every time.
import { createHash } from 'node:crypto';
import type { OrganizationAccount } from './shapes.ts';

export interface Credentials {
  apiToken: string;
  readOnlyApiToken: string;
  /** Reads and writes shares, but can't read the directory of the organization's accounts. */
  sharesOnlyApiToken: string;
  apiEmail: string;
  apiKey: string;
}

export const credentials: Readonly<Credentials> = Object.freeze({
  apiToken: 'simulator-token-which-may-write-00000000',
  readOnlyApiToken: 'simulator-token-which-only-reads-0000000',
  sharesOnlyApiToken: 'simulator-token-without-directory-000000',
  apiEmail: 'user@example.com',
  apiKey: '144c9defac04969c7bfad8efaa8ea194',
});

export const organizationId = '9a7806061c88ada191ed06f989cc3dac';
export const organizationName = 'Example Organization';
export const ownerAccountId = '023e105f4ecef8ad9ca31a8372d0c353';
export const ownerAccountName = 'Example Owner Account';

/** A well-formed account that exists but belongs to another organization. */
export const outsiderAccountId = 'ffffffffffffffffffffffffffffffff';

/** SIMULATOR_MEMBERS allows measurements with more accounts than an organization can have. */
const memberCount = Number(process.env.SIMULATOR_MEMBERS ?? 420);

/** The first ids consist of digits only, because YAML and spreadsheets turn such ids into numbers. */
export const memberAccountIds: readonly string[] = Array.from({ length: memberCount }, (_, index) =>
  index < 9
    ? String(index + 1).repeat(32)
    : createHash('sha256').update(`member account ${index}`).digest('hex').slice(0, 32),
);

const accountNames = new Map([
  [ownerAccountId, ownerAccountName],
  ...memberAccountIds.map((id, index): [string, string] => [id, `Example Member ${index + 1}`]),
]);

/** Whether the account belongs to the organization. The owner of the shares does, too. */
export const belongsToOrganization = (accountId: string): boolean => accountNames.has(accountId);

export const accountName = (accountId: string): string => accountNames.get(accountId) ?? '';

/** Every account of the organization except this one: the recipients of an organization-wide share. */
export const othersOf = (accountId: string): string[] => [...accountNames.keys()].filter((id) => id !== accountId);

/** The organization's directory: every account, starting with the owner of shares. */
export const directory: readonly OrganizationAccount[] = [...accountNames].map(([id, name]) => ({
  id,
  name,
  type: 'enterprise',
  created_on: '2023-09-21T18:56:32.624632Z',
  settings: { abuse_contact_email: null, enforce_twofactor: false },
}));
