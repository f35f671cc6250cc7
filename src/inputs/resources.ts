// The list of resources, of the `resources` input or of a share in the file.

import type { Path } from '../document/position.ts';
import { equalJson } from '../share/json.ts';
import { type ResourceItem, resourceKey } from '../share/share.ts';
import { type Paths, readChecked } from './checked-text.ts';
import { labelsOf } from './labels.ts';
import { type Checked, soundItems, unrepeated, type Written } from './list.ts';
import { KNOWN_RESOURCE_TYPES, resources, type WrittenResource } from './lists-schema.ts';
import { type Reading, withProblems } from './reading.ts';

/** Reads the text of the `resources` input; `owner` is the account that they belong to unless they say otherwise. */
export async function readResources(text: string, owner: string): Promise<Reading<Written<ResourceItem>>> {
  const { value, problems, paths } = await readChecked(text, resources, { root: 'resources' });
  return withProblems(problems, checkResources(value, owner, [], paths));
}

export function checkResources(list: unknown, owner: string, at: Path, paths: Paths): Checked<ResourceItem> {
  const { placeOf } = paths;
  const written = soundItems<WrittenResource>(list, at, paths).map(({ item, index }) => {
    const { resource_type, resource_id, resource_account_id = owner, meta = {}, label } = item;
    return { item: { resource_type, resource_id, resource_account_id, meta }, index, label };
  });
  const value = unrepeated(written, resourceKey);
  const first = new Map(value.items.map((item) => [resourceKey(item), item]));
  const problems = written
    .filter(({ item }) => !equalJson(first.get(resourceKey(item))?.meta, item.meta))
    .map(({ index }) => ({
      message: 'the same resource is listed before with another meta',
      place: placeOf([...at, index]),
    }));
  const warnings = written
    .filter(({ item }) => !KNOWN_RESOURCE_TYPES.includes(item.resource_type))
    .map(({ item, index }) => ({
      message: `${JSON.stringify(item.resource_type)} is not a type that this version knows (${KNOWN_RESOURCE_TYPES.join(', ')}); it is sent as it is`,
      place: placeOf([...at, index, 'resource_type']),
    }));
  const idOf = ({ resource_id }: ResourceItem) => resource_id;
  return {
    value: { ...value, labels: labelsOf(written, idOf, at, placeOf) },
    problems,
    warnings,
    notices: [],
  };
}
