// Inputs that require or exclude one another.

import type { Problem } from '../share/desired.ts';
import type { InputName, Inputs, IsWrong } from './read-inputs.ts';
import { atInput } from './reading.ts';

export const checkCombinations = (inputs: Inputs, isWrong: IsWrong): Problem[] => [
  ...checkIfExists(inputs),
  ...(isWrong('mode') ? [] : checkMode(inputs)),
  ...checkOneShare(inputs, isWrong),
  ...checkReviewedPlan(inputs),
];

function checkIfExists(inputs: Inputs): Problem[] {
  if (inputs['if-exists'] !== 'create-new' || inputs['share-id'] === undefined) return [];
  const message = 'create-new always creates a share, but share-id names an existing one: remove one of the two';
  return [atInput(message, 'if-exists')];
}

const MODE_OF = [
  ['plan-file', 'plan'],
  ['reviewed-plan', 'apply'],
] as const;

function checkMode(inputs: Inputs): Problem[] {
  const { mode } = inputs;
  const elsewhere = MODE_OF.filter(([input, only]) => inputs[input] !== undefined && mode !== only).map(
    ([input, only]) => atInput(`is only for mode: ${only}, but mode is ${mode}`, input),
  );
  if (mode !== 'export' || inputs.config !== undefined) return elsewhere;
  return [...elsewhere, atInput('is missing: set it to the path of a new file, which mode: export writes', 'config')];
}

const OF_ONE_SHARE: readonly InputName[] = ['share-name', 'share-id', 'recipients', 'resources', 'exclude'];

/** The inputs of one share can't be combined with a file or `mode: export`. */
function checkOneShare(inputs: Inputs, isWrong: IsWrong): Problem[] {
  if (inputs.config === undefined && inputs.mode !== 'export') return [];
  const message =
    inputs.config === undefined
      ? "can't be combined with mode: export, which writes every share of the account"
      : "can't be combined with config, because the file lists the shares";
  return OF_ONE_SHARE.filter((name) => inputs[name] !== undefined || isWrong(name)).map((name) =>
    atInput(message, name),
  );
}

function checkReviewedPlan(inputs: Inputs): Problem[] {
  if (inputs['reviewed-plan'] !== 'pull-request' || inputs['github-token'] !== undefined) return [];
  const message = 'is missing, but reviewed-plan: pull-request needs it to read the comment on the pull request';
  return [atInput(message, 'github-token')];
}
