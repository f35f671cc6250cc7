// A reviewed plan in the comment on a pull request: a hidden HTML comment with the digests of its steps. It stands at the
// top, right after the marker that identifies the comment. Text further down may come from outside: the name of a share
// could look like a marker.

import type { SharePlan } from '../share/plan.ts';
import { DIGEST_CHARACTERS, digestOf, type Reviewed, reviewed } from '../share/review.ts';

/** To be raised whenever the digest of a step changes. */
export const REVIEW_VERSION = 1;

const START = '<!-- cloudflare-share-action-plan';
const HIDDEN = /^\s*<!-- cloudflare-share-action[^>\r\n]*-->/;

/**
 * The plan as the line to put right after the comment's own marker.
 * @param charactersMax the longest line: a longer plan becomes a line that says `too-long`
 */
export function reviewMarker(plans: readonly SharePlan[], accountId: string, charactersMax: number): string {
  const digests = [...reviewed(plans)].sort();
  const marker = markerWith(accountId, String(digests.length), digests.join(''));
  return marker.length <= charactersMax ? marker : markerWith(accountId, 'too-long');
}

/** The line that says that planning failed. */
export const failedPlanMarker = (accountId: string): string => markerWith(accountId, 'failed');

function markerWith(accountId: string, ...rest: string[]): string {
  const words = [`v${REVIEW_VERSION}`, accountKey(accountId), ...rest.filter((word) => word !== '')];
  return `${START} ${[...words, digestOf(words.join(' '))].join(' ')} -->`;
}

const accountKey = (accountId: string): string => digestOf(`account ${accountId.toLowerCase()}`);

type ReadMarker = { reviewed: Reviewed } | { problem: string };

/** Reads the plan of a comment. The problem is the end of a sentence whose subject is the comment. */
export function readReviewMarker(body: string, accountId: string): ReadMarker {
  const markers = hiddenLines(body).filter((line) => line.startsWith(`${START} `));
  const [marker] = markers;
  if (marker === undefined) return { problem: 'has no plan in it' };
  if (markers.length > 1) return { problem: 'has several plans in it' };
  const words = marker.slice(START.length, -'-->'.length).trim().split(' ');
  const [version, account, what = '', digests = ''] = words;
  if (/^v\d+$/.test(version ?? '') && version !== `v${REVIEW_VERSION}`) {
    return {
      problem: `has a plan in the form ${version}, and this version of the action reads v${REVIEW_VERSION}. Plan and apply with the same version`,
    };
  }
  if (words.at(-1) !== digestOf(words.slice(0, -1).join(' '))) return { problem: 'has a plan that is damaged' };
  if (account !== accountKey(accountId)) return { problem: `has a plan of another account than ${accountId}` };
  if (what === 'failed') return { problem: 'says that planning failed' };
  if (what === 'too-long') {
    return {
      problem: 'has no plan, because it is too long for a comment. Use a plan file: plan, approve and apply in one run',
    };
  }
  const found = new Set(what === '0' ? [] : digests.match(new RegExp(`.{${DIGEST_CHARACTERS}}`, 'g')));
  if (String(found.size) !== what) return { problem: 'has a plan that is damaged' };
  return { reviewed: found };
}

/** The hidden comments of this action at the beginning of a body, before any visible text. */
function hiddenLines(body: string): string[] {
  const [found] = HIDDEN.exec(body) ?? [];
  return found === undefined ? [] : [found.trim(), ...hiddenLines(body.slice(found.length))];
}
