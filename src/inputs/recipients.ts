// The list of recipients, of the `recipients` input or of a share in the file.

import type { Path } from '../document/position.ts';
import type { Problem } from '../share/desired.ts';
import { accountOf, idKey, type RecipientItem } from '../share/share.ts';
import { type Paths, type PlaceOf, readChecked } from './checked-text.ts';
import { type Entry, labelsOf } from './labels.ts';
import { type Checked, soundItems, unrepeated, type Written } from './list.ts';
import { recipients, type WrittenRecipient } from './lists-schema.ts';
import { onlyFirst, type Reading, withProblems } from './reading.ts';

/** Reads the text of the `recipients` input. */
export async function readRecipients(text: string): Promise<Reading<Written<RecipientItem>>> {
  const { value, problems, paths } = await readChecked(text, recipients, { root: 'recipients' });
  return withProblems(problems, checkRecipients(value, [], paths));
}

export function checkRecipients(list: unknown, at: Path, paths: Paths): Checked<RecipientItem> {
  const { placeOf } = paths;
  const written = soundItems<WrittenRecipient>(list, at, paths).map(({ item: { label, ...item }, index }) => ({
    item,
    index,
    label,
  }));
  const idOf = (item: RecipientItem) => accountOf(item) ?? item.organization_id;
  const key = (item: RecipientItem) => JSON.stringify([isAccount(item), idKey(idOf(item) ?? '')]);
  return {
    value: { ...unrepeated(written, key), labels: labelsOf(written, idOf, at, placeOf) },
    problems: checkNotMixed(written, at, placeOf),
    warnings: everybodyWarnings(written, at, placeOf),
    notices: onlyFirst(oldKeyNotices(written, at, placeOf)),
  };
}

const isAccount = (item: RecipientItem): boolean => accountOf(item) !== undefined;

function checkNotMixed([first, ...others]: readonly Entry<RecipientItem>[], at: Path, placeOf: PlaceOf): Problem[] {
  const odd = others.find(({ item }) => first && isAccount(item) !== isAccount(first.item));
  if (!odd) return [];
  return [
    {
      message: 'accounts and organizations do not mix in one list: a share reaches listed accounts, or an organization',
      place: placeOf([...at, odd.index]),
    },
  ];
}

const everybodyWarnings = (written: readonly Entry<RecipientItem>[], at: Path, placeOf: PlaceOf): Problem[] =>
  written
    .filter(({ item }) => Object.keys(item).length === 0)
    .map(({ index }) => ({
      message: '{} shares with every account of your organization, present and future',
      place: placeOf([...at, index]),
    }));

const oldKeyNotices = (written: readonly Entry<RecipientItem>[], at: Path, placeOf: PlaceOf): Problem[] =>
  written
    .filter(({ item }) => item.account_id !== undefined)
    .map(({ index }) => ({
      message:
        'account_id is the old name of recipient_account_id. Cloudflare takes it until 2027-05-26: write recipient_account_id',
      place: placeOf([...at, index, 'account_id'], 'key'),
    }));
