// A reviewed plan in a pull request comment: a hidden HTML comment at the top, right after the marker that identifies
// the comment. Text further down can come from outside: the name of a share could look like a marker.

import { deflateRawSync, inflateRawSync } from 'node:zlib';
import * as z from 'zod/mini';
import { HOW_TO_PLAN_AGAIN } from '../github/comments.ts';
import { withoutSecrets } from '../secrets.ts';
import {
  DIGEST_CHARACTERS,
  digestOf,
  type ProposedPlan,
  type Reviewed,
  type ReviewedAccess,
  reviewed,
  withDigests,
} from '../share/review.ts';
import { idKey } from '../share/share.ts';

/** Must be raised whenever the digest of a step, or the contents of a plan file or of a marker, change. */
export const REVIEW_VERSION = 2;

const START = '<!-- cloudflare-share-action-plan';
const HIDDEN = /\s*<!-- cloudflare-share-action[^>\r\n]*-->/gy;
/**
 * Plans that fit into a comment are far shorter. Anything that unpacks to more than this wasn't written by the action.
 */
const UNPACKED_BYTES_MAX = 4 * 1024 * 1024;

/** The contents of a marker. The marker has them as compressed JSON. */
interface Packed {
  /** The digests of the steps, concatenated. */
  steps: string;
  access: readonly ReviewedAccess[];
}

/**
 * The plan as the line that follows the comment's own marker.
 * @param charactersMax the maximum length of the line. A longer plan has digests in place of lists; if it is still too
 * long, the line says `too-long`
 */
export function reviewMarker(plans: readonly ProposedPlan[], accountId: string, charactersMax: number): string {
  const { steps, access } = reviewed(plans);
  for (const form of [
    access,
    access.map((each) => withDigests(each, 'recipients')),
    access.map((each) => withDigests(each, 'everything')),
  ]) {
    const packed = pack({ steps: [...steps].join(''), access: form });
    const marker = packed === undefined ? undefined : markerWith(accountId, 'plan', packed);
    if (marker !== undefined && marker.length <= charactersMax) return marker;
  }
  return markerWith(accountId, 'too-long');
}

/** The line in the comment of a failed plan. */
export const failedPlanMarker = (accountId: string): string => markerWith(accountId, 'failed');

function markerWith(accountId: string, ...rest: string[]): string {
  const words = [`v${REVIEW_VERSION}`, accountKey(accountId), ...rest];
  return `${START} ${[...words, digestOf(words.join(' '))].join(' ')} -->`;
}

const accountKey = (accountId: string): string => digestOf(`account ${idKey(accountId)}`);

/**
 * Packs contents as Base64, because none of its characters can end an HTML comment.
 * @returns undefined if the result would be too large to unpack
 */
function pack(content: Packed): string | undefined {
  const text = withoutSecrets(JSON.stringify(content));
  if (Buffer.byteLength(text) > UNPACKED_BYTES_MAX) return undefined;
  return deflateRawSync(text, { level: 9 }).toString('base64').replace(/=+/, '');
}

function unpack(packed: string): Packed | undefined {
  try {
    const bytes = inflateRawSync(Buffer.from(packed, 'base64'), { maxOutputLength: UNPACKED_BYTES_MAX });
    return z.safeParse(content, JSON.parse(bytes.toString())).data;
  } catch {
    return undefined;
  }
}

/** `problem`: the end of a sentence whose subject is the comment. `advice`: what to do instead of getting a new plan. */
type ReadMarker = { reviewed: Reviewed } | { problem: string; advice?: string };

/** Reads the plan in a comment. */
export function readReviewMarker(body: string, accountId: string): ReadMarker {
  const markers = hiddenLines(body).filter((line) => line.startsWith(`${START} `));
  const [marker] = markers;
  if (marker === undefined) return { problem: 'contains no plan' };
  if (markers.length > 1) return { problem: 'contains several plans' };
  const words = marker.slice(START.length, -'-->'.length).trim().split(/\s+/);
  const [version, account, what, packed = ''] = words;
  if (version !== `v${REVIEW_VERSION}`) {
    if (!/^v\d+$/.test(version ?? '')) return { problem: DAMAGED };
    return {
      problem: `has a plan in format ${version}, but this version of the action reads v${REVIEW_VERSION}`,
      advice: `Plan and apply with the same version. ${HOW_TO_PLAN_AGAIN}`,
    };
  }
  if (words.at(-1) !== digestOf(words.slice(0, -1).join(' '))) return { problem: DAMAGED };
  if (account !== accountKey(accountId)) return { problem: `has a plan for a different account than ${accountId}` };
  if (what === 'failed') return { problem: 'says that planning failed' };
  if (what === 'too-long') {
    return {
      problem: 'has no plan, because the plan is too long for a comment',
      advice: 'Use a plan file: plan, approve and apply in one run',
    };
  }
  const found = what === 'plan' ? unpack(packed) : undefined;
  if (!found) return { problem: DAMAGED };
  const { steps, access } = found;
  return { reviewed: { steps: new Set(steps.match(new RegExp(`.{${DIGEST_CHARACTERS}}`, 'g'))), access } };
}

const DAMAGED = 'has a damaged plan';

/** The action's hidden comments at the start of a body, before any visible text. */
const hiddenLines = (body: string): string[] => Array.from(body.matchAll(HIDDEN), ([line]) => line.trim());

const id = z.string();
const accounts = z.strictObject({ accounts: z.array(id) });
const organization = z.strictObject({ organization: z.nullable(id), except: z.nullable(z.array(id)) });
const sharedResource = z.strictObject({ resource_type: z.string(), resource_id: id, resource_account_id: id });
const digest = z.strictObject({ digest: z.string().check(z.length(DIGEST_CHARACTERS)) });
const share = { name: z.string(), share_id: z.nullable(id) };

/** Who has what through one share once the plan is applied, as a plan file lists it. */
export const accessSchema = z.strictObject({
  ...share,
  audience: z.union([accounts, organization]),
  resources: z.array(sharedResource),
});

const content = z.strictObject({
  steps: z.string().check(z.regex(new RegExp(`^([A-Za-z0-9+/]{${DIGEST_CHARACTERS}})*$`))),
  access: z.array(
    z.strictObject({
      ...share,
      audience: z.union([accounts, organization, digest]),
      resources: z.union([z.array(sharedResource), digest]),
    }),
  ),
});
