// `npm run simulator`: starts the API simulator, so that you can try it by hand.

import { nameAsDocumented } from '../simulator/documented-names.ts';
import { allFaultKinds, type Simulator, startSimulator } from '../simulator/index.ts';
import { commandLine, UsageError } from './command-line.ts';

const help = `Starts a simulator of Cloudflare's Resource Sharing API on this machine.

  npm run simulator -- [options]

  --port <number>            port to listen on (SIMULATOR_PORT; any free one)
  --latency-ms <number>      the minimum time of a request (SIMULATOR_LATENCY_MS; 0)
  --association-ms <number>  how long associating, disassociating and deleting take (SIMULATOR_ASSOCIATION_MS; 50)
  --list-lag-ms <number>     how far lists of shares lag behind (SIMULATOR_LIST_LAG_MS; 0)
  --help                     this text
`;

function readNumber(flag: string, text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  if (/^\d+$/.test(text)) return Number(text);
  throw new UsageError(`--${flag} takes a whole number, not "${text}"`);
}

function introduction(simulator: Simulator): string {
  const { baseUrl, credentials, accountId, organizationId, memberIds, outsiderId } = simulator;
  const control = new URL('/simulator', baseUrl).href;
  return `Base URL          ${baseUrl}
API token         ${credentials.apiToken}
  that only reads ${credentials.readOnlyApiToken}
  without names   ${credentials.sharesOnlyApiToken}
E-mail, key       ${credentials.apiEmail}  ${credentials.apiKey}
Account           ${accountId}
Organization      ${organizationId}
Member accounts   ${memberIds.slice(0, 3).join('  ')}  and ${memberIds.length - 3} more,
  named           Berlin office, Branch Aarhus, Branch Odense, Lyon office, …
Policy, ruleset   Block malware, Baseline WAF
Not a member      ${outsiderId}

Share something:
  curl -H 'Authorization: Bearer ${credentials.apiToken}' ${baseUrl}/accounts/${accountId}/shares \\
    -d '{"name":"Baseline","recipients":[{"recipient_account_id":"${memberIds[0]}"}],"resources":[{"resource_type":"gateway-policy","resource_id":"cccccccccccccccccccccccccccccccc","resource_account_id":"${accountId}","meta":{}}]}'

Inject a fault into the next POST. You can add path, skip, times, delayMs, commitAfterMs, status, retryAfterSeconds and
location:
  curl ${control}/faults -d '{"kind":"reset-after-commit","method":"POST"}'
  kinds: ${allFaultKinds.join(' ')}

See the stored shares and the requests, or reset everything:
  curl ${control}/shares
  curl ${control}/requests
  curl -X POST ${control}/reset
`;
}

await commandLine(
  help,
  {
    options: {
      port: { type: 'string', default: process.env.SIMULATOR_PORT ?? '' },
      'latency-ms': { type: 'string', default: process.env.SIMULATOR_LATENCY_MS ?? '' },
      'association-ms': { type: 'string', default: process.env.SIMULATOR_ASSOCIATION_MS ?? '' },
      'list-lag-ms': { type: 'string', default: process.env.SIMULATOR_LIST_LAG_MS ?? '' },
    },
  },
  async ({ values }) => {
    const port = readNumber('port', values.port);
    const latencyMs = readNumber('latency-ms', values['latency-ms']);
    const associationMs = readNumber('association-ms', values['association-ms']) ?? 50;
    const listLagMs = readNumber('list-lag-ms', values['list-lag-ms']);
    const simulator = nameAsDocumented(
      await startSimulator({
        associationMs,
        ...(port !== undefined && { port }),
        ...(latencyMs !== undefined && { latencyMs }),
        ...(listLagMs !== undefined && { listLagMs }),
      }),
    );
    process.stdout.write(introduction(simulator));
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void simulator.close());
  },
);
