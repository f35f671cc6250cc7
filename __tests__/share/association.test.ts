import { describe, expect, test } from '@jest/globals';
import {
  type Association,
  type AssociationView,
  allAssociated,
  associationOf,
  countsOf,
  type Expected,
  errorWords,
  needsFullRead,
  progressWords,
  type RecipientCounts,
  waitWords,
} from '../../src/share/association.ts';
import { recipient, share } from './values.ts';

const NOTHING_EXPECTED: Expected = { accounts: [], toOrganization: false, removedResources: [] };
const SETTLED: Association = {
  settled: true,
  associated: 0,
  of: 0,
  leaving: 0,
  pending: [],
  terminal: [],
  passing: [],
};

const associating = recipient('a2', { association_status: 'associating' });
const disassociating = recipient('a3', { association_status: 'disassociating' });
const disassociated = recipient('a4', { association_status: 'disassociated' });
const failing = (resource_id: string, error: string, terminal: boolean) =>
  recipient('a1', { resources: [{ error, resource_id, resource_version: 1, terminal }] });

const UNSETTLED = { ...SETTLED, settled: false };

interface Case {
  observed?: Partial<AssociationView>;
  expected?: Partial<Expected>;
  association: Association;
}

const table: Record<string, Case> = {
  'nothing exists and nothing is expected': { association: SETTLED },
  'every recipient is associated': {
    observed: { recipients: [recipient('a1'), recipient('a5')] },
    expected: { accounts: ['a1', 'A5'] },
    association: { ...SETTLED, associated: 2, of: 2 },
  },
  'a recipient is still associating': {
    observed: { recipients: [recipient('a1'), associating] },
    association: { ...UNSETTLED, associated: 1, of: 2, pending: ['a2 is associating'] },
  },
  'a recipient has an unknown status': {
    observed: { recipients: [recipient('a1', { association_status: 'paused' })] },
    association: { ...UNSETTLED, of: 1, pending: ['a1 is paused'] },
  },
  'a recipient is not listed yet': {
    observed: { recipients: [recipient('A1')] },
    expected: { accounts: ['a1', 'a2'] },
    association: { ...UNSETTLED, associated: 1, of: 2, pending: ['a2 is not listed'] },
  },
  'an expected recipient is leaving': {
    observed: { recipients: [disassociating] },
    expected: { accounts: ['a3'] },
    association: {
      ...UNSETTLED,
      of: 1,
      leaving: 1,
      pending: ['a3 is not listed', 'a3 is disassociating'],
    },
  },
  'an unexpected recipient is leaving': {
    observed: { recipients: [recipient('a1'), disassociating] },
    association: { ...UNSETTLED, associated: 1, of: 1, leaving: 1, pending: ['a3 is disassociating'] },
  },
  'a recipient has left and is still listed': {
    observed: { recipients: [recipient('a1'), disassociated] },
    association: { ...SETTLED, associated: 1, of: 1 },
  },
  'a removed resource is still listed': {
    observed: { recipients: [recipient('a1')], resourcesStillThere: ['x1'] },
    association: { ...UNSETTLED, associated: 1, of: 1, leaving: 1, pending: ['resource x1 is being deleted'] },
  },
  'an organization whose accounts are not listed yet': {
    observed: { emptyReads: 2 },
    expected: { toOrganization: true },
    association: UNSETTLED,
  },
  'an organization without other accounts': {
    observed: { emptyReads: 3 },
    expected: { toOrganization: true },
    association: SETTLED,
  },
  'an organization whose accounts are all associated': {
    observed: { recipients: [recipient('a1')] },
    expected: { toOrganization: true },
    association: { ...SETTLED, associated: 1, of: 1 },
  },
  'an organization whose listed accounts have all left': {
    observed: { recipients: [disassociated], emptyReads: 0 },
    expected: { toOrganization: true },
    association: UNSETTLED,
  },
  'a recipient rejects resources, temporarily and permanently': {
    observed: {
      recipients: [
        recipient('a1', {
          resources: [
            { error: 'quota', resource_id: 'r1', resource_version: 1, terminal: true },
            { error: 'busy', resource_id: 'r2', resource_version: 1, terminal: false },
            { error: '', resource_id: 'r3', resource_version: 1, terminal: false },
          ],
        }),
      ],
    },
    association: {
      ...SETTLED,
      associated: 1,
      of: 1,
      terminal: [{ recipient: 'a1', resource: 'r1', error: 'quota' }],
      passing: [{ recipient: 'a1', resource: 'r2', error: 'busy' }],
    },
  },
  'a leaving recipient rejects a resource, which is not an error': {
    observed: { recipients: [{ ...failing('r1', 'quota', true), association_status: 'disassociated' }] },
    association: SETTLED,
  },
  'a rejected resource, given by its own id, is being removed': {
    observed: { recipients: [failing('r1', 'quota', true)] },
    expected: { removedResources: [{ id: 'x1', resource_id: 'r1' }] },
    association: { ...SETTLED, associated: 1, of: 1 },
  },
  "a rejected resource, given by the share resource's id, is being removed": {
    observed: { recipients: [failing('x1', 'busy', false)] },
    expected: { removedResources: [{ id: 'x1', resource_id: 'r1' }] },
    association: { ...SETTLED, associated: 1, of: 1 },
  },
  'a resource is rejected, and another one is being removed': {
    observed: { recipients: [failing('r2', 'quota', true)] },
    expected: { removedResources: [{ id: 'x1', resource_id: 'r1' }] },
    association: {
      ...SETTLED,
      associated: 1,
      of: 1,
      terminal: [{ recipient: 'a1', resource: 'r2', error: 'quota' }],
    },
  },
};

test.each(Object.entries(table))(
  'computes the progress of association: %s',
  (_, { observed, expected, association: result }) => {
    expect(
      associationOf(
        { recipients: [], resourcesStillThere: [], emptyReads: 0, ...observed },
        { ...NOTHING_EXPECTED, ...expected },
      ),
    ).toEqual(result);
  },
);

describe('the messages about association', () => {
  test('say how many recipients are associated and how many are still leaving', () => {
    expect(progressWords({ associated: 3, of: 12, leaving: 0 })).toBe('3 of 12 associated');
    expect(progressWords({ associated: 3, of: 12, leaving: 1 })).toBe('3 of 12 associated, 1 still being removed');
  });

  test("say which resource a recipient can't accept", () => {
    expect(errorWords({ recipient: 'a1', resource: 'r1', error: 'quota' })).toBe(
      "recipient a1 can't receive resource r1: quota",
    );
  });

  test('say how long the run has waited', () => {
    expect(waitWords(1_400, 300_000)).toBe('waited 1 second of at most 300');
    expect(waitWords(1_500, 2_600)).toBe('waited 2 seconds of at most 3');
  });
});

describe('the recipient counts of a share', () => {
  const counted = { associating_recipient_count: 1, associated_recipient_count: 2 };
  test('are known when the API returns them', () => {
    expect(countsOf(share({ ...counted, disassociating_recipient_count: 3 }))).toEqual({
      associating: 1,
      associated: 2,
      disassociating: 3,
    });
    expect(countsOf(share(counted))).toEqual({ associating: 1, associated: 2, disassociating: 0 });
  });

  test('are unknown when one of them is missing', () => {
    expect(countsOf(share())).toBeUndefined();
    expect(countsOf(share({ associating_recipient_count: 1 }))).toBeUndefined();
    expect(countsOf(share({ associated_recipient_count: 2 }))).toBeUndefined();
  });
});

describe('the recipient list', () => {
  const counts = (associating: number, associated: number, disassociating: number): RecipientCounts => ({
    associating,
    associated,
    disassociating,
  });
  test.each<[string, RecipientCounts | undefined, RecipientCounts | undefined, number, boolean]>([
    ['is read when there are no counts', undefined, counts(1, 1, 0), 0, true],
    ['is read when all recipients are associated', counts(0, 3, 0), counts(1, 2, 0), 0, true],
    ['is read when no count has changed', counts(1, 2, 1), counts(1, 2, 1), 0, true],
    ['is read 20 seconds after it was last read', counts(1, 2, 0), counts(2, 1, 0), 20_000, true],
    ['is not read while the counts change', counts(1, 2, 0), counts(2, 2, 0), 19_999, false],
    ['is not read when more recipients are associated', counts(1, 2, 0), counts(1, 1, 0), 0, false],
    ['is not read when recipients have left', counts(1, 2, 0), counts(1, 2, 1), 0, false],
    ['is not read when recipients are still leaving', counts(0, 2, 1), counts(0, 2, 2), 0, false],
    ['is not read when as many recipients join as leave', counts(1, 2, 1), counts(2, 1, 1), 0, false],
    ['is not read after the first counts while recipients are still associating', counts(1, 2, 0), undefined, 0, false],
  ])('%s', (_, now, previous, sinceFullReadMs, needed) => {
    expect(needsFullRead(now, previous, sinceFullReadMs)).toBe(needed);
  });
});

test.each<[string, Parameters<typeof allAssociated>[0], boolean]>([
  ['no recipient', [], true],
  ['an associated one', [recipient('a1')], true],
  ['an associated one with an error that Cloudflare retries', [failing('r1', 'broken', false)], true],
  ['an associated one with a terminal error', [recipient('a2'), failing('r1', 'broken', true)], false],
  ['an associating one', [recipient('a1'), associating], false],
  ['one that is being removed', [recipient('a1'), disassociating], true],
])('all live recipients have every resource: %s', (_, recipients, expected) => {
  expect(allAssociated(recipients)).toBe(expected);
});
