// Writes an account's shares as a config file, in the form a person would use.

import { Document, type ScalarTag, type Tags } from 'yaml';
import type { Json } from '../share/json.ts';
import { asLabel, type Names, nameOf } from '../share/names.ts';
import { sameId } from '../share/share.ts';
import { escaped, UNSEEN } from '../share/words.ts';

export interface SharesFile {
  accountId: string;
  /** The file lists every share that the account sends. */
  complete: boolean;
  /** The URL of the schema, for editors. */
  schemaUrl: string;
  shares: readonly FileShare[];
}

export interface FileShare {
  name: string;
  /** The accounts that receive the share, or the organization. */
  recipients: { accountIds: readonly string[] } | { organizationId: string };
  /** Accounts in the organization that are excluded. */
  exclude?: readonly string[];
  resources: readonly {
    resource_type: string;
    resource_id: string;
    resource_account_id: string;
    /** Absent, null and an empty value mean the same. */
    meta?: Json | undefined;
  }[];
}

/** Writes the file, with names as labels. The caller must check that the file's reader accepts every name and id. */
export function writeSharesFile(file: SharesFile, names: Names): string {
  const document = new Document(contentOf(file, names), {
    version: '1.2',
    customTags: withOwnText,
    aliasDuplicateObjects: false,
  });
  return `# yaml-language-server: $schema=${file.schemaUrl}\n${document.toString()}`;
}

function contentOf({ accountId, complete, shares }: SharesFile, names: Names): object {
  // A label of undefined isn't written.
  const labelled = (id: string, item: object) => {
    const name = nameOf(id, names);
    return { ...item, label: name === undefined ? undefined : asLabel(name) };
  };
  const account = (id: string) => labelled(id, { recipient_account_id: id });
  return {
    account_id: accountId,
    ...(complete ? { complete: true } : {}),
    shares: shares.map(({ name, recipients, exclude = [], resources }) => ({
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
          ...(sameId(resource_account_id, accountId) ? {} : { resource_account_id }),
          ...(isEmpty(meta) ? {} : { meta }),
        }),
      ),
    })),
  };
}

const isEmpty = (meta: Json | undefined): boolean => typeof meta === 'object' && Object.keys(meta ?? {}).length === 0;

// Text stays unquoted if every version of YAML reads it as text. Otherwise it is quoted as in JSON, on one line, with
// escapes for invisible characters.
const PLAIN = /^[\p{L}\p{N}_][\p{L}\p{N}_ ./()-]*(?<! )$/u;
const OTHER_WORDS = /^(true|false|null|yes|no|on|off|y|n)$/i;
const LIKE_A_NUMBER = /^[\d_.]+e-?[\d_]+$|^0[xob]/i;
/** Invisible characters, and those without a meaning of their own: lone surrogates, private-use and unassigned ones. */
const HIDDEN = new RegExp(`${UNSEEN.source}|\\p{C}`, 'gu');

const stringify: ScalarTag['stringify'] = ({ value }) => {
  const written = String(value);
  const plain =
    PLAIN.test(written) && /\p{L}/u.test(written) && !OTHER_WORDS.test(written) && !LIKE_A_NUMBER.test(written);
  return plain ? written : JSON.stringify(written).replace(HIDDEN, escaped);
};

const withOwnText = (tags: Tags): Tags =>
  (tags as ScalarTag[]).map((tag) => (tag.tag === 'tag:yaml.org,2002:str' ? { ...tag, stringify } : tag));
