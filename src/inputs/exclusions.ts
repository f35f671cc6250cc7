// The list of exclusions, of the `exclude` input or of a share in the file.

import type { Path } from '../document/position.ts';
import type { Place, Problem } from '../share/desired.ts';
import { accountOf, type ExclusionItem, idKey } from '../share/share.ts';
import { type Paths, readChecked } from './checked-text.ts';
import type { Lists } from './desired-share.ts';
import { labelsOf } from './labels.ts';
import { type Checked, soundItems, unrepeated, type Written } from './list.ts';
import { exclude, type WrittenExclusion } from './lists-schema.ts';
import { type Reading, withProblems } from './reading.ts';

/** Reads the text of the `exclude` input. */
export async function readExclude(text: string): Promise<Reading<Written<ExclusionItem>>> {
  const { value, problems, paths } = await readChecked(text, exclude, { root: 'exclude' });
  return withProblems(problems, checkExclude(value, [], paths));
}

export function checkExclude(list: unknown, at: Path, paths: Paths): Checked<ExclusionItem> {
  const { placeOf } = paths;
  const written = soundItems<WrittenExclusion>(list, at, paths).map(({ item, index }) => ({
    // The API has one key for them, whatever the workflow wrote.
    item: { account_id: accountOf(item) ?? '' },
    index,
    label: item.label,
  }));
  const idOf = ({ account_id }: ExclusionItem) => account_id;
  return {
    value: {
      ...unrepeated(written, (item) => idKey(item.account_id)),
      labels: labelsOf(written, idOf, at, placeOf),
    },
    problems: [],
    warnings: [],
    notices: [],
  };
}

/** Exclusions are for a share with the organization. Without recipients (a share given by its id) the API decides. */
export function checkExcludeFits({ recipients, exclude }: Lists, place: Place): Problem[] {
  const first = recipients?.items[0];
  if (!exclude || first === undefined || accountOf(first) === undefined) return [];
  return [
    {
      message: 'is only for a share with an organization: a share with accounts reaches nobody but those accounts',
      place,
    },
  ];
}
