// Whose comments count: those by exactly the identity that `github-token` belongs to, and edited by nobody else.

import type { Github } from './client.ts';
import { GithubError } from './errors.ts';

/** Somebody on GitHub. */
export interface Actor {
  /** As people write it, without the `[bot]` at the end of a bot's. */
  login: string;
  /** A bot and a person can have the same login. Undefined: GitHub doesn't say. */
  isBot?: boolean;
}

export const isSame = (a: Actor, b: Actor): boolean =>
  a.login.toLowerCase() === b.login.toLowerCase() &&
  (a.isBot === undefined || b.isBot === undefined || a.isBot === b.isBot);

export const actorWords = ({ login, isBot }: Actor): string => (isBot ? `${login}[bot]` : login);

const BOT = '[bot]';

/**
 * REST gives the login of a bot as `github-actions[bot]`, GraphQL as `github-actions`.
 * @returns undefined for what is no account, as GitHub has it for one that was deleted
 */
export function readActor(value: unknown): Actor | undefined {
  const { login, type, __typename } = (value ?? {}) as { login?: unknown; type?: unknown; __typename?: unknown };
  if (typeof login !== 'string' || login === '') return undefined;
  const kind = type ?? __typename;
  if (login.endsWith(BOT)) return { login: login.slice(0, -BOT.length), isBot: true };
  return { login, ...(typeof kind === 'string' ? { isBot: kind === 'Bot' } : {}) };
}

/** Is it an installation's token, as the workflow's own is? Its identity is a bot. */
const isInstallationToken = (token: string): boolean => token.startsWith('ghs_');

/**
 * The identity of the token.
 * @throws {GithubError}
 */
export async function identityOf(github: Github, token: string): Promise<Actor> {
  const viewer = readActor(((await github.query('query { viewer { login } }')) as { viewer?: unknown }).viewer);
  if (viewer === undefined) throw new GithubError('unusable', { said: 'viewer has no login' });
  // GraphQL calls every viewer a user, so the type would tell nothing.
  return { ...viewer, isBot: viewer.isBot === true || isInstallationToken(token) };
}

/** Has the server no GraphQL? Some servers that are compatible with GitHub have none. */
export const isWithoutGraphql = (error: unknown): boolean =>
  error instanceof GithubError && [404, 405, 410, 501].includes(error.status ?? 0);

/** The identity of the workflow's own token. */
const WORKFLOW: Actor = { login: 'github-actions', isBot: true };

/** The identity of the token, as far as it can be told without GraphQL. @throws {GithubError} */
export async function likelyIdentityOf(github: Github, token: string): Promise<Actor> {
  try {
    return await identityOf(github, token);
  } catch (error) {
    if (!isWithoutGraphql(error)) throw error;
  }
  try {
    return await github.send({ route: 'GET /user' }, readActor);
  } catch (error) {
    // An installation's token can't ask for its user.
    if (error instanceof GithubError && [403, 404].includes(error.status ?? 0)) return WORKFLOW;
    throw error;
  }
}

/** A comment as GraphQL shows it. */
export interface Edited {
  /** The last one who edited it. Null: an account that no longer exists. Undefined: nobody has. */
  editor?: Actor | null;
  body?: string;
}

const COMMENT = 'query($id:ID!){node(id:$id){...on IssueComment{body,lastEditedAt,editor{__typename,login}}}}';

/**
 * Who edited a comment last. The body comes in the same response, so nobody can edit it between the two.
 * @throws {GithubError}
 */
export async function editorOf(github: Github, nodeId: string): Promise<Edited> {
  const { node } = (await github.query(COMMENT, { id: nodeId })) as { node?: unknown };
  const { body, editor, lastEditedAt } = (node ?? {}) as { body?: unknown; editor?: unknown; lastEditedAt?: unknown };
  // Null means that nobody edited it. Without a word on it, somebody may have.
  if (editor === undefined) throw new GithubError('unusable', { said: 'the editor of a comment is missing' });
  const isEdited = editor !== null || (lastEditedAt !== null && lastEditedAt !== undefined);
  return {
    ...(isEdited ? { editor: readActor(editor) ?? null } : {}),
    ...(typeof body === 'string' ? { body } : {}),
  };
}
