// The plan file: the plan job writes it, and the apply job reads it.

import { constants, mkdir, open, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import * as z from 'zod/mini';
import { withoutSecrets } from '../secrets.ts';
import { type Plan, publicPlan } from '../share/plan.ts';
import type { Problem } from '../share/problem.ts';
import { type ProposedPlan, type Reviewed, type ReviewedAccess, reviewed, stepsIn } from '../share/review.ts';
import { sameId } from '../share/share.ts';
import { accessSchema, REVIEW_VERSION } from './marker.ts';
import { NoReviewedPlan } from './no-reviewed-plan.ts';

/** Even a plan for ten thousand shares has only a few MiB. */
const BYTES_MAX = 64 * 1024 * 1024;

// O_NONBLOCK: if the path is a pipe, opening it must not wait for a reader. O_NOFOLLOW: a symbolic link in a checkout must not
// choose which file is overwritten. (Windows has neither, and requires privileges to create a link.)
const { O_WRONLY, O_CREAT, O_TRUNC, O_NONBLOCK = 0, O_NOFOLLOW = 0 } = constants;
const WRITE = O_WRONLY | O_CREAT | O_TRUNC | O_NONBLOCK | O_NOFOLLOW;

interface PlanFile {
  version: number;
  account_id: string;
  created: string;
  plan: Plan;
  /** For each share that gives somebody something new: who has what once the plan is applied. */
  access: readonly ReviewedAccess[];
}

/**
 * @param path absolute; its folder is created if it is missing
 * @returns the problem, if it can't be written
 */
export async function writePlanFile(
  path: string,
  accountId: string,
  plans: readonly ProposedPlan[],
): Promise<Problem | undefined> {
  const file: PlanFile = {
    version: REVIEW_VERSION,
    account_id: accountId,
    created: new Date().toISOString(),
    plan: { shares: plans.map(({ plan }) => publicPlan(plan)) },
    access: reviewed(plans).access,
  };
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, `${withoutSecrets(JSON.stringify(file, null, 2))}\n`, { flag: WRITE });
    return undefined;
  } catch (error) {
    const { code = String(error) } = error as NodeJS.ErrnoException;
    const why =
      code === 'ELOOP' ? "it is a symbolic link, and the action doesn't write plans through symbolic links" : code;
    return { message: `The plan can't be written to ${path} (${why})`, place: { label: 'plan-file' } };
  }
}

/**
 * @param path absolute
 * @throws NoReviewedPlan
 */
export async function readPlanFile(path: string, accountId: string): Promise<Reviewed> {
  const file = parse(path, await readText(path));
  const version = (file as Partial<PlanFile> | null)?.version;
  if (typeof version === 'number' && version !== REVIEW_VERSION) {
    throw new NoReviewedPlan(
      `The reviewed plan ${path} has format v${version}, but this version of the action reads v${REVIEW_VERSION}. Plan and apply with the same version`,
    );
  }
  const checked = z.safeParse(planFileSchema, file);
  if (!checked.success) {
    const [issue] = checked.error.issues;
    throw damaged(path, `${issue?.path.join('.') || 'the top level'} is not valid in a plan`);
  }
  const { account_id, plan, access } = file as PlanFile;
  if (!sameId(account_id, accountId)) {
    throw new NoReviewedPlan(
      `The reviewed plan ${path} is for account ${account_id}, but this run is for account ${accountId}. Plan this account, or correct reviewed-plan`,
    );
  }
  try {
    return { steps: stepsIn(plan.shares), access };
  } catch {
    throw damaged(path, 'it is nested too deeply'); // the only reason why a valid plan has no canonical text
  }
}

const damaged = (path: string, why: string): NoReviewedPlan =>
  new NoReviewedPlan(`The reviewed plan ${path} is damaged (${why}). Plan again`);

async function readText(path: string): Promise<string> {
  // O_NONBLOCK: if the path is a pipe, opening it must not wait for a writer.
  const file = await open(path, constants.O_RDONLY | O_NONBLOCK).catch((error: NodeJS.ErrnoException) => {
    throw new NoReviewedPlan(
      error.code === 'ENOENT'
        ? `There is no reviewed plan ${path}. Download the file that mode: plan wrote to plan-file, or correct reviewed-plan`
        : `The reviewed plan ${path} can't be read (${error.code ?? error.message})`,
    );
  });
  try {
    const stat = await file.stat();
    if (!stat.isFile()) throw damaged(path, 'it is not a regular file');
    if (stat.size > BYTES_MAX) throw damaged(path, `it is larger than ${BYTES_MAX} bytes`);
    return decode(path, await file.readFile());
  } finally {
    await file.close();
  }
}

function decode(path: string, bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw damaged(path, 'it is not UTF-8');
  }
}

function parse(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw damaged(path, 'it is not JSON');
  }
}

// Everything that is compared must have only known keys, because an unknown key wouldn't be compared, and a recipient
// without a known key means the whole organization. `extra` is only shown, so it can have other keys.
const id = z.string();
const label = z.exactOptional(z.string());
const recipientItem = z.strictObject({
  account_id: z.exactOptional(id),
  recipient_account_id: z.exactOptional(id),
  organization_id: z.exactOptional(id),
  label,
});
const exclusionItem = z.strictObject({ account_id: id, label });
const resource = { resource_type: z.string(), resource_id: id, resource_account_id: id };
const thing = z.looseObject(resource);
const account = z.looseObject({ account_id: id });
const sharePlan = z.strictObject({
  name: z.string(),
  action: z.enum(['create', 'update', 'replace', 'delete', 'none']),
  share_id: z.nullable(id),
  rename: z.nullable(z.strictObject({ from: z.string(), to: z.string() })),
  recipients: z.strictObject({ add: z.array(recipientItem), remove: z.array(account), extra: z.array(account) }),
  resources: z.strictObject({
    // A resource without `meta` is added with `{}`, and its `meta` isn't managed afterwards.
    add: z.array(z.strictObject({ ...resource, meta: z.optional(z.unknown()), label })),
    update: z.array(z.looseObject({ ...resource, meta: z.unknown() })),
    remove: z.array(thing),
    extra: z.array(thing),
  }),
  exclusions: z.exactOptional(
    z.strictObject({ add: z.array(exclusionItem), remove: z.array(account), extra: z.array(account) }),
  ),
  unlisted: z.exactOptional(z.literal(true)),
});

/** A plan file. */
export const planFileSchema = z.strictObject({
  version: z.literal(REVIEW_VERSION),
  account_id: id,
  created: z.string(),
  plan: z.strictObject({ shares: z.array(sharePlan) }),
  access: z.array(accessSchema),
});
