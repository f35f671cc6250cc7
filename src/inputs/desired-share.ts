// One desired share, made of its checked parts.

import type { Path } from '../document/position.ts';
import type { DesiredShare, Place } from '../share/desired.ts';
import { type ExclusionItem, type RecipientItem, type ResourceItem, targetOf } from '../share/share.ts';
import type { Written } from './list.ts';

/** The lists of a share. Undefined: not given. */
export interface Lists {
  recipients?: Written<RecipientItem> | undefined;
  resources?: Written<ResourceItem> | undefined;
  exclude?: Written<ExclusionItem> | undefined;
}

/**
 * One desired share out of its checked parts; a path of the request (`recipients`, 0, …) leads to where it was written.
 * What is to be absent has neither lists nor a previous name.
 */
export function makeDesired(
  share: Pick<DesiredShare, 'name' | 'accountId' | 'state' | 'shareId' | 'previousName'>,
  lists: Lists,
  placeOf: (path: Path) => Place,
): DesiredShare {
  const { previousName, ...rest } = share;
  const { recipients, resources, exclude } = share.state === 'absent' ? {} : lists;
  return {
    ...rest,
    ...(previousName === undefined || share.state === 'absent' ? {} : { previousName }),
    ...(recipients ? { recipients: recipients.items, target: targetOf(recipients.items) } : {}),
    ...(resources ? { resources: resources.items } : {}),
    ...(exclude ? { exclude: exclude.items } : {}),
    placeOf: ([part, index, ...inside]) => {
      if (part === undefined) return placeOf([]);
      if (typeof index !== 'number') return placeOf([part]);
      const list = Object.hasOwn(lists, part) ? lists[part as keyof Lists] : undefined;
      return placeOf([part, list?.indexes[index] ?? index, ...inside]);
    },
  };
}
