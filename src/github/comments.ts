// Comments on a pull request: finding, reading and writing them, and the hidden marker by which a later run finds one.

import { createHash } from 'node:crypto';
import { everyItem, type Github } from './client.ts';
import { type Author, isInstallationToken } from './identity.ts';

/** A comment on a pull request, as far as anybody looks at it. */
export interface Comment {
  id: number;
  body?: string | undefined;
  updated_at?: string;
  user?: Author | null;
}

/** What a comment is about: there is one for an account and a share, or for an account and a config file. */
export type Subject = readonly ['config', file: string] | readonly ['share', nameOrId: string];

/** The hidden marker at the beginning of a comment. */
export const markerOf = (accountId: string, subject: Subject): string =>
  `<!-- cloudflare-share-action ${createHash('sha256')
    .update(JSON.stringify([accountId, ...subject]))
    .digest('hex')
    .slice(0, 32)} -->`;

/** Does the comment begin with the marker? One that quotes a marked comment does not. */
export const isMarked = ({ body }: Comment, marker: string): boolean =>
  typeof body === 'string' && body.startsWith(marker);

/** The comments on a pull request, oldest first. */
export const commentsOn = ({ octokit, at }: Github, pullRequest: number): Promise<Comment[]> =>
  everyItem<Comment>((page) => octokit.rest.issues.listComments({ ...at, issue_number: pullRequest, ...page }));

/**
 * Writes a comment: edits the one with the marker, or creates it.
 * @param isWorthStarting false: edit only
 */
export async function writeComment(
  github: Github,
  { pullRequest, marker, body, token }: { pullRequest: number; marker: string; body: string; token: string },
  isWorthStarting: boolean,
): Promise<'edited' | 'created' | 'not started'> {
  const { issues } = github.octokit.rest;
  const oldestOfOurs = async (): Promise<Comment | undefined> =>
    (await commentsOn(github, pullRequest)).find((comment) => isOurs(comment, marker, token));

  const found = await oldestOfOurs();
  if (found) {
    await issues.updateComment({ ...github.at, comment_id: found.id, body });
    return 'edited';
  }
  if (!isWorthStarting) return 'not started';
  const { data: made } = await issues.createComment({ ...github.at, issue_number: pullRequest, body });
  if (typeof made?.id !== 'number') throw new Error('GitHub does not say that it was made');
  // Another job may have created a comment at the same time: of two, all jobs keep the oldest.
  const oldest = await oldestOfOurs();
  if (oldest && oldest.id < made.id) {
    await issues.updateComment({ ...github.at, comment_id: oldest.id, body });
    await issues.deleteComment({ ...github.at, comment_id: made.id });
  }
  return 'created';
}

/** With an installation's token (the workflow's own) the comment is by a bot. One by a person is a copy. */
const isOurs = (comment: Comment, marker: string, token: string): boolean =>
  isMarked(comment, marker) && !(isInstallationToken(token) && comment.user?.type === 'User');
