// Values for tables of unit tests: shares, plans, outcomes and reports.

import { createHash } from 'node:crypto';
import { memberAccountIds, outsiderAccountId } from '../../simulator/organization.ts';
import type { Report } from '../../src/report/contents.ts';
import type { RunContext, Source } from '../../src/settings.ts';
import { accessOf } from '../../src/share/access.ts';
import { decide } from '../../src/share/decide.ts';
import type { DesiredShare } from '../../src/share/desired.ts';
import type { Names } from '../../src/share/names.ts';
import type { ShareOutcome } from '../../src/share/outcome.ts';
import { changesAnything } from '../../src/share/plan.ts';
import type { Policy } from '../../src/share/policy.ts';
import type { Problem } from '../../src/share/problem.ts';
import {
  type Exclusion,
  type Recipient,
  type ResourceItem,
  type Share,
  type ShareResource,
  targetOf,
} from '../../src/share/share.ts';
import type { Step } from '../../src/share/steps.ts';
import { type Flat, foundOf } from '../share/values.ts';

/** An id in Cloudflare's form, always the same for the same words. */
export const idOf = (words: string): string => createHash('sha256').update(words).digest('hex').slice(0, 32);

export const OWNER = '023e105f4ecef8ad9ca31a8372d0c353';
export const ORGANIZATION = '9a7806061c88ada191ed06f989cc3dac';
/** Members of the simulator's organization. The first nine have ids like 1111…, which no account has. */
const member = (n: number): string => memberAccountIds[9 + n] as string;
export const BERLIN = member(0);
export const LYON = member(1);
export const PARIS = member(2);
export const PORTO = member(3);
export const VIENNA = member(4);
export const STAGING = member(5);
/** An account without a name. */
export const STRANGER = member(6);
export const branch = (n: number): string => member(10 + n);
export const POLICY = 'f174e90afafe4643bbbc4a0ed4fc8415';
export const RULESET = '2c0fc9fa937b11eaa1b71c4d701ab86e';

export const NAMES: Names = new Map([
  [OWNER, 'Head office'],
  [BERLIN, 'Berlin office'],
  [LYON, 'Lyon office'],
  [PARIS, 'Paris office'],
  [PORTO, 'Porto office'],
  [VIENNA, 'Vienna office'],
  [STAGING, 'Staging'],
  [POLICY, 'Block malware'],
  [RULESET, 'Baseline WAF'],
]);

export const policy = (id = POLICY, meta: unknown = {}): ResourceItem => ({
  resource_type: 'gateway-policy',
  resource_id: id,
  resource_account_id: OWNER,
  meta,
});
export const ruleset = (id = RULESET): ResourceItem => ({ ...policy(id), resource_type: 'custom-ruleset' });

interface Written extends Partial<DesiredShare> {
  line?: number;
}

/** A share as a file writes it. */
export function desired(
  name: string,
  accounts: readonly string[] | 'organization',
  written: Written = {},
): DesiredShare {
  const { line = 4, ...rest } = written;
  const recipients = accounts === 'organization' ? [{}] : accounts.map((id) => ({ recipient_account_id: id }));
  return {
    name,
    accountId: OWNER,
    state: 'present',
    recipients,
    resources: [policy()],
    target: targetOf(recipients),
    placeOf: (path) => ({ label: ['shares[0]', ...path].join('.'), file: '.cloudflare/shares.yml', line, column: 5 }),
    ...rest,
  };
}

export const recipient = (
  account: string,
  association_status = 'associated',
  error?: { error: string; terminal: boolean },
): Recipient =>
  ({
    id: idOf(`recipient ${account}`),
    account_id: account,
    association_status,
    created: '2026-03-02T08:15:30.123456Z',
    modified: '2026-03-02T08:15:30.123456Z',
    resources: error ? [{ resource_id: POLICY, resource_version: 3, ...error }] : [],
  }) as Recipient;

export const shared = (item: ResourceItem): ShareResource =>
  ({
    ...item,
    id: idOf(`share-resource ${item.resource_id}`),
    resource_version: 3,
    status: 'active',
    created: '2026-03-02T08:15:30.123456Z',
    modified: '2026-03-02T08:15:30.123456Z',
  }) as ShareResource;

export const live = (name: string, { target = 'account', resources = [policy()], status = 'active' } = {}): Share =>
  ({
    id: idOf(`share ${name}`),
    account_id: OWNER,
    account_name: 'Head office',
    organization_id: ORGANIZATION,
    name,
    status,
    target_type: target,
    resources: resources.map(shared),
    created: '2026-03-02T08:15:30.123456Z',
    modified: '2026-03-02T08:15:30.123456Z',
  }) as Share;

export const exclusion = (account: string): Exclusion => ({ id: idOf(`exclusion ${account}`), account_id: account });

const rules: Pick<Policy, 'ifExists' | 'prune' | 'replace'> = { ifExists: 'update', prune: false, replace: false };
const nothing = { problems: [], warnings: [], steps: { done: [], notDone: [], notKnown: [] } };

/** The outcome of `mode: plan` for a share. */
export function planned(
  wanted: DesiredShare,
  actual: Flat,
  with_: Partial<typeof rules> & Partial<ShareOutcome> = {},
): ShareOutcome {
  const { ifExists = rules.ifExists, prune = rules.prune, replace = rules.replace, ...rest } = with_;
  const { plan, refusal, kept } = decide(wanted, foundOf(actual), { ifExists, prune, replace });
  return {
    ...nothing,
    desired: wanted,
    name: wanted.name || (actual.share?.name ?? ''),
    plan,
    before: accessOf(foundOf(actual).observed, wanted),
    ...(kept ? { kept } : {}),
    outcome: 'planned',
    changed: refusal === undefined && changesAnything(plan),
    ...(refusal === undefined
      ? {}
      : {
          refusal,
          problems: [{ message: `${refusal}. Nothing was changed`, kind: 'refusal' as const }],
        }),
    ...(actual.share ? { share: actual.share } : {}),
    ...(actual.recipients ? { recipients: actual.recipients } : {}),
    ...(actual.exclusions ? { exclusions: actual.exclusions } : {}),
    ...rest,
  };
}

/** The outcome of `mode: apply` for it. */
export const applied = (of: ShareOutcome, came: Partial<ShareOutcome>): ShareOutcome => ({
  ...of,
  changed: true,
  ...came,
});

export const CONFIG: Source = {
  kind: 'config',
  file: '.cloudflare/shares.yml',
  path: '/home/runner/work/shares/shares/.cloudflare/shares.yml',
  complete: false,
};
export const RUN: RunContext = {
  url: 'https://github.com/owner/repo/actions/runs/11834920137/attempts/1',
  id: '11834920137',
  attempt: '1',
  repository: 'owner/repo',
  actor: 'octocat',
  sha: '6dcb09b5b57875f334f61aebed695e2e4193db5e',
};

export const report = (
  mode: Report['mode'],
  outcomes: readonly ShareOutcome[],
  more: Partial<Report> = {},
): Report => ({
  mode,
  ifExists: 'update',
  accountId: OWNER,
  source: outcomes.length === 1 ? { kind: 'inputs' } : CONFIG,
  outcomes,
  run: RUN,
  names: NAMES,
  inputProblems: [],
  warnings: [],
  cautions: [],
  ...more,
});

const drift: Problem = { message: 'The share is not as written', kind: 'drift' };
const baseline = desired('Gateway baseline', [BERLIN, LYON, PARIS]);
const has = (...accounts: string[]): Recipient[] => accounts.map((id) => recipient(id));

function threeHundred(): Report {
  const names = new Map(NAMES);
  const outcomes = Array.from({ length: 300 }, (_, i) => {
    const name = `Branch ${String(i + 1).padStart(3, '0')}`;
    const account = branch(i);
    names.set(account, name);
    const wanted = desired(name, [account, BERLIN], { line: 4 + 5 * i });
    if (i % 25 === 3) return planned(wanted, {});
    if (i % 25 === 9) return planned(wanted, { share: live(name), recipients: has(account) });
    if (i % 50 === 17) return planned(wanted, { share: live(name), recipients: has(account, BERLIN, STRANGER) });
    if (i === 40) return planned(wanted, { share: live(name, { target: 'organization' }) });
    return planned(wanted, { share: live(name), recipients: has(account, BERLIN) });
  });
  return report('plan', outcomes, { names });
}

/** An account of another organization. */
export const OUTSIDER = outsiderAccountId;
const refusedRecipient = `Cloudflare refused to add recipient ${OUTSIDER} to share ${idOf('share Gateway baseline')}: HTTP 400: 1001 must be an account of the owner's organization (at /recipient_account_id) [CF-Ray 8f2b3c4d5e6f7a8b-AMS]`;

const created = (name: string): Step[] => [
  { kind: 'create', name, shareId: idOf(`share ${name}`) },
  { kind: 'rename', name },
];
export const adding = (account_id: string): Step => ({
  kind: 'change',
  change: { op: 'add', kind: 'recipient', item: { account_id } },
});

/** What runs report. scenes.test.ts compares each with the real run of the same name. */
export const REPORTS: Record<string, Report> = {
  create: report('apply', [
    applied(planned(desired('Gateway baseline', [BERLIN, LYON, PARIS], { resources: [policy(), ruleset()] }), {}), {
      outcome: 'created',
      share: live('Gateway baseline', { resources: [policy(), ruleset()] }),
      recipients: has(BERLIN, LYON, PARIS),
      waitedMs: 41_800,
      steps: {
        done: [...created('Gateway baseline'), { kind: 'wait-until-associated' }],
        notDone: [],
        notKnown: [],
      },
    }),
  ]),
  update: report('plan', [
    planned(
      desired('Gateway baseline', [BERLIN, LYON, PARIS], { resources: [policy(POLICY, { priority: 2 }), ruleset()] }),
      {
        share: live('Gateway baseline', { resources: [policy(POLICY, { priority: 1 })] }),
        recipients: has(BERLIN, LYON),
      },
    ),
  ]),
  prune: report('plan', [
    planned(
      desired('Gateway baseline', [BERLIN, PORTO]),
      {
        share: live('Gateway baseline', { resources: [policy(), ruleset()] }),
        recipients: has(BERLIN, LYON, STRANGER),
      },
      { prune: true },
    ),
    planned(desired('WAF baseline', [BERLIN, LYON], { resources: [ruleset()], line: 12 }), {
      share: live('WAF baseline', { resources: [ruleset()] }),
      recipients: has(BERLIN, LYON),
    }),
    planned(desired('Old block page', [], { state: 'absent', line: 20 }), {
      share: live('Old block page'),
      recipients: has(LYON, VIENNA),
    }),
  ]),
  replace: report('plan', [
    planned(
      desired('Gateway baseline', 'organization'),
      { share: live('Gateway baseline'), recipients: has(BERLIN, LYON) },
      { replace: true },
    ),
  ]),
  refused: report('plan', [
    planned(desired('Gateway baseline', [BERLIN, LYON]), {
      share: live('Gateway baseline', { target: 'organization' }),
    }),
    planned(desired('WAF baseline', [BERLIN, PORTO], { resources: [ruleset()], line: 12 }), {
      share: live('WAF baseline', { resources: [ruleset()] }),
      recipients: has(BERLIN),
    }),
  ]),
  drift: report(
    'plan',
    [
      planned(
        baseline,
        {
          share: live('Gateway baseline', { resources: [policy(), ruleset()] }),
          recipients: has(BERLIN, LYON, PARIS, STRANGER),
        },
        { problems: [drift] },
      ),
      planned(desired('WAF baseline', [BERLIN], { resources: [ruleset()], line: 12 }), {
        share: live('WAF baseline', { resources: [ruleset()] }),
        recipients: has(BERLIN),
      }),
      planned(
        desired('Made by hand', [], { state: 'absent', unlisted: true }),
        { share: live('Made by hand'), recipients: has(VIENNA) },
        { problems: [drift] },
      ),
    ],
    { source: { ...CONFIG, complete: true } },
  ),
  exclusions: report('plan', [
    planned(
      desired('Everywhere', 'organization', { exclude: [{ account_id: STAGING }, { account_id: STRANGER }] }),
      { share: live('Everywhere', { target: 'organization' }), exclusions: [exclusion(VIENNA)] },
      { prune: true },
    ),
  ]),
  'failed halfway': report(
    'apply',
    [
      applied(
        planned(desired('Gateway baseline', [BERLIN, LYON, OUTSIDER]), {
          share: live('Gateway baseline'),
          recipients: has(BERLIN),
        }),
        {
          outcome: 'updated',
          recipients: [recipient(BERLIN), recipient(LYON, 'associating')],
          problems: [
            {
              message: refusedRecipient,
              place: {
                label: 'shares[0].recipients[2].recipient_account_id',
                file: CONFIG.file,
                line: 6,
                column: 31,
              },
            },
          ],
          steps: { done: [adding(LYON)], notDone: [adding(OUTSIDER)], notKnown: [] },
        },
      ),
      applied(planned(desired('WAF baseline', [BERLIN, PORTO], { resources: [ruleset()], line: 12 }), {}), {
        outcome: 'created',
        share: live('WAF baseline', { resources: [ruleset()] }),
        steps: { done: created('WAF baseline'), notDone: [], notKnown: [] },
      }),
    ],
    {
      warnings: [
        {
          message: `account ${OUTSIDER} is not in your organization, so Cloudflare will refuse it`,
          place: { label: 'shares[0].recipients[2]', file: CONFIG.file, line: 6, column: 9 },
        },
      ],
    },
  ),
  'terminal error': report('apply', [
    applied(planned(baseline, {}), {
      outcome: 'created',
      share: live('Gateway baseline'),
      recipients: [
        recipient(BERLIN),
        recipient(LYON, 'associating', { error: 'Recipient is missing necessary entitlement', terminal: true }),
        recipient(PARIS, 'associating', { error: 'Upstream is busy', terminal: false }),
      ],
      problems: [
        {
          message: `recipient ${LYON} can't receive resource ${POLICY}: Recipient is missing necessary entitlement. Cloudflare reports this as terminal and does not retry. Give the recipient what it lacks (an entitlement, a plan). Then remove the recipient from the share, and add it again`,
        },
      ],
      steps: {
        done: created('Gateway baseline'),
        notDone: [{ kind: 'wait-until-associated' }],
        notKnown: [],
      },
    }),
  ]),
  'broken file': report('plan', [], {
    source: CONFIG,
    names: new Map(),
    inputProblems: [
      {
        message:
          'unknown key (known: recipient_account_id, account_id, organization_id, account_name, account_names, label). Did you mean account_name?',
        place: { label: 'shares[0].recipients[0].acount_name', file: CONFIG.file, line: 4, column: 9 },
      },
      {
        message: 'is missing',
        place: { label: 'shares[1].resources[0].resource_id', file: CONFIG.file, line: 12, column: 9 },
      },
    ],
  }),
  'no permission': report(
    'plan',
    Array.from({ length: 12 }, (_, i) => ({
      ...nothing,
      desired: desired(`Branch ${i + 1}`, [BERLIN], { line: 4 + 5 * i }),
      name: `Branch ${i + 1}`,
      changed: undefined,
      problems: [
        {
          message:
            "Cloudflare refused to list the account's shares: HTTP 403: 10000 Authentication error [CF-Ray 8f2b3c4d5e6f7a8b-AMS]. The credentials don't have permission to read this account's shares: check that the token is valid, is for this account-id, and can read resource sharing. (if-exists: create-new needs no permission to read.)",
        },
      ],
    })),
  ),
  '300 shares': threeHundred(),
};
