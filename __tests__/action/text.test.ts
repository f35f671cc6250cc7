// External text stays plain text: no name, id or message becomes a workflow command, markup or a separate line. The
// runs stay in this process because there are many.

import { createServer } from 'node:http';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { type InputsOf, inputsFor, type Ran, runInProcess } from '../run-in-process.ts';
import { useSimulator } from '../use-simulator.ts';
import { withServer } from '../with-server.ts';

const sim = await useSimulator();

const POLICY = { resource_type: 'gateway-policy', resource_id: 'c1' };
const go = (inputs: InputsOf = {}): Promise<Ran> =>
  runInProcess(
    inputsFor(sim, {
      'share-name': 'Baseline',
      recipients: [{ recipient_account_id: sim.memberIds[0] }],
      resources: [POLICY],
      ...inputs,
    }),
  );

const hostile: [string, string][] = [
  ['a newline and a command', 'x\n::error::no\r\n::set-output name=outcome::deleted'],
  ['a command at its beginning', '::error file=a,line=1::no'],
  ['a command in the older form', '##[add-mask]Baseline ##[error]no'],
  ['a command after other line endings', 'x\u2028::error::no\u2029::error::no\u0085::error::no\u000b::error::no'],
  ['a group', '::endgroup::\n::group::mine'],
  ['escapes of commands', '%0A::error::no%0D%25'],
  ['a file command', 'x\nshare-id<<EOF\nmine\nEOF\nGITHUB_ENV=1'],
  ['Markdown', '# **b** _i_ [l](https://example.com) ![i](x) | a | b |'],
  ['HTML', '</code></summary></details><img src=x onerror=alert(1)><!-- -->'],
  ['mentions and references', '@octocat @owner/team #1 owner/repo#2 GH-3'],
  ['fences and backticks', '`code` ``` ```` ~~~\n```\n### out'],
  ['Mermaid', '"]) --> x["y"]; click x "javascript:alert(1)" %%{init: {}}%%\nend'],
  ['characters that reverse or hide text', 'a\u202egnp.exe\u200b\u2066b\ufeff'],
  ['terminal escapes', '\u001b[31mred\u001b]8;;https://example.com\u0007link'],
  ['astral and combining characters', '\u{1f600} \u{1d4d0} e\u0301'],
];

/** What the runner would treat as a command: `::name …::` at the beginning of a line, `##[name]` anywhere. */
const commands = (ran: Ran): string[] =>
  ran.log.split(/\r\n|[\n\r]/).flatMap((line) => {
    if (line.includes('##[')) return [line];
    const name = /^\s*::([\w-]+)/.exec(line)?.[1];
    return name === undefined || name === 'add-mask' ? [] : [name];
  });

const FENCE = /^(`{3,})(\w+)\n([\s\S]*?)\n\1$/gm;
/**
 * The summary without its fenced blocks and without the HTML that the action itself writes. What remains must not contain
 * markup from a name.
 */
const proseOf = ({ summary }: Ran): string =>
  summary.replace(FENCE, '').replace(/<\/?(code|sub|details|summary|br)( open)?>/g, '');

const expectMarkdownToBeOurs = (ran: Ran): void => {
  const prose = proseOf(ran);
  expect(prose).not.toMatch(/<[a-z!/]/i);
  expect(prose).not.toMatch(/[`@~[\]]|\*\*b\*\*|__|_i_|javascript:|https:\/\/example/);
  expect(prose).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\u202e\u2066\u200b\ufeff]/);
  const blocks = [...ran.summary.matchAll(FENCE)];
  expect(blocks.map(([, , language]) => language)).toEqual(['diff', 'mermaid']);
  const [, diagram] = blocks.map(([, , , content]) => content);
  for (const line of (diagram ?? '').split('\n')) {
    // Between the quotes are letters, digits and Mermaid's own entities; the rest is the action's.
    expect(line.replace(/"[\p{L}\p{N} .,_#;-]*"/gu, '""')).toMatch(
      /^flowchart LR$|^ {2}(owner\[""\] --> share\(\[""\]\)|share --> r\d\[""\]:::\w+|classDef [\w #,:-]+)$/,
    );
  }
};

describe('a share name', () => {
  let plain: Ran;
  beforeAll(async () => {
    plain = await go({ wait: 'true' });
  });

  test.each(hostile)('is shown as plain text in the log, outputs and summary (%s)', async (_, name) => {
    const ran = await go({ 'share-name': name, wait: 'true' });
    expect(ran.exitCode).toBe(0);
    // Every line is the same as with a plain name.
    expect(commands(ran)).toEqual(commands(plain));
    expect(ran.lines).toHaveLength(plain.lines.length);
    expect(Object.keys(ran.outputs)).toEqual(Object.keys(plain.outputs));
    const sent = name.trim();
    expect(sim.requests.find(({ method }) => method === 'PUT')?.body).toMatchObject({ name: sent });
    expect(JSON.parse(ran.outputs.share ?? '{}').name).toBe(sent);
    expect(JSON.parse(ran.outputs.shares ?? '[]')[0].name).toBe(sent);
    expect(ran.outputs['share-id']).toMatch(/^[0-9a-f]{32}$/);
    expect(ran.summary.split('\n')).toHaveLength(plain.summary.split('\n').length);
    expectMarkdownToBeOurs(ran);
  });

  test.each(hostile)('is shown as plain text in an error (%s)', async (_, name) => {
    const resources = [{ ...POLICY, resource_account_id: sim.accountId, meta: {} }];
    for (const day of [1, 2]) sim.seed({ name: name.trim(), resources, created: `2026-01-0${day}T00:00:00Z` });
    const ran = await go({ 'share-name': name });
    expect(ran.exitCode).toBe(1);
    expect(commands(ran)).toEqual(['group', 'endgroup', 'error']);
    expect(ran.errors).toEqual([expect.stringMatching(/^There are 2 live shares named "[^\n\r]*$/)]);
    expect(proseOf(ran)).not.toMatch(/<[a-z!/]|[`~@]|\*\*b\*\*/i);
  });
});

describe('other text', () => {
  test.each(hostile)("from meta, a type and a recipient's message is shown as plain text (%s)", async (_, text) => {
    sim.failRecipient(String(sim.memberIds[0]), { error: text, terminal: true });
    const resource = {
      resource_id: '::error::no',
      resource_type: `t${text.replace(/[^\x21-\x7e]/g, '').slice(0, 40)}`,
    };
    const ran = await go({ resources: [POLICY, { ...resource, meta: { [text]: text } }], wait: 'true' });
    expect(ran.exitCode).toBe(1);
    expect(commands(ran)).toEqual(['warning', 'group', 'endgroup', 'error']);
    expect(ran.errors).toHaveLength(1);
    expect(proseOf(ran)).not.toMatch(/<[a-z!/]|[`~]|@octocat|\*\*b\*\*/i);
    expect(JSON.parse(ran.outputs.recipients ?? '[]')[0].resources[0].error).toBe(text);
  });

  test.each(hostile)('from an API error is shown as plain text (%s)', async (_, text) => {
    const server = createServer((request, response) =>
      request.resume().on('end', () => {
        const errors = [{ code: 1001, message: text, source: { pointer: text } }];
        response.writeHead(400).end(JSON.stringify({ success: false, errors, messages: [], result: null }));
      }),
    );
    await withServer(server, async (baseUrl) => {
      const ran = await go({ 'api-base-url': baseUrl });
      expect(ran.exitCode).toBe(1);
      expect(commands(ran)).toEqual(['error']);
      expect(ran.lines).toHaveLength(2);
      expect(proseOf(ran)).not.toMatch(/<[a-z!/]|[`~]|@octocat|\*\*b\*\*/i);
    });
  });

  test.each(hostile)('from invalid inputs is shown as plain text (%s)', async (_, text) => {
    const ran = await go({ recipients: [{ [text]: 1 }], resources: text, mode: text, 'account-id': text });
    expect(ran.exitCode).toBe(1);
    expect(new Set(commands(ran))).toEqual(new Set(['error']));
    // Apart from annotations and the last line, the log can quote the unreadable line with a marker under the place.
    const frame = ran.lines.filter((line) => line.startsWith('  '));
    expect(frame.map((line) => line.replace(/^ +(\d+ \| |(?=\^$)).*/, '')).join('')).toBe('');
    expect([0, 2]).toContain(frame.length);
    expect(ran.lines).toHaveLength(ran.errors.length + frame.length + 1);
    expect(ran.outputs).toEqual({ 'failure-reason': 'inputs', 'report-file': expect.any(String) });
  });
});
