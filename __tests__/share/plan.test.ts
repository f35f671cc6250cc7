import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { DesiredShare } from '../../src/share/desired.ts';
import {
  changesAnything,
  decide,
  extrasIn,
  hasDrift,
  planToConverge,
  resourceIds,
  type Verdict,
  withExtrasOf,
} from '../../src/share/plan.ts';
import type { IfExists } from '../../src/share/policy.ts';
import { accountOf, type DesiredResource, isLeaving, type Share } from '../../src/share/share.ts';
import {
  actual,
  desired,
  desiredResource,
  desiredWithoutLists,
  exclusion,
  type Flat,
  foundOf,
  plan,
  recipient,
  resource,
  share,
  there,
  thereResource,
} from './values.ts';
import { actualCases, actualOf, carriedOut, desiredCases, desiredWorld, worldOf } from './world.ts';

interface Rules {
  ifExists: IfExists;
  prune: boolean;
  replace: boolean;
}
const RULES: Rules = { ifExists: 'update', prune: false, replace: false };
const TEMPORARY = 'S [creating 0123456789ab]';

interface Case {
  desired?: DesiredShare;
  actual: Flat;
  rules?: Partial<Rules>;
  decision: Verdict;
}

const cases = (table: Record<string, Case>): [string, Case][] => Object.entries(table);
const check = (_: string, { desired: wanted = desired(), actual: found, rules, decision }: Case): void => {
  const { plan, refusal, kept } = decide(wanted, foundOf(found), { ...RULES, ...rules });
  expect({ plan, refusal, kept }).toEqual(decision);
};

const R1 = resource('r1');
const unmanaged = (id: string): DesiredResource => {
  const { meta, ...rest } = desiredResource(id);
  return rest;
};
const oldest = share({ id: 's1', created: '2026-01-01T00:00:00Z' });
const other = share({ id: 's2', created: '2026-01-02T00:00:00Z' });

const ADD_A1 = { recipients: { add: [{ account_id: 'a1' }], remove: [], extra: [] } };
const ADD_R1 = { resources: { add: [desiredResource('r1')], update: [], remove: [], extra: [] } };
const CREATE = plan({ action: 'create', share_id: null, ...ADD_A1, ...ADD_R1 });
const wide = desired({ recipients: [{}], target: 'organization' });
const wideShare = share({ target_type: 'organization', resources: [R1] });
const NO_EXCLUSIONS = { add: [], remove: [], extra: [] };

describe('a share that is to be there', () => {
  test.each(
    cases({
      'is not: it is created': { actual: {}, decision: { plan: CREATE } },
      'is not, with the organization: it is created, without exclusions': {
        desired: wide,
        actual: {},
        decision: {
          plan: { ...CREATE, recipients: { add: [{}], remove: [], extra: [] }, exclusions: NO_EXCLUSIONS },
        },
      },
      'is not, with the organization less some': {
        desired: { ...wide, exclude: [{ account_id: 'a2' }] },
        actual: {},
        decision: {
          plan: {
            ...CREATE,
            recipients: { add: [{}], remove: [], extra: [] },
            exclusions: { add: [{ account_id: 'a2' }], remove: [], extra: [] },
          },
        },
      },
      'is not, and its lists are not given': {
        desired: desiredWithoutLists(),
        actual: {},
        decision: {
          plan: plan({ action: 'create', share_id: null }),
          refusal: 'To make share "S", recipients and resources are both needed: give the missing list',
        },
      },
      'is not of that id': {
        desired: desired({ shareId: 's7' }),
        actual: {},
        decision: {
          plan: plan({ share_id: null }),
          refusal:
            'There is no share s7 in account owner. Check share-id and account-id; to create a share, leave share-id out',
        },
      },
      'is not of that id any more, and its successor waits': {
        desired: desired({ shareId: 's7' }),
        actual: { successor: share({ id: 's8', name: TEMPORARY }) },
        decision: { plan: CREATE },
      },
      'is as desired': { actual: actual(), decision: { plan: plan() } },
      'is as desired, with its name as the API writes it': {
        actual: actual({ share: share({ name: 's', resources: [R1] }), spelling: 's' }),
        decision: { plan: plan() },
      },
      'is as desired, with ids in capitals': {
        actual: {
          share: share({ resources: [resource('R1', { resource_account_id: 'OWNER' })] }),
          recipients: [recipient('A1')],
        },
        decision: { plan: plan() },
      },
      'is as desired, in a state that nobody knows': {
        actual: actual({ share: share({ status: 'suspended', resources: [R1] }) }),
        decision: { plan: plan() },
      },
      'is given by its id alone, without lists: nothing is compared': {
        desired: desiredWithoutLists({ name: '', shareId: 's1' }),
        actual: actual(),
        decision: { plan: plan() },
      },
      'has another recipient': {
        actual: actual({ recipients: [recipient('a2')] }),
        decision: {
          plan: plan({
            action: 'update',
            recipients: { add: [{ account_id: 'a1' }], remove: [], extra: [there('a2')] },
          }),
        },
      },
      'has another recipient, pruned': {
        actual: actual({ recipients: [recipient('a2', { association_status: 'associating' })] }),
        rules: { prune: true },
        decision: {
          plan: plan({
            action: 'update',
            recipients: { add: [{ account_id: 'a1' }], remove: [there('a2', 'associating')], extra: [] },
          }),
        },
      },
      'has one recipient more, pruned': {
        actual: actual({ recipients: [recipient('a1'), recipient('a2')] }),
        rules: { prune: true },
        decision: {
          plan: plan({ action: 'update', recipients: { add: [], remove: [there('a2')], extra: [] } }),
        },
      },
      'has one recipient more: it stays, and is named': {
        actual: actual({ recipients: [recipient('a1'), recipient('a2')] }),
        decision: { plan: plan({ recipients: { add: [], remove: [], extra: [there('a2')] } }) },
      },
      'has recipients that are leaving: they are not there': {
        actual: actual({
          recipients: [
            recipient('a1', { association_status: 'disassociating' }),
            recipient('a2', { association_status: 'disassociated' }),
          ],
        }),
        rules: { prune: true },
        decision: { plan: plan({ action: 'update', ...ADD_A1 }) },
      },
      'has recipients that were not read': {
        actual: { share: share({ resources: [R1] }) },
        rules: { prune: true },
        decision: { plan: plan() },
      },
      'has another resource': {
        actual: actual({ share: share({ resources: [resource('r2')] }) }),
        decision: {
          plan: plan({
            action: 'update',
            resources: { add: [desiredResource('r1')], update: [], remove: [], extra: [thereResource('r2')] },
          }),
        },
      },
      'has one resource more, pruned': {
        actual: actual({ share: share({ resources: [R1, resource('r2')] }) }),
        rules: { prune: true },
        decision: {
          plan: plan({
            action: 'update',
            resources: { add: [], update: [], remove: [thereResource('r2')], extra: [] },
          }),
        },
      },
      'has one resource more: it stays, and is named': {
        actual: actual({ share: share({ resources: [R1, resource('r2')] }) }),
        decision: {
          plan: plan({ resources: { add: [], update: [], remove: [], extra: [thereResource('r2')] } }),
        },
      },
      'has resources that are on their way out: they are not there': {
        actual: actual({
          share: share({ resources: [resource('r1', { status: 'deleting' }), resource('r2', { status: 'deleted' })] }),
        }),
        rules: { prune: true },
        decision: { plan: plan({ action: 'update', ...ADD_R1 }) },
      },
      'has a resource with another meta': {
        actual: actual({ share: share({ resources: [resource('r1', { meta: { a: 1 } })] }) }),
        decision: {
          plan: plan({
            action: 'update',
            resources: {
              add: [],
              update: [{ ...thereResource('r1'), meta: {}, previous_meta: { a: 1 } }],
              remove: [],
              extra: [],
            },
          }),
        },
      },
      'has a resource with a meta, and none is written: it is not managed': {
        desired: desired({ resources: [unmanaged('r1')] }),
        actual: actual({ share: share({ resources: [resource('r1', { meta: { a: 1 } })] }) }),
        decision: { plan: plan() },
      },
      'lacks a resource without a written meta: it is added with an empty one': {
        desired: desired({ resources: [unmanaged('r1'), unmanaged('r2')] }),
        actual: actual(),
        decision: {
          plan: plan({
            action: 'update',
            resources: { add: [desiredResource('r2')], update: [], remove: [], extra: [] },
          }),
        },
      },
      'has a resource whose meta is not shown: it is empty': {
        desired: desired({ resources: [desiredResource('r1', { a: 1 })] }),
        actual: actual({ share: share({ resources: [{ ...R1, meta: undefined }] }) }),
        decision: {
          plan: plan({
            action: 'update',
            resources: {
              add: [],
              update: [{ ...thereResource('r1'), meta: { a: 1 }, previous_meta: {} }],
              remove: [],
              extra: [],
            },
          }),
        },
      },
      'has a temporary name': {
        actual: actual({ share: share({ name: TEMPORARY, resources: [R1] }) }),
        decision: { plan: plan({ action: 'update', rename: { from: TEMPORARY, to: 'S' } }) },
      },
      'has the previous name': {
        desired: desired({ previousName: 'Old' }),
        actual: actual({ share: share({ name: 'Old', resources: [R1] }), previous: [] }),
        decision: { plan: plan({ action: 'update', rename: { from: 'Old', to: 'S' } }) },
      },
      'has another name, and is given by its id': {
        desired: desired({ shareId: 's1' }),
        actual: actual({ share: share({ name: 'Old', resources: [R1] }), namesakes: [] }),
        decision: { plan: plan({ action: 'update', rename: { from: 'Old', to: 'S' } }) },
      },
    }),
  )('%s', check);
});

describe('exclusions of a share with the organization', () => {
  const excluding = (...accounts: string[]): DesiredShare => ({
    ...wide,
    exclude: accounts.map((account_id) => ({ account_id })),
  });
  const found: Flat = { share: wideShare, exclusions: [exclusion('A1'), exclusion('a3')] };
  test.each(
    cases({
      'are not given: they are left alone': {
        desired: wide,
        actual: found,
        rules: { prune: true },
        decision: { plan: plan({ exclusions: NO_EXCLUSIONS }) },
      },
      'were not read': {
        desired: excluding('a1'),
        actual: { share: wideShare },
        decision: { plan: plan({ exclusions: NO_EXCLUSIONS }) },
      },
      'one is added, one stays, and one is not listed': {
        desired: excluding('a1', 'A2'),
        actual: found,
        decision: {
          plan: plan({
            action: 'update',
            exclusions: { add: [{ account_id: 'A2' }], remove: [], extra: [exclusion('a3')] },
          }),
        },
      },
      'one is not listed, pruned': {
        desired: excluding('a1'),
        actual: found,
        rules: { prune: true },
        decision: {
          plan: plan({ action: 'update', exclusions: { add: [], remove: [exclusion('a3')], extra: [] } }),
        },
      },
      'of a share that is given by its id, without recipients': {
        desired: desiredWithoutLists({ shareId: 's1', exclude: [{ account_id: 'a2' }] }),
        actual: found,
        rules: { prune: true },
        decision: {
          plan: plan({
            action: 'update',
            exclusions: { add: [{ account_id: 'a2' }], remove: [exclusion('A1'), exclusion('a3')], extra: [] },
          }),
        },
      },
      'are no part of a share with accounts': {
        desired: desiredWithoutLists({ shareId: 's1', exclude: [{ account_id: 'a2' }] }),
        actual: { ...actual(), exclusions: [] },
        decision: { plan: plan() },
      },
    }),
  )('%s', check);

  test('the recipients of such a share follow its membership: none is added or removed', () => {
    expect(
      decide(wide, foundOf({ ...found, recipients: [recipient('a1')] }), { ...RULES, prune: true }).plan.recipients,
    ).toEqual({ add: [], remove: [], extra: [] });
  });
});

describe('accounts <-> organization', () => {
  const WIDE_BY_ACCOUNTS = plan({
    action: 'replace',
    recipients: { add: [{}], remove: [there('a1')], extra: [] },
    resources: { add: [desiredResource('r1')], update: [], remove: [thereResource('r2')], extra: [] },
    exclusions: { add: [{ account_id: 'a2' }], remove: [], extra: [] },
  });
  const narrow = plan({ action: 'replace', ...ADD_A1, ...ADD_R1 });
  test.each(
    cases({
      'accounts to organization: refused without replace': {
        desired: wide,
        actual: actual(),
        decision: {
          plan: plan({
            action: 'replace',
            recipients: { add: [{}], remove: [there('a1')], extra: [] },
            ...ADD_R1,
            exclusions: NO_EXCLUSIONS,
          }),
          refusal:
            'Share "S" (s1) targets accounts, which is not what is asked for. This can\'t be changed in place. With replace: true, a new share is created before this one is deleted, and its recipients get everything again',
        },
      },
      'accounts to organization: the new share holds just what is listed': {
        desired: { ...wide, exclude: [{ account_id: 'a2' }] },
        actual: actual({
          share: share({ name: 'Old', resources: [resource('r1', { meta: { a: 1 } }), resource('r2')] }),
        }),
        rules: { replace: true },
        decision: { plan: WIDE_BY_ACCOUNTS },
      },
      'organization to accounts: refused without replace': {
        actual: { share: wideShare, recipients: [recipient('a2')] },
        decision: {
          plan: narrow,
          refusal:
            'Share "S" (s1) targets the organization o1, which is not what is asked for. This can\'t be changed in place. With replace: true, a new share is created before this one is deleted, and its recipients get everything again',
        },
      },
      'organization to accounts': {
        actual: { share: wideShare, recipients: [recipient('a2')] },
        rules: { replace: true },
        decision: { plan: narrow },
      },
      'to another organization: the exclusions of the old share go with it': {
        desired: { ...wide, recipients: [{ organization_id: 'o2' }], exclude: [{ account_id: 'a2' }] },
        actual: { share: wideShare, exclusions: [exclusion('a2'), exclusion('a3')] },
        rules: { replace: true },
        decision: {
          plan: plan({
            action: 'replace',
            recipients: { add: [{ organization_id: 'o2' }], remove: [], extra: [] },
            ...ADD_R1,
            exclusions: { add: [{ account_id: 'a2' }], remove: [exclusion('a3')], extra: [] },
          }),
        },
      },
      'to another organization, by its id: exclusions that are not given are none': {
        desired: { ...wide, recipients: [{ organization_id: 'o2' }] },
        actual: { share: wideShare },
        rules: { replace: true },
        decision: {
          plan: plan({
            action: 'replace',
            recipients: { add: [{ organization_id: 'o2' }], remove: [], extra: [] },
            ...ADD_R1,
            exclusions: NO_EXCLUSIONS,
          }),
        },
      },
      'without the list that a new share needs': {
        desired: desiredWithoutLists({ shareId: 's1', recipients: [{}], target: 'organization' }),
        actual: actual(),
        rules: { replace: true },
        decision: {
          plan: plan({
            action: 'replace',
            recipients: { add: [{}], remove: [there('a1')], extra: [] },
            exclusions: NO_EXCLUSIONS,
          }),
          refusal: 'To make share "S", recipients and resources are both needed: give the missing list',
        },
      },
    }),
  )('%s', check);

  test('another organization than the share has is a replacement; its own, in capitals, is not', () => {
    const asking = (organization_id: string): DesiredShare => ({ ...wide, recipients: [{ organization_id }] });
    expect(planToConverge(asking('o2'), foundOf({ share: wideShare }), { prune: true }).action).toBe('replace');
    expect(planToConverge(asking('O1'), foundOf({ share: wideShare }), { prune: true }).action).toBe('none');
  });
});

describe('names that are taken', () => {
  const BOTH_NAMED =
    'There are 2 live shares of the name "S": s1 (of 2026-01-01T00:00:00Z), s2 (of 2026-01-02T00:00:00Z). The action does not guess which one is meant. Give its share-id, or delete the others (mode: delete with share-id)';
  const taken =
    'Another live share has the name "S" already: s2, s3. Two shares of one name cannot be told apart. Choose another name, or delete that share first';
  const others = [other, share({ id: 's3' })];
  const old = share({ ...oldest, name: 'Old' });
  const unlistedNothing = desiredWithoutLists();
  const renamed = plan({ action: 'update', rename: { from: 'Old', to: 'S' } });
  test.each(
    cases({
      'namesakes: nobody guesses': {
        desired: unlistedNothing,
        actual: { share: oldest, namesakes: [other] },
        decision: { plan: plan({ share_id: null }), refusal: BOTH_NAMED },
      },
      'namesakes of a share that is given by its id': {
        desired: { ...unlistedNothing, shareId: 's1' },
        actual: { share: oldest, namesakes: [other] },
        decision: { plan: plan() },
      },
      'a rename by id onto a name that others have': {
        desired: { ...unlistedNothing, shareId: 's1' },
        actual: { share: old, namesakes: others },
        decision: { plan: renamed, refusal: taken },
      },
      'a replacement by id under a name that others have': {
        desired: desired({ shareId: 's1' }),
        actual: { share: wideShare, namesakes: others },
        rules: { replace: true },
        decision: { plan: plan({ action: 'replace', ...ADD_A1, ...ADD_R1 }), refusal: taken },
      },
      'the name and the previous name': {
        desired: { ...unlistedNothing, previousName: 'Old' },
        actual: { share: oldest, previous: [share({ id: 's2', name: 'Old' }), share({ id: 's3', name: 'Old' })] },
        decision: {
          plan: plan(),
          refusal:
            'There is a live share of the name "S" (s1) and one of its previous name "Old" (s2, s3). Delete one of the two, or take previous_name out',
        },
      },
      'the name and the previous name, with if-exists: fail': {
        desired: { ...unlistedNothing, previousName: 'Old' },
        actual: { share: oldest, previous: [share({ id: 's2', name: 'Old' })] },
        rules: { ifExists: 'fail' },
        decision: { plan: plan(), refusal: expect.stringContaining('take previous_name out') as unknown as string },
      },
      'several of the previous name': {
        desired: { ...unlistedNothing, previousName: 'Old' },
        actual: { share: old, previous: [{ ...other, name: 'Old' }] },
        decision: { plan: renamed, refusal: BOTH_NAMED.replace('"S"', '"Old"') },
      },
    }),
  )('%s', check);
});

describe('if-exists', () => {
  const found = actual({ recipients: [recipient('a2')] });
  const differs = plan({
    action: 'update',
    recipients: { add: [{ account_id: 'a1' }], remove: [], extra: [there('a2')] },
  });
  const temporary = actual({ share: share({ name: TEMPORARY, resources: [R1] }) });
  const renamed = plan({ action: 'update', rename: { from: TEMPORARY, to: 'S' } });
  test.each(
    cases({
      'fail: there is one': {
        actual: found,
        rules: { ifExists: 'fail' },
        decision: { plan: differs, refusal: 'A live share of the name "S" exists: s1, and if-exists is fail' },
      },
      'fail: there is none': { actual: {}, rules: { ifExists: 'fail' }, decision: { plan: CREATE } },
      'fail: this run made it': {
        actual: { ...found, ours: true },
        rules: { ifExists: 'fail' },
        decision: { plan: differs },
      },
      'fail: another run makes it': {
        actual: temporary,
        rules: { ifExists: 'fail' },
        decision: {
          plan: renamed,
          refusal:
            'Another run is making the share "S", or was interrupted at it: s1, and if-exists is fail. To finish an interrupted run\'s share, run with if-exists: update',
        },
      },
      'fail: one has the previous name alone': {
        desired: desired({ previousName: 'Old' }),
        actual: actual({ share: share({ name: 'Old', resources: [R1] }) }),
        rules: { ifExists: 'fail' },
        decision: { plan: plan({ action: 'update', rename: { from: 'Old', to: 'S' } }) },
      },
      'keep: there is one': { actual: found, rules: { ifExists: 'keep' }, decision: { plan: plan(), kept: true } },
      'keep: there is none': { actual: {}, rules: { ifExists: 'keep' }, decision: { plan: CREATE } },
      'keep: this run made it': {
        actual: { ...found, ours: true },
        rules: { ifExists: 'keep' },
        decision: { plan: differs },
      },
      'keep: a run began to make it, and its name is finished': {
        actual: { ...temporary, recipients: [recipient('a2')] },
        rules: { ifExists: 'keep' },
        decision: { plan: renamed, kept: true },
      },
      'keep: it is wider than asked': {
        actual: { share: wideShare },
        rules: { ifExists: 'keep', replace: true },
        decision: {
          plan: plan(),
          refusal:
            'Share "S" (s1) targets the organization o1, which is not what is asked for. With if-exists: keep it is left as it is',
        },
      },
      'keep: it is narrower than asked': {
        desired: wide,
        actual: actual(),
        rules: { ifExists: 'keep' },
        decision: { plan: plan(), kept: true },
      },
    }),
  )('%s', check);
});

describe('what cannot be changed, or understood', () => {
  const leaving = share({ id: 's7', name: 'Old', status: 'deleting' });
  test.each(
    cases({
      'a share of that id is on its way out': {
        desired: desired({ shareId: 's7' }),
        actual: { share: leaving },
        decision: {
          plan: plan({ share_id: 's7' }),
          refusal: 'Share s7 is deleting: it cannot be changed. To create a new share, leave share-id out',
        },
      },
      'a share of that id is gone, and no name was given': {
        desired: desired({ shareId: 's7', name: '' }),
        actual: { share: { ...leaving, status: 'deleted' } },
        decision: {
          plan: plan({ name: 'Old', share_id: 's7' }),
          refusal: 'Share s7 is deleted: it cannot be changed. To create a new share, leave share-id out',
        },
      },
      'an unreadable share may be the one': {
        actual: { unreadable: [{ id: 's9', wrong: 'created: missing' }] },
        decision: {
          plan: CREATE,
          refusal:
            'Cloudflare lists share s9 in a way that this version can\'t read (created: missing). It may be the share "S": check it in the dashboard, or set share-id to the share you mean',
        },
      },
      'an unreadable share without an id, next to a readable one': {
        actual: { ...actual(), unreadable: [{ name: 'S', wrong: 'id: missing' }] },
        decision: {
          plan: plan(),
          refusal:
            'Cloudflare lists share "S" in a way that this version can\'t read (id: missing). It may be the share "S": check it in the dashboard, or set share-id to the share you mean',
        },
      },
      'no share is unreadable': { actual: { ...actual(), unreadable: [] }, decision: { plan: plan() } },
    }),
  )('%s', check);
});

describe('a share that is to be gone', () => {
  const absent = (parts: Partial<DesiredShare> = {}): DesiredShare =>
    desiredWithoutLists({ state: 'absent', ...parts });
  const deletion = plan({ action: 'delete', recipients: { add: [], remove: [there('a1')], extra: [] } });
  test.each(
    cases({
      'is gone': { desired: absent(), actual: {}, decision: { plan: plan({ share_id: null }) } },
      'exists: the plan deletes it, and names who loses it': {
        desired: absent(),
        actual: actual(),
        decision: { plan: deletion },
      },
      'is going': {
        desired: absent({ name: '', shareId: 's1' }),
        actual: { share: share({ name: 'Old', status: 'deleting' }) },
        decision: { plan: plan({ name: 'Old', share_id: null }) },
      },
      'is gone, and known by its id alone': {
        desired: absent({ name: '', shareId: 's1' }),
        actual: {},
        decision: { plan: plan({ name: '', share_id: null }) },
      },
      'is given by its id alone': {
        desired: absent({ name: '', shareId: 's1' }),
        actual: { share: share({ name: 'Old' }) },
        decision: { plan: plan({ name: 'Old', action: 'delete' }) },
      },
      'is given by id and name': {
        desired: absent({ shareId: 's1' }),
        actual: actual(),
        decision: { plan: deletion },
      },
      'is given by id and another name': {
        desired: absent({ shareId: 's1' }),
        actual: { share: share({ name: 'Old' }) },
        decision: {
          plan: plan({ action: 'delete' }),
          refusal: 'Share s1 is called "Old", not "S". Leave share-name out, or correct one of the two',
        },
      },
      'is there under a temporary name, and given by its name': {
        desired: absent(),
        actual: { share: share({ name: TEMPORARY }), namesakes: [] },
        decision: { plan: plan({ action: 'delete' }) },
      },
      'has namesakes': {
        desired: absent(),
        actual: { share: oldest, namesakes: [other] },
        decision: {
          plan: plan({ share_id: null }),
          refusal:
            'There are 2 live shares of the name "S": s1 (of 2026-01-01T00:00:00Z), s2 (of 2026-01-02T00:00:00Z). The action does not guess which one is meant. Give its share-id, or delete the others (mode: delete with share-id)',
        },
      },
      'is going, and others have its name': {
        desired: absent({ shareId: 's1' }),
        actual: { share: { ...oldest, status: 'deleting' }, namesakes: [other] },
        decision: { plan: plan({ share_id: null }) },
      },
      'is not in a complete file: it stays, and is named': {
        desired: absent({ shareId: 's1', unlisted: true }),
        actual: actual(),
        decision: { plan: plan({ unlisted: true }) },
      },
      'is not in a complete file, pruned': {
        desired: absent({ shareId: 's1', unlisted: true }),
        actual: actual(),
        rules: { prune: true },
        decision: { plan: deletion },
      },
      'was not in a complete file, and is gone': {
        desired: absent({ shareId: 's1', unlisted: true }),
        actual: { share: share({ status: 'deleted' }) },
        decision: { plan: plan({ share_id: null }) },
      },
      'is unreadable and not in a complete file: stays even with prune': {
        desired: absent({ name: '', shareId: 's9', unlisted: true }),
        actual: { unreadable: [{ id: 's9', wrong: 'name: null' }] },
        rules: { prune: true },
        decision: { plan: plan({ name: '', share_id: 's9', unlisted: true }) },
      },
      'is unreadable, has no id, and is not in a complete file': {
        desired: absent({ name: 'Odd', unlisted: true }),
        actual: { unreadable: [{ name: 'Odd', wrong: 'id: missing' }] },
        decision: { plan: plan({ name: 'Odd', share_id: null, unlisted: true }) },
      },
      'may be an unreadable share': {
        desired: absent(),
        actual: { unreadable: [{ id: 's9', wrong: 'name: null' }] },
        decision: {
          plan: plan({ share_id: null }),
          refusal:
            'Cloudflare lists share s9 in a way that this version can\'t read (name: null). It may be the share "S": check it in the dashboard, or set share-id to the share you mean',
        },
      },
    }),
  )('%s', check);
});

describe('whatever is desired, and whatever is there', () => {
  test('a plan that is carried out gives what is desired, and without prune keeps what is not listed', () =>
    fc.assert(
      fc.property(desiredCases, actualCases(), fc.boolean(), (wanted, found, prune) => {
        const planned = planToConverge(wanted, foundOf(found), { prune });
        const before = worldOf(found);
        const asked = desiredWorld(wanted, before);
        const excluded = wanted.exclude ? asked.exclusions : before.exclusions;
        const stays = planned.action !== 'replace' && !prune;
        const keeps = <T>(had: Iterable<T>): T[] => (stays ? [...had] : []);
        const wantsAccounts = wanted.target === 'account';
        expect(carriedOut(before, planned, wanted)).toEqual(
          planned.action === 'replace'
            ? asked
            : {
                ...asked,
                organization: before.organization,
                recipients: wantsAccounts
                  ? new Set([...asked.recipients, ...keeps(before.recipients)])
                  : before.recipients,
                resources: new Map([...keeps(before.resources), ...asked.resources]),
                exclusions: new Set([...excluded, ...keeps(before.exclusions)]),
              },
        );
      }),
      { numRuns: 500 },
    ));

  test('a plan of what is as desired is none', () =>
    fc.assert(
      fc.property(desiredCases, actualCases(), fc.boolean(), (wanted, found, prune) => {
        const planned = planToConverge(wanted, foundOf(actualOf(desiredWorld(wanted, worldOf(found)))), { prune });
        expect(planned.action).toBe('none');
        expect(hasDrift(planned)).toBe(false);
      }),
    ));

  test('what is planned, carried out and planned again is none', () =>
    fc.assert(
      fc.property(desiredCases, actualCases(), fc.boolean(), (wanted, found, prune) => {
        const planned = planToConverge(wanted, foundOf(found), { prune });
        const after = planToConverge(wanted, foundOf(actualOf(carriedOut(worldOf(found), planned, wanted))), { prune });
        expect(after.action).toBe('none');
        if (prune) expect(hasDrift(after)).toBe(false);
      }),
      { numRuns: 500 },
    ));

  test('without prune nothing is removed from a share that stays; what is not listed is said either way', () =>
    fc.assert(
      fc.property(desiredCases, actualCases(), (wanted, found) => {
        const kept = planToConverge(wanted, foundOf(found), { prune: false });
        const pruned = planToConverge(wanted, foundOf(found), { prune: true });
        fc.pre(kept.action !== 'replace');
        const before = worldOf(found);
        const asked = desiredWorld(wanted, before);
        const notAsked = <T>(had: Iterable<T>, listed: { has: (each: T) => boolean }): T[] =>
          [...had].filter((each) => !listed.has(each));
        for (const list of [kept.recipients, kept.resources, ...(kept.exclusions ? [kept.exclusions] : [])])
          expect(list.remove).toEqual([]);
        expect(pruned.recipients).toEqual({ ...kept.recipients, remove: kept.recipients.extra, extra: [] });
        expect(pruned.resources).toEqual({ ...kept.resources, remove: kept.resources.extra, extra: [] });
        if (wanted.target === 'account')
          expect(kept.recipients.extra).toHaveLength(notAsked(before.recipients, asked.recipients).length);
        expect(kept.resources.extra).toHaveLength(notAsked(before.resources.keys(), asked.resources).length);
        if (wanted.exclude)
          expect(kept.exclusions?.extra).toHaveLength(notAsked(before.exclusions, asked.exclusions).length);
      }),
    ));

  test('whoever is leaving is not there: desired, it is added; not desired, it is nobody to remove', () =>
    fc.assert(
      fc.property(desiredCases, actualCases({ target: 'account' }), (wanted, found) => {
        fc.pre(wanted.target === 'account');
        const planned = planToConverge(wanted, foundOf(found), { prune: true });
        const keys = (accounts: readonly (string | undefined)[]): (string | undefined)[] =>
          accounts.map((account) => account?.toLowerCase());
        const added = keys(planned.recipients.add.map(accountOf));
        const listed = keys((wanted.recipients ?? []).map(accountOf));
        const removed = planned.recipients.remove.map(({ id }) => id);
        for (const r of (found.recipients ?? []).filter(isLeaving)) {
          const key = r.account_id.toLowerCase();
          expect(added.includes(key)).toBe(listed.includes(key));
          expect(removed).not.toContain(r.id);
        }
      }),
    ));

  test('accounts and organization are never changed in place', () =>
    fc.assert(
      fc.property(desiredCases, actualCases(), fc.boolean(), (wanted, found, prune) => {
        const asked = desiredWorld(wanted, worldOf(found));
        const { target, organization } = worldOf(found);
        const fits = asked.target === target && asked.organization === organization;
        expect(planToConverge(wanted, foundOf(found), { prune }).action === 'replace').toBe(!fits);
      }),
    ));
});

describe('what a plan amounts to', () => {
  const extra = plan({
    recipients: { add: [], remove: [], extra: [there('a2')] },
    resources: { add: [], update: [], remove: [], extra: [thereResource('r2'), thereResource('r3')] },
    exclusions: { add: [], remove: [], extra: [exclusion('a1'), exclusion('a2'), exclusion('a3')] },
  });
  test.each([
    [plan(), { changes: false, extras: 0, drift: false }],
    [extra, { changes: false, extras: 6, drift: true }],
    [plan({ unlisted: true }), { changes: false, extras: 1, drift: true }],
    [
      { ...extra, unlisted: true as const },
      { changes: false, extras: 7, drift: true },
    ],
    [plan({ action: 'update' }), { changes: true, extras: 0, drift: true }],
    [plan({ action: 'create' }), { changes: true, extras: 0, drift: true }],
  ])('case %#', (planned, { changes, extras, drift }) => {
    expect(changesAnything(planned)).toBe(changes);
    expect(extrasIn(planned)).toBe(extras);
    expect(hasDrift(planned)).toBe(drift);
  });
});

test('a plan to converge on a share that is not there is a plan to create it', () => {
  expect(planToConverge(desired(), foundOf({}), { prune: true })).toEqual(CREATE);
});

describe('resource ids', () => {
  const found: Share = share({
    resources: [
      resource('extra'),
      resource('b'),
      resource('gone', { status: 'deleted' }),
      resource('a'),
      resource('another'),
    ],
  });
  test('the listed ones first and in the listed order, none that is gone', () => {
    const wanted = desired({ resources: [desiredResource('a'), desiredResource('b')] });
    expect(resourceIds(found, wanted)).toEqual(['share-a', 'share-b', 'share-extra', 'share-another']);
  });

  test('in the order of the API where nothing is listed', () => {
    const inOrder = ['share-extra', 'share-b', 'share-a', 'share-another'];
    expect(resourceIds(found, undefined)).toEqual(inOrder);
    expect(resourceIds(found, desiredWithoutLists())).toEqual(inOrder);
  });
});

test('a plan is told with what stays as it was seen last', () => {
  const was = [there('a2'), thereResource('r2')] as const;
  const stays = [there('a3'), thereResource('r3')] as const;
  const announced = plan({
    action: 'update',
    recipients: { add: [{ account_id: 'a1' }], remove: [], extra: [was[0]] },
    resources: { add: [], update: [], remove: [thereResource('r1')], extra: [was[1]] },
  });
  const latest = plan({
    recipients: { add: [{ account_id: 'a9' }], remove: [], extra: [stays[0]] },
    resources: { add: [], update: [], remove: [], extra: [stays[1]] },
  });
  const told = {
    ...announced,
    recipients: { ...announced.recipients, extra: [stays[0]] },
    resources: { ...announced.resources, extra: [stays[1]] },
  };
  expect(withExtrasOf(announced, latest)).toEqual(told);

  const exclusions = { add: [{ account_id: 'a4' }], remove: [], extra: [exclusion('a5')] };
  const left = { add: [], remove: [], extra: [exclusion('a6')] };
  expect(withExtrasOf(announced, { ...latest, exclusions: left })).toEqual(told);
  expect(withExtrasOf({ ...announced, exclusions }, { ...latest, exclusions: left }).exclusions).toEqual({
    ...exclusions,
    extra: left.extra,
  });
  expect(withExtrasOf({ ...announced, exclusions }, latest).exclusions).toEqual({ ...exclusions, extra: [] });
});
