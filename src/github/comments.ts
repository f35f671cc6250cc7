// Finds, reads and writes comments on a pull request. Later runs find them by hidden markers.
//
// Plan and result are two comments, so that a result never overwrites the plan that somebody reviewed. A comment counts
// only if the identity of github-token wrote it. A reviewed plan counts only if nobody else edited it and there is only
// one.

import { createHash } from 'node:crypto';
import type { Writer } from '../settings.ts';
import type { Github } from './client.ts';
import { GithubError } from './errors.ts';
import { type Actor, actorWords, editorOf, isSame, likelyIdentityOf, readActor } from './identity.ts';
import { pullRequest } from './pull-requests.ts';
import { mayHaveTakenEffect } from './retry.ts';

/** For a plan that can't be used after its merge: the plan of a merged pull request is never written again. */
export const HOW_TO_PLAN_AGAIN = 'To get a new plan, open another pull request that runs the plan job';

/** What a comment is about: there is one plan and one result per account and share, or per account and config file. */
export type Subject = readonly ['config', file: string] | readonly ['share', nameOrId: string];
export type CommentKind = 'plan' | 'result';

/** The hidden marker at the beginning of a comment. */
export function markerOf(kind: CommentKind, accountId: string, subject: Subject): string {
  const key = createHash('sha256')
    .update(JSON.stringify([accountId, ...subject]))
    .digest('hex')
    .slice(0, 32);
  return `<!-- cloudflare-share-action${kind === 'result' ? '-result' : ''} ${key} -->`;
}

/** The hidden line that says which run wrote a comment. It follows the markers. */
export const writerLine = ({ run, attempt, head }: Writer): string =>
  `<!-- cloudflare-share-action-run ${[run, attempt, head].map((word) => (word && /^\w+$/.test(word) ? word : '-')).join(' ')} -->`;

const HIDDEN = /^(?:\s*<!-- cloudflare-share-action[^>\r\n]*-->)+/;
const WRITER = /<!-- cloudflare-share-action-run (\S+) (\S+) (\S+) -->/;

/** The run that wrote a comment. Comments by older versions don't contain it. */
export function readWriter(body: string): Writer {
  const [hidden = ''] = HIDDEN.exec(body) ?? [];
  const [, run, attempt, head = '-'] = WRITER.exec(hidden) ?? [];
  return {
    ...(isNumber(run) ? { run } : {}),
    ...(isNumber(attempt) ? { attempt } : {}),
    ...(head === '-' ? {} : { head }),
  };
}

const isNumber = (text = ''): text is string => /^\d{1,20}$/.test(text);

/**
 * Is the comment of the run `theirs` newer than the one that the run `mine` would write? It is if `theirs` is the later
 * run, or if only `theirs` is for the head of the pull request. A run for the head doesn't replace a later run's
 * comment, because somebody may have pushed after the head was read.
 * @param head the newest commit of the pull request, if known
 */
export function isNewer(theirs: Writer, mine: Writer, head?: string): boolean {
  if (head !== undefined && theirs.head === head && mine.head !== undefined && mine.head !== head) return true;
  const [run, ownRun] = [numberOf(theirs.run), numberOf(mine.run)];
  if (run === undefined || ownRun === undefined || run < ownRun) return false;
  return run > ownRun || (numberOf(theirs.attempt) ?? 0n) > (numberOf(mine.attempt) ?? 0n);
}

const numberOf = (text: string | undefined): bigint | undefined => (isNumber(text) ? BigInt(text) : undefined);

/** The relevant fields of a comment. */
interface Comment {
  id: number;
  nodeId?: string;
  body: string;
  author?: Actor;
}

function readComment(value: unknown): Comment | undefined {
  const { id, node_id, body, user } = (value ?? {}) as Record<string, unknown>;
  if (typeof id !== 'number') return undefined;
  const author = readActor(user);
  return {
    id,
    body: typeof body === 'string' ? body : '',
    ...(typeof node_id === 'string' ? { nodeId: node_id } : {}),
    ...(author === undefined ? {} : { author }),
  };
}

/**
 * The comments that begin with the marker, oldest first. Comments that only quote a marked comment don't begin with it.
 */
async function marked(github: Github, number: number, marker: string): Promise<Comment[]> {
  const route = 'GET /repos/{owner}/{repo}/issues/{issue_number}/comments';
  return (await github.listAll({ route, parameters: { issue_number: number } }))
    .map(readComment)
    .filter((comment) => comment !== undefined)
    .filter(({ body }) => body.startsWith(marker))
    .sort((a, b) => a.id - b.id);
}

const isBy =
  (me: Actor) =>
  ({ author }: Comment): boolean =>
    author !== undefined && isSame(author, me);

/**
 * Reads the comment with the reviewed plan.
 * @returns its body; or why it doesn't count, as a sentence without its full stop
 * @throws {GithubError}
 */
export async function readOwnComment(
  github: Github,
  { number, marker, me }: { number: number; marker: string; me: Actor },
): Promise<{ body: string } | { problem: string }> {
  const all = await marked(github, number, marker);
  const [comment, ...others] = all.filter(isBy(me));
  if (comment === undefined) {
    return {
      problem:
        all.length === 0
          ? `Pull request #${number} has no comment with a plan for this account and this share or file. Plan with comment-on-pr: true and the same inputs as the apply job. ${HOW_TO_PLAN_AGAIN}`
          : `The comment with a plan on pull request #${number} was not written by ${actorWords(me)}, the identity of github-token, so it may be a copy. Plan and apply with tokens of the same identity`,
    };
  }
  if (others.length > 0) {
    const ids = [comment, ...others].map(({ id }) => id).join(', ');
    return {
      problem: `Pull request #${number} has ${others.length + 1} comments with a plan by ${actorWords(me)} (${ids}), so it is not clear which one was reviewed. ${HOW_TO_PLAN_AGAIN}`,
    };
  }
  if (comment.nodeId === undefined) throw new GithubError('unusable', { detail: 'a comment has no node_id' });
  const { editor, body = comment.body } = await editorOf(github, comment.nodeId);
  if (editor !== undefined && (editor === null || !isSame(editor, me))) {
    const who = editor === null ? 'an account that no longer exists' : actorWords(editor);
    return {
      problem: `The comment with the plan on pull request #${number} was edited by ${who}, so it may differ from what was planned. ${HOW_TO_PLAN_AGAIN}`,
    };
  }
  return body.startsWith(marker)
    ? { body }
    : { problem: `The comment with the plan on pull request #${number} has just changed. Run the job again` };
}

export interface NewComment {
  kind: CommentKind;
  number: number;
  marker: string;
  /** The whole body, with marker and writer line. */
  body: string;
  writer: Writer;
  /** False: edit an existing comment, but don't create one. */
  isWorthStarting: boolean;
}

/** `superseded`: a newer run has written the comment. `closed`: plans are written only to open pull requests. */
export type Written = 'edited' | 'created' | 'not started' | 'superseded' | 'closed';

/** The comment may have been written: the response to the request that writes it was lost. */
export class MaybeWritten extends Error {
  override name = 'MaybeWritten';
  override readonly cause: GithubError;

  constructor(cause: GithubError) {
    super(cause.message);
    this.cause = cause;
  }
}

/** How often to list again if the comment to edit is gone, or if the response to its creation was lost. */
const ROUNDS_MAX = 4;
const LOOK_AGAIN_MS = 2_000;

/**
 * Writes the only comment of its kind: edits it, or creates it if there is none.
 * @throws {GithubError | MaybeWritten}
 */
export async function writeComment(github: Github, token: string, comment: NewComment): Promise<Written> {
  const pull = comment.kind === 'plan' ? await pullRequest(github, comment.number) : undefined;
  if (pull?.isOpen === false) return 'closed';
  const me = await likelyIdentityOf(github, token);
  const writing = new Writing(github, comment, me, pull?.head);
  try {
    return await writing.write();
  } catch (error) {
    throw writing.isMaybeWritten && error instanceof GithubError ? new MaybeWritten(error) : error;
  }
}

class Writing {
  readonly #github: Github;
  readonly #comment: NewComment;
  readonly #head: string | undefined;
  #me: Actor;
  /** Any request that failed may have taken effect. */
  isMaybeWritten = false;
  /** A request to create the comment may have taken effect. */
  #isMaybeCreated = false;

  /** @param head the newest commit of the pull request, if known */
  constructor(github: Github, comment: NewComment, me: Actor, head: string | undefined) {
    this.#github = github;
    this.#comment = comment;
    this.#me = me;
    this.#head = head;
  }

  async write(): Promise<Written> {
    for (let round = 1; round <= ROUNDS_MAX; round++) {
      const written = await this.#editOrCreate(round);
      if (written !== 'again') return written;
    }
    throw new GithubError('gone');
  }

  async #editOrCreate(round: number): Promise<Written | 'again'> {
    const { body, isWorthStarting } = this.#comment;
    const [oldest, ...others] = await this.#own();
    if (!oldest) return isWorthStarting ? await this.#create(round) : 'not started';
    if ([oldest, ...others].some(this.#isNewer)) return 'superseded';
    const isWritten = oldest.body === body || (await this.#noting(edit(this.#github, oldest, body)));
    if (!isWritten) return 'again'; // somebody deleted it in the meantime
    await tolerating(removeAll(this.#github, others));
    return this.#isMaybeCreated && oldest.body === body ? 'created' : 'edited';
  }

  async #create(round: number): Promise<Written | 'again'> {
    const { number, body } = this.#comment;
    try {
      // The author of the new comment is the token's identity for certain.
      this.#me = (await this.#noting(create(this.#github, number, body))).author ?? this.#me;
    } catch (error) {
      if (!isMaybeDone(error) || round === ROUNDS_MAX) throw error;
      // The comment may exist, so list the comments before creating another one.
      this.#isMaybeCreated = true;
      await this.#github.pause(LOOK_AGAIN_MS * round);
      return 'again';
    }
    return (await tolerating(this.#keepTheOldest())) ?? 'created';
  }

  /** Another job may have created a comment at the same time, so all jobs keep the oldest. */
  async #keepTheOldest(): Promise<Written> {
    const { body } = this.#comment;
    const all = await this.#own();
    const [oldest, ...others] = all;
    const isSuperseded = all.some(this.#isNewer);
    if (oldest && oldest.body !== body && !isSuperseded) await edit(this.#github, oldest, body);
    // A newer run copies its text into the oldest comment before it removes its own.
    await removeAll(
      this.#github,
      others.filter((each) => !this.#isNewer(each)),
    );
    return isSuperseded ? 'superseded' : 'created';
  }

  /** The comments of this kind by the identity of the token, oldest first. */
  async #own(): Promise<Comment[]> {
    const { number, marker } = this.#comment;
    return (await marked(this.#github, number, marker)).filter(isBy(this.#me));
  }

  /** Is the comment from a newer run, so that this run must not replace it? */
  readonly #isNewer = ({ body }: Comment): boolean => isNewer(readWriter(body), this.#comment.writer, this.#head);

  /** Notes that a write may have taken effect. */
  async #noting<T>(write: Promise<T>): Promise<T> {
    try {
      return await write;
    } catch (error) {
      this.isMaybeWritten ||= isMaybeDone(error);
      throw error;
    }
  }
}

const isMaybeDone = (error: unknown): boolean => error instanceof GithubError && mayHaveTakenEffect(error);

/**
 * Ignores failures while removing duplicates, because the comment exists, and a later run removes them.
 * @returns undefined after a failure
 */
async function tolerating<T>(tidying: Promise<T>): Promise<T | undefined> {
  try {
    return await tidying;
  } catch (error) {
    if (!(error instanceof GithubError)) throw error;
    return undefined;
  }
}

async function removeAll(github: Github, comments: readonly Comment[]): Promise<void> {
  for (const comment of comments) await remove(github, comment);
}

const create = (github: Github, number: number, body: string): Promise<Comment> =>
  github.send(
    {
      route: 'POST /repos/{owner}/{repo}/issues/{issue_number}/comments',
      parameters: { issue_number: number, body },
      onlyOnce: true,
    },
    readComment,
  );

/** @returns false if the comment is gone */
async function edit(github: Github, { id }: Comment, body: string): Promise<boolean> {
  const call = {
    route: 'PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}',
    parameters: { comment_id: id, body },
  } as const;
  return existed(github.send(call, (data) => (readComment(data) ? true : undefined)));
}

async function remove(github: Github, { id }: Comment): Promise<void> {
  const route = 'DELETE /repos/{owner}/{repo}/issues/comments/{comment_id}';
  await existed(github.send({ route, parameters: { comment_id: id } }, (): true => true));
}

/** @returns false if GitHub says that what was to be changed doesn't exist */
async function existed(changing: Promise<true>): Promise<boolean> {
  try {
    return await changing;
  } catch (error) {
    if (error instanceof GithubError && [404, 410].includes(error.status ?? 0)) return false;
    throw error;
  }
}
