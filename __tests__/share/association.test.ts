import { describe, expect, test } from '@jest/globals';
import {
  type Association,
  type AssociationView,
  associationOf,
  associationWords,
  type Counts,
  countsOf,
  type Expected,
  errorWords,
  needsFullLook,
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
  'nothing is there, and nothing is expected': { association: SETTLED },
  'all are associated': {
    observed: { recipients: [recipient('a1'), recipient('a5')] },
    expected: { accounts: ['a1', 'A5'] },
    association: { ...SETTLED, associated: 2, of: 2 },
  },
  'one is still associating': {
    observed: { recipients: [recipient('a1'), associating] },
    association: { ...UNSETTLED, associated: 1, of: 2, pending: ['a2 is associating'] },
  },
  'one is in a state that nobody knows': {
    observed: { recipients: [recipient('a1', { association_status: 'paused' })] },
    association: { ...UNSETTLED, of: 1, pending: ['a1 is paused'] },
  },
  'one is not listed yet': {
    observed: { recipients: [recipient('A1')] },
    expected: { accounts: ['a1', 'a2'] },
    association: { ...UNSETTLED, associated: 1, of: 2, pending: ['a2 is not listed'] },
  },
  'one that is expected is leaving': {
    observed: { recipients: [disassociating] },
    expected: { accounts: ['a3'] },
    association: {
      ...UNSETTLED,
      of: 1,
      leaving: 1,
      pending: ['a3 is not listed', 'a3 is disassociating'],
    },
  },
  'one that is not expected is leaving': {
    observed: { recipients: [recipient('a1'), disassociating] },
    association: { ...UNSETTLED, associated: 1, of: 1, leaving: 1, pending: ['a3 is disassociating'] },
  },
  'one has left: it is listed for ever': {
    observed: { recipients: [recipient('a1'), disassociated] },
    association: { ...SETTLED, associated: 1, of: 1 },
  },
  'a removed resource is still listed': {
    observed: { recipients: [recipient('a1')], resourcesStillThere: ['x1'] },
    association: { ...UNSETTLED, associated: 1, of: 1, leaving: 1, pending: ['resource x1 is being deleted'] },
  },
  'an organization whose accounts have not turned up': {
    observed: { emptyLooks: 2 },
    expected: { toOrganization: true },
    association: UNSETTLED,
  },
  'an organization that has no other accounts': {
    observed: { emptyLooks: 3 },
    expected: { toOrganization: true },
    association: SETTLED,
  },
  'an organization whose accounts are all associated': {
    observed: { recipients: [recipient('a1')] },
    expected: { toOrganization: true },
    association: { ...SETTLED, associated: 1, of: 1 },
  },
  'an organization of which all that was there has left': {
    observed: { recipients: [disassociated], emptyLooks: 0 },
    expected: { toOrganization: true },
    association: UNSETTLED,
  },
  'a recipient cannot take a resource, now and for ever': {
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
  'a recipient that leaves cannot take a resource: that is no error': {
    observed: { recipients: [{ ...failing('r1', 'quota', true), association_status: 'disassociated' }] },
    association: SETTLED,
  },
  'a resource cannot be taken, and is removed: by its own id': {
    observed: { recipients: [failing('r1', 'quota', true)] },
    expected: { removedResources: [{ id: 'x1', resource_id: 'r1' }] },
    association: { ...SETTLED, associated: 1, of: 1 },
  },
  "a resource cannot be taken, and is removed: by the share-resource's id": {
    observed: { recipients: [failing('x1', 'busy', false)] },
    expected: { removedResources: [{ id: 'x1', resource_id: 'r1' }] },
    association: { ...SETTLED, associated: 1, of: 1 },
  },
  'a resource cannot be taken, and another is removed': {
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

test.each(Object.entries(table))('%s', (_, { observed, expected, association: result }) => {
  expect(
    associationOf(
      { recipients: [], resourcesStillThere: [], emptyLooks: 0, ...observed },
      { ...NOTHING_EXPECTED, ...expected },
    ),
  ).toEqual(result);
});

describe('in words', () => {
  test('how many are associated, and how many are still to go', () => {
    expect(associationWords({ associated: 3, of: 12, leaving: 0 })).toBe('3 of 12 associated');
    expect(associationWords({ associated: 3, of: 12, leaving: 1 })).toBe('3 of 12 associated, 1 still to go');
  });

  test('what a recipient cannot take', () => {
    expect(errorWords({ recipient: 'a1', resource: 'r1', error: 'quota' })).toBe(
      'recipient a1 cannot take resource r1: quota',
    );
  });

  test('how long it has been waited', () => {
    expect(waitWords(1_400, 300_000)).toBe('waited 1 second of at most 300');
    expect(waitWords(1_500, 2_600)).toBe('waited 2 seconds of at most 3');
  });
});

describe('the counts of a share', () => {
  const counted = { associating_recipient_count: 1, associated_recipient_count: 2 };
  test('are known when the API gives them', () => {
    expect(countsOf(share({ ...counted, disassociating_recipient_count: 3 }))).toEqual({
      associating: 1,
      associated: 2,
      disassociating: 3,
    });
    expect(countsOf(share(counted))).toEqual({ associating: 1, associated: 2, disassociating: 0 });
  });

  test('are not known when one is missing', () => {
    expect(countsOf(share())).toBeUndefined();
    expect(countsOf(share({ associating_recipient_count: 1 }))).toBeUndefined();
    expect(countsOf(share({ associated_recipient_count: 2 }))).toBeUndefined();
  });
});

describe('the recipients are read', () => {
  const counts = (associating: number, associated: number, disassociating: number): Counts => ({
    associating,
    associated,
    disassociating,
  });
  test.each<[string, Counts | undefined, Counts | undefined, number, boolean]>([
    ['when there are no counts', undefined, counts(1, 1, 0), 0, true],
    ['when all is done', counts(0, 3, 0), counts(1, 2, 0), 0, true],
    ['when nothing has moved', counts(1, 2, 1), counts(1, 2, 1), 0, true],
    ['when they were read long ago', counts(1, 2, 0), counts(2, 1, 0), 20_000, true],
    ['not when it is going on', counts(1, 2, 0), counts(2, 2, 0), 19_999, false],
    ['not when more are associated', counts(1, 2, 0), counts(1, 1, 0), 0, false],
    ['not when some have left', counts(1, 2, 0), counts(1, 2, 1), 0, false],
    ['not when some are still to go', counts(0, 2, 1), counts(0, 2, 2), 0, false],
    ['not when as many join as leave', counts(1, 2, 1), counts(2, 1, 1), 0, false],
    ['not after the first look, while it is going on', counts(1, 2, 0), undefined, 0, false],
  ])('%s', (_, now, previous, sinceFullLookMs, needed) => {
    expect(needsFullLook(now, previous, sinceFullLookMs)).toBe(needed);
  });
});
