// Decides whose comments count: only comments that the identity of `github-token` wrote and nobody else edited.

import type { Github } from './client.ts';
import { GithubError, isHidden } from './errors.ts';

/** Somebody on GitHub. */
export interface Actor {
  /** The login, without the suffix `[bot]` of bots. */
  login: string;
  /** A bot and a person can have the same login. Undefined: the server doesn't say. */
  isBot?: boolean;
}

/** GitHub itself tells every account's kind. On a compatible server that doesn't, the login decides. */
export const isSame = (a: Actor, b: Actor): boolean =>
  a.login.toLowerCase() === b.login.toLowerCase() &&
  (a.isBot === undefined || b.isBot === undefined || a.isBot === b.isBot);

export const actorWords = ({ login, isBot }: Actor): string => (isBot ? `${login}[bot]` : login);

const BOT = '[bot]';

/**
 * REST returns the login of a bot as `github-actions[bot]`, GraphQL as `github-actions`.
 * @returns undefined if there is no account, as for a deleted one
 */
export function readActor(value: unknown): Actor | undefined {
  const { login, type, __typename } = (value ?? {}) as { login?: unknown; type?: unknown; __typename?: unknown };
  if (typeof login !== 'string' || login === '') return undefined;
  const kind = type ?? __typename;
  if (login.endsWith(BOT)) return { login: login.slice(0, -BOT.length), isBot: true };
  return { login, ...(typeof kind === 'string' ? { isBot: kind === 'Bot' } : {}) };
}

/** Is it an installation token, like the workflow's own token? The identity of such a token is a bot. */
const isInstallationToken = (token: string): boolean => token.startsWith('ghs_');

/**
 * The identity of the token.
 * @throws {GithubError}
 */
export async function identityOf(github: Github, token: string): Promise<Actor> {
  const viewer = readActor(((await github.query('query { viewer { login } }')) as { viewer?: unknown }).viewer);
  if (viewer === undefined) throw new GithubError('unusable', { detail: 'viewer has no login' });
  // GraphQL calls every viewer a user, so the type says nothing.
  return { ...viewer, isBot: viewer.isBot === true || isInstallationToken(token) };
}

/** Does the server have no GraphQL API? Some GitHub-compatible servers don't. */
export const isWithoutGraphql = (error: unknown): error is GithubError =>
  error instanceof GithubError && [404, 405, 410, 501].includes(error.status ?? 0);

/** The identity of the workflow's own token. */
const WORKFLOW: Actor = { login: 'github-actions', isBot: true };

/** The identity of the token, as far as known without GraphQL. @throws {GithubError} */
export async function likelyIdentityOf(github: Github, token: string): Promise<Actor> {
  try {
    return await identityOf(github, token);
  } catch (error) {
    if (!isWithoutGraphql(error)) throw error;
  }
  try {
    return await github.send({ route: 'GET /user' }, readActor);
  } catch (error) {
    // An installation token can't query its user.
    if (isHidden(error)) return WORKFLOW;
    throw error;
  }
}

/** A comment as GraphQL shows it. */
interface Edited {
  /** The last editor. Null: an account that no longer exists. Undefined: nobody edited it. */
  editor?: Actor | null;
  body?: string;
}

const COMMENT = 'query($id:ID!){node(id:$id){...on IssueComment{body,lastEditedAt,editor{__typename,login}}}}';

/**
 * The last editor of a comment. The body comes in the same response, so nobody can edit it in between.
 * @throws {GithubError}
 */
export async function editorOf(github: Github, nodeId: string): Promise<Edited> {
  const { node } = (await github.query(COMMENT, { id: nodeId })) as { node?: unknown };
  const { body, editor, lastEditedAt } = (node ?? {}) as { body?: unknown; editor?: unknown; lastEditedAt?: unknown };
  // Null means that nobody edited the comment. If the field is missing, somebody may have edited it.
  if (editor === undefined) throw new GithubError('unusable', { detail: 'the editor of a comment is missing' });
  const isEdited = editor !== null || (lastEditedAt !== null && lastEditedAt !== undefined);
  return {
    ...(isEdited ? { editor: readActor(editor) ?? null } : {}),
    ...(typeof body === 'string' ? { body } : {}),
  };
}
