// The whole log of one share, so that no line is lost or added.

import { expect, test } from '@jest/globals';
import type { Simulator } from '../../simulator/index.ts';
import { Refusal } from '../../src/cloudflare/errors.ts';
import { fakeClock, fastClock } from '../clock.ts';
import { type Desired, type Run, temporary, useRuns } from './use-runs.ts';

const { sim, desiredShare, elsewhere, member, reconcile, resource } = await useRuns();

const general = (line: string): string => line.replace(/[0-9a-f]{32}/g, '*').replace(/waiting [\d.]+/, 'waiting');
const seed = (parts: Partial<Parameters<Simulator['seed']>[0]> = {}) =>
  sim.seed({ name: 'Baseline', resources: [resource('c1')], ...parts });
const absent = (change: Partial<Desired> = {}): Desired => {
  const { recipients, resources, target, ...desired } = desiredShare();
  return { ...desired, state: 'absent', ...change };
};

const cases: [string, () => [Desired, Run?], string[]][] = [
  [
    'a new share',
    () => [desiredShare()],
    ['plan: create', '+ share "Baseline" created: *', '~ share * renamed to "Baseline"'],
  ],
  [
    'a share in sync',
    () => {
      seed();
      return [desiredShare()];
    },
    ['plan: none'],
  ],
  [
    'a new share to which the API adds a resource, with if-exists: create-new',
    () => [
      desiredShare(),
      {
        policy: { ifExists: 'create-new' },
        instead: (api) => ({
          create: async (body) => {
            const share = await api.create(body);
            const [own] = share.resources ?? [];
            return { ...share, resources: own ? [own, { ...own, id: 'another', resource_id: 'c2' }] : [] };
          },
        }),
      },
    ],
    ['plan: create', '+ share "Baseline" created: *'],
  ],
  [
    'a new share whose create response is lost',
    () => {
      sim.order({ kind: 'reset-after-commit', method: 'POST' });
      return [desiredShare()];
    },
    [
      'plan: create',
      'Cloudflare did not return a usable response when asked to create the share: the connection broke (ECONNRESET). The share may exist: looking for it by its temporary name',
      'The share exists: *',
      '~ share * renamed to "Baseline"',
    ],
  ],
  [
    'a new share whose create request is lost',
    () => {
      sim.order({ kind: 'reset-before-commit', method: 'POST' });
      return [desiredShare()];
    },
    [
      'plan: create',
      'Cloudflare did not return a usable response when asked to create the share: the connection broke (ECONNRESET). The share may exist: looking for it by its temporary name',
      'The share does not exist: trying again under the same temporary name',
      'waiting: Cloudflare did not return a usable response when asked to create the share: the connection broke (ECONNRESET)',
      '+ share "Baseline" created: *',
      '~ share * renamed to "Baseline"',
    ],
  ],
  [
    'a share that is deleted with a temporary one',
    () => {
      seed();
      seed({ name: temporary() });
      return [absent()];
    },
    ['plan: delete', '- share "Baseline" deleted: *', '- temporary share * deleted: it is no longer needed'],
  ],
  [
    "a share to delete that doesn't exist",
    () => [absent()],
    ['plan: none', '= there is no live share "Baseline": nothing to delete'],
  ],
  [
    "a share to delete whose id doesn't exist",
    () => [absent({ name: '', shareId: '0'.repeat(32) })],
    ['plan: none', '= there is no live share *: nothing to delete'],
  ],
  [
    'a share to delete that is already deleted',
    () => [absent({ name: '', shareId: seed({ status: 'deleted' }).id })],
    ['plan: none', '= share * is already deleted'],
  ],
  [
    'an unlisted share without prune',
    () => [absent({ shareId: seed().id, unlisted: true })],
    ['plan: none', '= share * is not in the file, and was left unchanged'],
  ],
  [
    'an unlisted share that is unreadable',
    () => [absent({ shareId: seed({ raw: { created: null } }).id, unlisted: true })],
    ['plan: none', '= share * is not in the file, and was left unchanged'],
  ],
  [
    'a share that is kept',
    () => {
      seed();
      return [desiredShare(), { policy: { ifExists: 'keep' } }];
    },
    ['plan: none', '= share "Baseline" exists and was left unchanged: *'],
  ],
  [
    'a share to keep that does not exist',
    () => [desiredShare(), { policy: { ifExists: 'keep' } }],
    ['plan: create', '+ share "Baseline" created: *', '~ share * renamed to "Baseline"'],
  ],
  [
    'a replaced share',
    () => {
      seed({ recipients: [{}] });
      return [desiredShare(), { policy: { replace: true } }];
    },
    [
      'plan: replace',
      '+ share "Baseline" created: *',
      '- share "Baseline" replaced and being deleted: *',
      '~ share * renamed to "Baseline"',
    ],
  ],
  [
    'a run whose share loses to an earlier one',
    () => [
      desiredShare(),
      {
        before: async (endpoint) => {
          if (endpoint === 'create') seed({ recipients: [member(0), member(1)], resources: [resource('c1')] });
        },
      },
    ],
    [
      'plan: create',
      '+ share "Baseline" created: *',
      'Another run created the share "Baseline" earlier: this run continues with *',
      'plan: none',
      '- temporary share * deleted: it is no longer needed',
    ],
  ],
  [
    'a run whose share loses to an earlier one in sync',
    () => [
      desiredShare(),
      {
        before: async (endpoint) => {
          if (endpoint === 'create') seed({ recipients: [member(0)] });
        },
      },
    ],
    [
      'plan: create',
      '+ share "Baseline" created: *',
      'Another run created the share "Baseline" earlier: this run continues with *',
      '- temporary share * deleted: it is no longer needed',
    ],
  ],
  [
    'an added recipient whose request is lost',
    () => {
      seed();
      sim.order({ kind: 'reset-before-commit', method: 'POST', path: /recipients$/ });
      return [desiredShare({ recipients: [member(0), member(1)] })];
    },
    [
      'plan: update',
      'Cloudflare did not return a usable response when asked to add recipient * to share *: the connection broke (ECONNRESET). The item was not added: trying again',
      'waiting: Cloudflare did not return a usable response when asked to add recipient * to share *: the connection broke (ECONNRESET)',
    ],
  ],
  [
    'an added resource whose request is lost',
    () => {
      seed();
      sim.order({ kind: 'reset-before-commit', method: 'POST', path: /resources$/ });
      return [desiredShare({ resources: [resource('c1'), resource('c2')] })];
    },
    [
      'plan: update',
      'Cloudflare did not return a usable response when asked to add resource gateway-policy c2 to share *: the connection broke (ECONNRESET). The item was not added: trying again',
      'waiting: Cloudflare did not return a usable response when asked to add resource gateway-policy c2 to share *: the connection broke (ECONNRESET)',
    ],
  ],
  [
    'an update that another writer reverts twice',
    () => {
      const { id } = seed();
      return [
        desiredShare({ recipients: [member(0), member(1)] }),
        {
          policy: { prune: true },
          before: (call, n) =>
            // After the first round, the run reads eight times, because the change could just not show yet.
            call === 'recipients' && (n === 2 || n === 10)
              ? elsewhere('PUT', `${id}/recipients`, [member(0)])
              : undefined,
        },
      ];
    },
    [
      'plan: update',
      'Cloudflare does not show all changes yet (1 recipient to add): reading again',
      'The share is not in sync yet (1 recipient to add): applying again',
      'The share is not in sync yet (1 recipient to add): applying again',
    ],
  ],
  [
    "a new share that listings don't show at first",
    () => {
      sim.setListLag(60_000);
      return [
        desiredShare(),
        {
          clock: fastClock(200),
          before: async (endpoint, n) => {
            if (endpoint === 'list' && n === 4) sim.setListLag(0);
          },
        },
      ];
    },
    [
      'plan: create',
      '+ share "Baseline" created: *',
      'The list does not show share * yet: listing again',
      '~ share * renamed to "Baseline"',
    ],
  ],
  [
    'a new share that is deleted before its rename',
    () => {
      return [
        desiredShare(),
        {
          instead: (api) => ({
            rename: async (id, ...rest) => {
              if (sim.liveShares()[0]?.id !== id || sim.shares().length > 1) return api.rename(id, ...rest);
              await elsewhere('DELETE', id);
              throw new Refusal(
                { method: 'PUT', path: `/shares/${id}`, purpose: `rename share ${id}` },
                { status: 404, errors: [] },
              );
            },
          }),
        },
      ];
    },
    [
      'plan: create',
      '+ share "Baseline" created: *',
      'Cloudflare refused to rename share *: HTTP 404: no reason given. Checking which share has the name now',
      '+ share "Baseline" created: *',
      '~ share * renamed to "Baseline"',
    ],
  ],
  [
    'a new share whose new name never shows',
    () => {
      sim.setRename(Number.POSITIVE_INFINITY);
      return [desiredShare(), { clock: fakeClock(), nonce: 'log000000run' }];
    },
    [
      'plan: create',
      '+ share "Baseline" created: *',
      '~ share * renamed to "Baseline"',
      'Cloudflare still shows the name "Baseline [creating log000000run]": reading again',
    ],
  ],
  [
    'a new share whose rename is refused',
    () => {
      sim.order({ kind: 'redirect', method: 'PUT', times: 9 });
      return [desiredShare()];
    },
    ['plan: create', '+ share "Baseline" created: *'],
  ],
  [
    'a new share whose name is taken before its rename',
    () => {
      sim.order({ kind: 'busy', method: 'PUT' });
      return [
        desiredShare(),
        {
          before: async (endpoint, n) => {
            if (endpoint === 'rename' && n === 1) seed();
          },
        },
      ];
    },
    [
      'plan: create',
      '+ share "Baseline" created: *',
      'Share * is now named "Baseline". Checking which share has the name now',
      'Another run created the share "Baseline" earlier: this run continues with *',
      '- temporary share * deleted: it is no longer needed',
    ],
  ],
];
test.each(cases)('the log contains exactly the expected lines for %s', async (_, arrange, lines) => {
  const outcome = await reconcile(...arrange());
  expect(outcome.lines.map(general)).toEqual(lines);
});
