// The names that README and the examples use, so that their files work unchanged against the simulator.

import type { Simulator } from './index.ts';

const ACCOUNTS = ['Berlin office', 'Branch Aarhus', 'Branch Odense', 'Lyon office'];

/** Names the first member accounts, and adds the policy and the ruleset, also after each reset. @returns the same simulator */
export function nameAsDocumented(simulator: Simulator): Simulator {
  const { reset } = simulator;
  simulator.reset = () => {
    reset();
    addNames(simulator);
  };
  addNames(simulator);
  return simulator;
}

function addNames(simulator: Simulator): void {
  for (const [i, name] of ACCOUNTS.entries()) simulator.nameAccount(simulator.memberIds[i] as string, name);
  simulator.addPolicy({ name: 'Block malware' });
  simulator.addRuleset({ name: 'Baseline WAF' });
}
