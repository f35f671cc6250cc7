// The types of the API. They are written from the reference instead of imported from the official SDK, because the tests drive the
// simulator with that SDK and would otherwise compare it with itself.

export type ShareStatus = 'active' | 'deleting' | 'deleted';
/** The status of a live share can be any text. */
export type OpenStatus = ShareStatus | (string & {});
export type AssociationStatus = 'associating' | 'associated' | 'disassociating' | 'disassociated';
export type TargetType = 'account' | 'organization';
export type Kind = 'sent' | 'received';

export interface ShareResource {
  id: string;
  resource_id: string;
  resource_type: string;
  resource_account_id: string;
  resource_version: number;
  meta: unknown;
  status: ShareStatus;
  created: string;
  modified: string;
}

export interface RecipientResource {
  error: string;
  resource_id: string;
  resource_version: number;
  terminal: boolean;
}

export interface Recipient {
  id: string;
  account_id: string;
  association_status: AssociationStatus;
  created: string;
  modified: string;
  resources?: RecipientResource[];
}

export interface Share {
  id: string;
  account_id: string;
  account_name: string;
  organization_id: string;
  name: string;
  created: string;
  modified: string;
  status: OpenStatus;
  target_type: TargetType;
  kind?: Kind;
  resources?: ShareResource[];
  associating_recipient_count?: number;
  associated_recipient_count?: number;
  disassociating_recipient_count?: number;
  disassociated_recipient_count?: number;
}

/** An account that a share with the organization excludes. */
export interface Exclusion {
  id: string;
  account_id: string;
  created: string;
  modified: string;
}

/** An account as a token sees it, with its organization if it has one. */
export interface Account extends OrganizationAccount {
  managed_by?: { parent_org_id: string; parent_org_name: string };
}

/** The fields of a gateway policy that this project uses. */
export interface GatewayRule {
  id: string;
  name: string;
  action: string;
  enabled: boolean;
  filters: string[];
  precedence: number;
  traffic: string;
  /** True if another account shares it. */
  read_only: boolean | null;
  /** True if it can be shared with other accounts of the organization. */
  sharable: boolean | null;
  source_account: string | null;
  created_at: string;
  updated_at: string;
  deleted_at: string | null;
}

export interface Ruleset {
  id: string;
  name: string;
  description: string;
  /** Only `custom` rulesets can be shared. */
  kind: string;
  phase: string;
  version: string;
  last_updated: string;
}

/** An account in the organization's directory. */
export interface OrganizationAccount {
  id: string;
  name: string;
  type: 'enterprise';
  created_on: string;
  settings: { abuse_contact_email: string | null; enforce_twofactor: boolean };
}

/** A share with everything that belongs to it, for tests. No single endpoint shows all of it. */
export interface WholeShare extends Share {
  resources: ShareResource[];
  recipients: Recipient[];
  exclusions: Exclusion[];
}

/** A recipient with neither key means the caller's whole organization. */
export interface RecipientRequest {
  account_id?: string;
  recipient_account_id?: string;
  organization_id?: string;
}

export interface ResourceRequest {
  resource_type: string;
  resource_id: string;
  resource_account_id: string;
  meta: unknown;
}
