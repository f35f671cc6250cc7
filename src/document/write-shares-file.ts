// Writes a config file of the shares that an account has, as a person would write it.

import { Document, type ScalarTag, type Tags } from 'yaml';
import type { Json } from '../share/json.ts';
import { asLabel } from '../share/names.ts';
import { escaped, UNSEEN } from '../share/words.ts';

export interface SharesFile {
  accountId: string;
  /** The file lists every share that the account sends. */
  complete: boolean;
  /** Where editors find the schema. */
  schemaUrl?: string;
  shares: readonly FileShare[];
}

export interface FileShare {
  name: string;
  /** The accounts that it reaches, or the organization. */
  recipients: { accountIds: readonly string[] } | { organizationId: string };
  /** Accounts of the organization that it leaves out. */
  exclude?: readonly string[];
  resources: readonly {
    resource_type: string;
    resource_id: string;
    resource_account_id: string;
    meta?: Json;
  }[];
}

/**
 * Writes the file. Whether its reader accepts every name and id is for the caller to find out.
 * @param names the names of ids, by the id in lower case: they become labels
 */
export function writeSharesFile(file: SharesFile, names: ReadonlyMap<string, string>): string {
  const labelled = <T extends object>(id: string, item: T): T & { label?: string } => {
    const name = names.get(id.toLowerCase());
    const label = name === undefined ? undefined : asLabel(name);
    return label === undefined ? item : { ...item, label };
  };
  const account = (id: string) => labelled(id, { recipient_account_id: id });
  const isEmpty = (meta: Json | undefined): boolean =>
    meta === undefined || meta === null || (typeof meta === 'object' && Object.keys(meta).length === 0);

  const document = new Document(
    {
      account_id: file.accountId,
      ...(file.complete ? { complete: true } : {}),
      shares: file.shares.map(({ name, recipients, exclude = [], resources }) => ({
        name,
        recipients:
          'accountIds' in recipients
            ? recipients.accountIds.map(account)
            : [labelled(recipients.organizationId, { organization_id: recipients.organizationId })],
        ...(exclude.length > 0 ? { exclude: exclude.map(account) } : {}),
        resources: resources.map(({ resource_type, resource_id, resource_account_id, meta }) =>
          labelled(resource_id, {
            resource_type,
            resource_id,
            ...(resource_account_id.toLowerCase() === file.accountId.toLowerCase() ? {} : { resource_account_id }),
            ...(isEmpty(meta) ? {} : { meta }),
          }),
        ),
      })),
    },
    { version: '1.2', schema: 'core', customTags: withOwnText, aliasDuplicateObjects: false },
  );
  const schema = file.schemaUrl === undefined ? '' : `# yaml-language-server: $schema=${file.schemaUrl}\n`;
  return `${schema}${document.toString({ lineWidth: 0 })}`;
}

// Text is plain where every version of YAML reads it as text. Otherwise it is written as in JSON, in one line, with escapes
// for invisible characters.
const PLAIN = /^[\p{L}\p{N}_][\p{L}\p{N}_ ./()-]*(?<! )$/u;
const OTHER_WORDS = /^(true|false|null|yes|no|on|off|y|n)$/i;
const LIKE_A_NUMBER = /^[\d_.]+(e[-+]?[\d_]+)?$|^0[xob]/i;
/** What shows nothing, and what has no meaning of its own: halves of characters, private and unassigned ones. */
const HIDDEN = new RegExp(`${UNSEEN.source}|\\p{C}`, 'gu');

const text: ScalarTag = {
  tag: 'tag:yaml.org,2002:str',
  default: true,
  identify: (value) => typeof value === 'string',
  resolve: (source) => source,
  stringify: ({ value }) => {
    const written = String(value);
    const plain =
      PLAIN.test(written) && /\p{L}/u.test(written) && !OTHER_WORDS.test(written) && !LIKE_A_NUMBER.test(written);
    return plain ? written : JSON.stringify(written).replace(HIDDEN, escaped);
  },
};

const withOwnText = (tags: Tags): Tags => [
  text,
  ...tags.filter((tag) => typeof tag === 'string' || tag.tag !== text.tag),
];
