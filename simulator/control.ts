// Controls the simulator over HTTP when it runs as a separate process. Its paths are outside the API. They need no
// credentials, because the simulator is meant for the loopback interface.
import type { FastifyInstance, FastifyReply } from 'fastify';
import { allFaultKinds, type Fault } from './faults.ts';
import type { RecordedRequest } from './requests.ts';
import { controlPath } from './server.ts';
import type { WholeShare } from './shapes.ts';

interface Controlled {
  readonly requests: readonly RecordedRequest[];
  pendingFaults(): number;
  shares(): WholeShare[];
  order(fault: Fault): void;
  reset(): void;
}

const json = 'application/json; charset=utf-8';

/**
 * The keys of a fault in JSON. Unknown keys are refused, because a fault with a misspelled key would apply to every
 * request.
 */
const fieldTypes: ReadonlyMap<string, 'string' | 'number'> = new Map([
  ['kind', 'string'],
  ['method', 'string'],
  ['path', 'string'],
  ['skip', 'number'],
  ['times', 'number'],
  ['delayMs', 'number'],
  ['commitAfterMs', 'number'],
  ['status', 'number'],
  ['retryAfterSeconds', 'number'],
  ['location', 'string'],
]);

function readFault(text: unknown): Fault {
  const fault: unknown = JSON.parse(String(text));
  if (typeof fault !== 'object' || fault === null) throw new Error('a fault is a JSON object');
  if (!('kind' in fault) || !allFaultKinds.some((kind) => kind === fault.kind)) {
    throw new Error(`kind must be one of ${allFaultKinds.join(', ')}`);
  }
  for (const [key, value] of Object.entries(fault)) {
    const wanted = fieldTypes.get(key);
    if (wanted === undefined) throw new Error(`unknown key ${key}; there are ${[...fieldTypes.keys()].join(', ')}`);
    if (typeof value !== wanted) throw new Error(`${key} must be a ${wanted}`);
    if (typeof value === 'number' && !(Number.isSafeInteger(value) && value >= 0)) {
      throw new Error(`${key} must be a whole number, zero or more`);
    }
  }
  // Refuse an invalid regular expression now, not when the first request is matched.
  if ('path' in fault) new RegExp(String(fault.path));
  return fault as Fault;
}

export function addControl(app: FastifyInstance, simulator: Controlled): void {
  const send = (reply: FastifyReply, status: number, value: unknown) =>
    reply
      .code(status)
      .type(json)
      .send(JSON.stringify(value, null, 2));

  app.get(`${controlPath}/requests`, (_request, reply) => send(reply, 200, simulator.requests));
  app.get(`${controlPath}/shares`, (_request, reply) => send(reply, 200, simulator.shares()));
  app.post(`${controlPath}/faults`, (request, reply) => {
    try {
      simulator.order(readFault(request.body));
    } catch (error) {
      return send(reply, 400, { error: error instanceof Error ? error.message : String(error) });
    }
    return send(reply, 201, { pendingFaults: simulator.pendingFaults() });
  });
  app.post(`${controlPath}/reset`, (_request, reply) => {
    simulator.reset();
    return send(reply, 200, { pendingFaults: simulator.pendingFaults() });
  });
}
