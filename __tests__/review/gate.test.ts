// The gate with a plan file, as a run uses it. pull-request.test.ts covers plans in pull request comments.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readReview } from '../../src/review/gate.ts';
import { writePlanFile } from '../../src/review/plan-file.ts';
import { keepSecret } from '../../src/secrets.ts';
import type { DesiredShare } from '../../src/share/desired.ts';
import type { SharePlan } from '../../src/share/plan.ts';
import type { Problem } from '../../src/share/problem.ts';
import { fakeClock } from '../clock.ts';
import { inStep, NO_GITHUB } from '../report/run-report.ts';
import { ACCOUNT, changing, creating, proposed } from './plans.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'share-gate-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The problems that keep the plans from being applied. */
async function objections(settings: Parameters<typeof readReview>[0], plans: SharePlan[]): Promise<readonly Problem[]> {
  const review = await readReview(settings, () => 'no comment is read', fakeClock(), new AbortController().signal);
  if (review === undefined) return [];
  if ('problem' in review) return [review.problem];
  return review.gate(plans.map((plan) => proposed(plan))).flatMap((result) => result.objections);
}

const desired: DesiredShare[] = ['S', 'Other'].map((name, i) => ({
  name,
  accountId: ACCOUNT,
  state: 'present',
  placeOf: () => ({ label: `shares[${i}].name`, file: 'shares.yml', line: i + 1, column: 1 }),
}));
describe('a reviewed plan file', () => {
  const objectionsTo = async (seen: SharePlan[], now: SharePlan[]) => {
    const path = join(folder, 'plan.json');
    await writePlanFile(
      path,
      ACCOUNT,
      seen.map((plan) => proposed(plan)),
    );
    return objections({ accountId: ACCOUNT, desired, github: NO_GITHUB, reviewedPlan: { kind: 'file', path } }, now);
  };

  test('allows the reviewed steps', async () => {
    expect(await objectionsTo([creating('S', ['a']), changing('Other', 'x')], [changing('Other', 'x')])).toEqual([]);
  });

  test('applies to every share, not only the first', async () => {
    const found = await objectionsTo([creating('S', ['a'])], [creating('S', ['a']), changing('Other', 'x')]);
    expect(found.length).toBeGreaterThan(1);
    expect(new Set(found.map(({ place }) => place?.line))).toEqual(new Set([2]));
  });

  test('causes a problem at the place of the share with an additional step', async () => {
    expect(await objectionsTo([creating('S', ['a'])], [creating('S', ['a', 'b'])])).toEqual([
      {
        message:
          'Not in the reviewed plan: add recipient b to new share "S". Nothing was changed. Plan again, and have the new plan reviewed',
        kind: 'not-reviewed',
        place: { label: '', file: 'shares.yml', line: 1, column: 1 },
      },
    ]);
  });

  test('causes a problem without a place when an unlisted share would be deleted', async () => {
    const deletion: SharePlan = { ...creating('Gone', []), action: 'delete', share_id: 'x' };
    expect(await objectionsTo([], [deletion])).toEqual([
      {
        message:
          'Not in the reviewed plan: delete share "Gone" (x). Nothing was changed. Plan again, and have the new plan reviewed',
        kind: 'not-reviewed',
      },
    ]);
  });

  test('causes messages that name the account of a foreign resource', async () => {
    const { resources, ...plan } = creating('S', ['a']);
    const add = resources.add.map((each) => ({ ...each, resource_account_id: 'foreign' }));
    const foreign: SharePlan = { ...plan, resources: { ...resources, add } };
    const [step] = await objectionsTo([creating('S', ['a'])], [foreign]);
    expect(step?.message).toContain(
      'add resource gateway-policy r (of account foreign) with meta {"a":[1]} to new share',
    );
  });

  test('causes messages that show no part of a secret in a shortened meta', async () => {
    const secret = 'kept-secret-0123456789';
    await inStep(() => keepSecret(secret));
    const { resources, ...plan } = creating('S', ['a']);
    for (let dots = 50; dots <= 80; dots++) {
      const add = resources.add.map((each) => ({ ...each, meta: `${'.'.repeat(dots)}${secret}${'.'.repeat(80)}` }));
      const problems = await objectionsTo([], [{ ...plan, resources: { ...resources, add } }]);
      const text = problems.map(({ message }) => message).join('\n');
      expect(text).toMatch(/with meta "\.+(\*{1,3}\.*)?…/);
    }
  });

  test('causes messages about the first nine of 30 unreviewed steps, and one with the number of the others', async () => {
    const many = Array.from({ length: 30 }, (_, i) => `a${i}`);
    const problems = await objectionsTo([creating('S', ['a'])], [creating('S', many)]);
    expect(problems).toHaveLength(10);
    expect(problems[8]?.message).toMatch(/recipient a8 /);
    expect(problems[9]).toEqual({
      message:
        '21 more steps (of 30) are not in the reviewed plan. Nothing was changed. Plan again, and have the new plan reviewed',
      kind: 'not-reviewed',
    });
  });

  test.each([
    [9, undefined],
    [
      10,
      '1 more step (of 10) is not in the reviewed plan. Nothing was changed. Plan again, and have the new plan reviewed',
    ],
  ])('causes messages about the first nine of %d unreviewed steps', async (n, last) => {
    const steps = Array.from({ length: n }, (_, i) => `a${i}`);
    const problems = await objectionsTo([creating('S', [])], [creating('S', steps)]);
    expect(problems[8]?.message).toMatch(/recipient a8 /);
    expect(problems[9]?.message).toBe(last);
  });

  test('causes a problem at the place of a share given by its id, even if its name is new', async () => {
    const byId: DesiredShare = {
      name: 'New name',
      shareId: 'X',
      accountId: ACCOUNT,
      state: 'present',
      placeOf: (path) => ({ label: '', file: 'shares.yml', line: path?.join() === 'name' ? 7 : 1 }),
    };
    const path = join(folder, 'plan.json');
    await writePlanFile(path, ACCOUNT, []);
    const settings = { accountId: ACCOUNT, github: NO_GITHUB, reviewedPlan: { kind: 'file', path } } as const;
    const found = await objections({ ...settings, desired: [...desired, byId] }, [changing('Old name', 'x')]);
    expect(new Set(found.map(({ place }) => place?.line))).toEqual(new Set([7]));
  });

  test('also applies to a plan that is made while another one is applied', async () => {
    const path = join(folder, 'plan.json');
    await writePlanFile(path, ACCOUNT, [proposed(creating('S', ['a']))]);
    const settings = { accountId: ACCOUNT, desired, github: NO_GITHUB, reviewedPlan: { kind: 'file', path } } as const;
    const review = await readReview(settings, () => '', fakeClock(), new AbortController().signal);
    if (review === undefined || 'problem' in review) throw new Error('the plan file was not read');
    const [result] = review.gate([proposed(creating('S', ['a']))]);
    expect(result?.objectionTo(proposed(creating('S', ['a'])))).toBeUndefined();
    expect(result?.objectionTo(proposed(creating('S', ['b', 'c'])))).toEqual({
      message: 'Not in the reviewed plan: add recipient b to new share "S". Plan again, and have the new plan reviewed',
      kind: 'not-reviewed',
    });
  });

  test('that is missing leaves the list of pull requests unset', async () => {
    const reviewedPlan = { kind: 'file', path: join(folder, 'none.json') } as const;
    const settings = { accountId: ACCOUNT, desired, github: NO_GITHUB, reviewedPlan };
    const review = await readReview(settings, () => '', fakeClock(), new AbortController().signal);
    expect(review).not.toHaveProperty('pullRequests');
  });

  test('causes a single problem if it is missing but required', async () => {
    const settings = { accountId: ACCOUNT, desired, github: NO_GITHUB };
    const reviewedPlan = { kind: 'file', path: join(folder, 'none.json') } as const;
    expect(await objections({ ...settings, reviewedPlan }, [])).toEqual([
      { message: expect.stringMatching(/^There is no reviewed plan/), kind: 'not-reviewed' },
    ]);
    expect(await objections(settings, [creating('S', ['a'])])).toEqual([]);
  });
});
