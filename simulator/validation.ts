// Reads bodies and queries. The result is a value, or an error that points to every invalid field.

import { belongsToOrganization, organizationId } from './organization.ts';
import { ApiError, type ApiProblem } from './responses.ts';
import type { Kind, ResourceRequest, ShareStatus, TargetType } from './shapes.ts';

/** The requested accounts, or the whole organization. */
export type Target = { type: 'account'; accountIds: string[] } | { type: 'organization' };

export interface ShareRequest {
  name: string;
  target: Target;
  resources: ResourceRequest[];
}

type Fields = Record<string, unknown>;

const maxIdLength = 32;
/** Resource ids of some products are UUIDs, although the reference says otherwise. */
const maxResourceIdLength = 36;

class Problems {
  readonly #found: ApiProblem[] = [];

  add(pointer: string, message: string): undefined {
    this.#found.push({ code: 1001, message, source: { pointer } });
  }

  throwIfAny(): void {
    if (this.#found.length > 0) throw new ApiError(400, ...this.#found);
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function readFields(body: unknown): Fields {
  if (isFields(body)) return body;
  throw new ApiError(400, { code: 1001, message: 'the body must be a JSON object', source: { pointer: '' } });
}

function readText(value: unknown, pointer: string, maxLength: number, problems: Problems): string {
  if (typeof value !== 'string' || value === '') problems.add(pointer, 'must be a non-empty string');
  else if (value.length > maxLength) problems.add(pointer, `must have at most ${maxLength} characters`);
  return String(value);
}

function readArray(value: unknown, pointer: string, problems: Problems): unknown[] {
  if (Array.isArray(value) && value.length > 0) return value;
  problems.add(pointer, 'must be an array with at least one item');
  return [];
}

/** Null counts as a missing key, as in services written in Go. */
const given = (value: unknown): boolean => value !== undefined && value !== null;

/**
 * Reads one recipient. Unknown keys are ignored, so a recipient whose only key is misspelled is empty, and for the
 * API, an empty recipient is the caller's whole organization.
 *
 * @returns the id of the account or of the organization. Undefined if there is a problem
 */
function readRecipient(item: unknown, pointer: string, ownerId: string, problems: Problems): string | undefined {
  if (!isFields(item)) return problems.add(pointer, 'must be an object');
  const keys = ['recipient_account_id', 'account_id'].filter((key) => given(item[key]));
  const [key] = keys;
  if (given(item.organization_id)) {
    const place = `${pointer}/organization_id`;
    const id = readText(item.organization_id, place, maxIdLength, problems);
    if (key !== undefined) return problems.add(pointer, 'must not name both an account and an organization');
    if (id !== organizationId) return problems.add(place, "must be the caller's own organization");
  }
  if (key === undefined) return organizationId;
  if (keys.length > 1 && item.account_id !== item.recipient_account_id) {
    return problems.add(`${pointer}/account_id`, 'must not differ from recipient_account_id, its newer name');
  }
  const place = `${pointer}/${key}`;
  const id = readText(item[key], place, maxIdLength, problems);
  if (id === ownerId) return problems.add(place, 'the account that owns the share cannot receive it');
  if (!belongsToOrganization(id)) return problems.add(place, "must be an account of the owner's organization");
  return id;
}

function readTarget(value: unknown, pointer: string, ownerId: string, problems: Problems): Target {
  const recipients = readArray(value, pointer, problems).map((item, index) =>
    readRecipient(item, `${pointer}/${index}`, ownerId, problems),
  );
  const seen = new Set<string>();
  for (const [index, id] of recipients.entries()) {
    if (id === undefined) continue;
    if (seen.has(id)) problems.add(`${pointer}/${index}`, 'duplicate recipient');
    seen.add(id);
  }
  if (!seen.has(organizationId)) return { type: 'account', accountIds: [...seen] };
  if (seen.size > 1) problems.add(pointer, 'must not mix accounts and organizations');
  return { type: 'organization' };
}

function readResource(item: unknown, pointer: string, problems: Problems): ResourceRequest {
  if (!isFields(item)) problems.add(pointer, 'must be an object');
  const fields = isFields(item) ? item : {};
  const accountPlace = `${pointer}/resource_account_id`;
  const resource = {
    // Accept any type, because Cloudflare adds types.
    resource_type: readText(fields.resource_type, `${pointer}/resource_type`, 255, problems),
    resource_id: readText(fields.resource_id, `${pointer}/resource_id`, maxResourceIdLength, problems),
    resource_account_id: readText(fields.resource_account_id, accountPlace, maxIdLength, problems),
    meta: readMeta(fields, pointer, problems),
  };
  if (!belongsToOrganization(resource.resource_account_id)) {
    problems.add(accountPlace, "must be an account of the owner's organization");
  }
  return resource;
}

function readMeta(fields: Fields, pointer: string, problems: Problems): unknown {
  if (!isFields(fields.meta)) problems.add(`${pointer}/meta`, 'must be an object');
  return fields.meta;
}

function readResources(value: unknown, pointer: string, problems: Problems): ResourceRequest[] {
  const resources = readArray(value, pointer, problems).map((item, index) =>
    readResource(item, `${pointer}/${index}`, problems),
  );
  const seen = new Set<string>();
  for (const [index, resource] of resources.entries()) {
    const key = resourceKey(resource);
    if (seen.has(key)) problems.add(`${pointer}/${index}`, 'duplicate resource');
    seen.add(key);
  }
  return resources;
}

/** Identifies a resource. Two entries with the same key are the same resource, whatever their `meta`. */
export function resourceKey(resource: Omit<ResourceRequest, 'meta'>): string {
  return [resource.resource_type, resource.resource_account_id, resource.resource_id].join('\n');
}

/** The body of POST shares. */
export function readShareRequest(body: unknown, ownerId: string): ShareRequest {
  const fields = readFields(body);
  const problems = new Problems();
  const request = {
    name: readText(fields.name, '/name', 255, problems),
    target: readTarget(fields.recipients, '/recipients', ownerId, problems),
    resources: readResources(fields.resources, '/resources', problems),
  };
  problems.throwIfAny();
  return request;
}

/** The body of PUT shares/{id}. */
export function readShareChange(body: unknown): { name: string; tags: Map<string, string> | undefined } {
  const fields = readFields(body);
  const problems = new Problems();
  const name = readText(fields.name, '/name', 255, problems);
  const tags = given(fields.tags) ? readTags(fields.tags, problems) : undefined;
  problems.throwIfAny();
  return { name, tags };
}

function readTags(value: unknown, problems: Problems): Map<string, string> {
  const tags = new Map<string, string>();
  if (!isFields(value)) problems.add('/tags', 'must be an object');
  else {
    for (const [key, text] of Object.entries(value)) {
      if (typeof text === 'string') tags.set(key, text);
      else problems.add(`/tags/${key}`, 'must be a string');
    }
  }
  return tags;
}

/** The body of POST recipients: one recipient. */
export function readOneRecipient(body: unknown, ownerId: string): string {
  const problems = new Problems();
  const id = readRecipient(readFields(body), '', ownerId, problems);
  if (id === organizationId) problems.add('', 'must name an account, because the share targets accounts');
  problems.throwIfAny();
  return String(id);
}

/** The body of PUT recipients: an array that replaces all recipients. */
export function readRecipientList(body: unknown, ownerId: string): string[] {
  const problems = new Problems();
  const target = readTarget(body, '', ownerId, problems);
  if (target.type === 'organization') problems.add('', 'must name accounts, because the share targets accounts');
  problems.throwIfAny();
  return target.type === 'account' ? target.accountIds : [];
}

/**
 * Reads one account that a share with the organization excludes. Unlike a recipient, it has only one key.
 *
 * @returns the account's id. Undefined if there is a problem
 */
function readExclusion(item: unknown, pointer: string, ownerId: string, problems: Problems): string | undefined {
  if (!isFields(item)) return problems.add(pointer, 'must be an object');
  const place = `${pointer}/account_id`;
  const id = readText(item.account_id, place, maxIdLength, problems);
  if (id === ownerId) return problems.add(place, 'the account that owns the share cannot be excluded from it');
  if (!belongsToOrganization(id)) return problems.add(place, "must be an account of the owner's organization");
  return id;
}

/** The body of POST excluded-recipients: one account. */
export function readOneExclusion(body: unknown, ownerId: string): string {
  const problems = new Problems();
  const id = readExclusion(readFields(body), '', ownerId, problems);
  problems.throwIfAny();
  return String(id);
}

/** The body of PUT excluded-recipients: an array that replaces all exclusions. It can be empty. */
export function readExclusionList(body: unknown, ownerId: string): string[] {
  const problems = new Problems();
  if (!Array.isArray(body)) problems.add('', 'must be an array');
  const items: unknown[] = Array.isArray(body) ? body : [];
  const seen = new Set<string>();
  for (const [index, item] of items.entries()) {
    const id = readExclusion(item, `/${index}`, ownerId, problems);
    if (id === undefined) continue;
    if (seen.has(id)) problems.add(`/${index}`, 'duplicate excluded recipient');
    seen.add(id);
  }
  problems.throwIfAny();
  return [...seen];
}

/** The body of POST resources: one resource. */
export function readOneResource(body: unknown): ResourceRequest {
  const problems = new Problems();
  const resource = readResource(readFields(body), '', problems);
  problems.throwIfAny();
  return resource;
}

/** The body of PUT resources/{id}. */
export function readResourceChange(body: unknown): unknown {
  const problems = new Problems();
  const meta = readMeta(readFields(body), '', problems);
  problems.throwIfAny();
  return meta;
}

export interface ShareFilter {
  status: ShareStatus | undefined;
  kind: Kind | undefined;
  targetType: TargetType | undefined;
  resourceTypes: string[];
  tags: string[];
  order: 'name' | 'created';
  direction: 'asc' | 'desc';
}

const statuses = ['active', 'deleting', 'deleted'] as const;
const maxTags = 20;

function readChoice<T extends string>(query: URLSearchParams, key: string, choices: readonly T[]): T | undefined {
  const value = query.get(key);
  if (value === null) return undefined;
  const choice = choices.find((one) => one === value);
  if (choice !== undefined) return choice;
  throw invalidQuery(key, `must be one of ${choices.join(', ')}`);
}

export function invalidQuery(key: string, message: string): ApiError {
  return new ApiError(400, { code: 1001, message: `query parameter ${key} ${message}` });
}

/** The query of the lists of shares. */
export function readShareFilter(query: URLSearchParams): ShareFilter {
  const tags = query.getAll('tag');
  if (tags.length > maxTags) throw invalidQuery('tag', `can be given at most ${maxTags} times`);
  return {
    status: readChoice(query, 'status', statuses),
    kind: readChoice(query, 'kind', ['sent', 'received']),
    targetType: readChoice(query, 'target_type', ['account', 'organization']),
    resourceTypes: query.getAll('resource_types'),
    tags,
    // The API reference documents no default. Lists are ordered by creation time, so items never move between pages.
    order: readChoice(query, 'order', ['name', 'created']) ?? 'created',
    direction: readChoice(query, 'direction', ['asc', 'desc']) ?? 'asc',
  };
}

export function readResourceFilter(query: URLSearchParams): { status: ShareStatus | undefined; type: string | null } {
  return { status: readChoice(query, 'status', statuses), type: query.get('resource_type') };
}

export function readFlag(query: URLSearchParams, key: string): boolean {
  return readChoice(query, key, ['true', 'false']) === 'true';
}

/** A positive whole number, or undefined if the query doesn't have it. */
export function readCount(query: URLSearchParams, key: string): number | undefined {
  const value = query.get(key);
  if (value === null) return undefined;
  if (/^[1-9]\d{0,8}$/.test(value)) return Number(value);
  throw invalidQuery(key, 'must be a positive whole number');
}
