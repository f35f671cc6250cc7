// The one share that the inputs give.

import type { Place, Problem } from '../share/desired.ts';
import type { Inputs } from './inputs-schema.ts';
import { checkExcludeFits, type Lists, makeShare, readList } from './lists.ts';
import type { IsWrong } from './read-inputs.ts';
import { atInput, onlyProblems, remarksOf } from './reading.ts';
import type { ReadShares } from './settings.ts';

export async function readOneShare(inputs: Inputs, isWrong: IsWrong): Promise<ReadShares> {
  const { 'account-id': accountId = '', 'share-name': name, 'share-id': shareId } = inputs;
  const deleting = inputs.mode === 'delete';
  const byId = shareId !== undefined || isWrong('share-id');
  // With share-id, a missing list is left alone. Without it, both lists are needed to create the share.
  const needed = !deleting && !byId;
  const read = async <K extends keyof Lists>(name: K, needed: boolean) => {
    const text = inputs[name];
    if (text !== undefined) return readList(name, text, accountId);
    return { ...onlyProblems(needed ? [atInput('is missing: a JSON or YAML list', name)] : []), value: undefined };
  };
  const recipients = await read('recipients', needed);
  const resources = await read('resources', needed);
  const exclude = await read('exclude', false);
  const lists: Lists = { recipients: recipients.value, resources: resources.value, exclude: exclude.value };

  const ofLists = remarksOf([recipients, resources, exclude]);
  const remarks = {
    problems: [
      ...(name === undefined && !byId && !isWrong('share-name') ? [nameIsMissing(deleting)] : []),
      ...ofLists.problems,
      ...checkExcludeFits(lists, { label: 'exclude' }),
    ],
    warnings: deleting ? [] : ofLists.warnings,
    notices: deleting ? [] : ofLists.notices,
  };
  if (remarks.problems.length > 0) return remarks;
  const share = { name: name ?? '', accountId, ...(shareId === undefined ? {} : { shareId }) };
  const desired = makeShare({ ...share, state: deleting ? 'absent' : 'present' }, lists, placeInInputs);
  const labels = Object.values(lists).flatMap((list) => list?.labels ?? []);
  return { ...remarks, value: { accountId, desired: [desired], source: { kind: 'inputs' }, labels } };
}

const nameIsMissing = (deleting: boolean): Problem =>
  atInput(
    deleting ? 'is missing: name the share to delete, or give its share-id' : 'is missing: the name of the share',
    'share-name',
  );

const placeInInputs = ([part, ...rest]: readonly (string | number)[]): Place => ({
  label: rest.reduce<string>(
    (label, step) => (typeof step === 'number' ? `${label}[${step}]` : `${label}.${step}`),
    part === undefined || part === 'name' ? 'share-name' : String(part),
  ),
});
