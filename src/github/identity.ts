// Whose comments count: those of the identity that `github-token` belongs to.

import type { Github } from './client.ts';

export interface Author {
  id?: number;
  type?: string;
}

/** Is it an installation's token, as the workflow's own is? Such a token cannot ask which bot it belongs to. */
export const isInstallationToken = (token: string): boolean => token.startsWith('ghs_');

/** Whose comments count. For an installation's token: any bot's. For a person's token: only that person's. */
export async function authorOf(
  { octokit }: Github,
  token: string,
): Promise<{ isOurs: (user: Author) => boolean; kind: string }> {
  const bots = { isOurs: ({ type }: Author) => type === 'Bot', kind: 'a bot, as the github-token is' };
  if (isInstallationToken(token)) return bots;
  try {
    const { data } = await octokit.rest.users.getAuthenticated();
    const isOurs = ({ id }: Author): boolean => id !== undefined && id === data.id;
    return { isOurs, kind: 'the user of the github-token' };
  } catch (error) {
    // GitHub refuses an installation's token here, whatever it begins with.
    if ((error as { status?: number }).status === 403) return bots;
    throw error;
  }
}
