// Control over HTTP, for those who run the simulator as a process of its own. Outside the API's paths and without
// credentials: it is made for the loopback interface.
import type { FastifyInstance, FastifyReply } from 'fastify';
import { type Fault, faultKinds } from './faults.ts';
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

function readFault(text: unknown): Fault {
  const fault: unknown = JSON.parse(String(text));
  if (typeof fault !== 'object' || fault === null) throw new Error('a fault is a JSON object');
  if (!('kind' in fault) || !faultKinds.some((kind) => kind === fault.kind)) {
    throw new Error(`kind must be one of ${faultKinds.join(', ')}`);
  }
  if ('path' in fault) new RegExp(String(fault.path));
  return fault as Fault;
}

export function addControl(app: FastifyInstance, simulator: Controlled): void {
  const answer = (reply: FastifyReply, status: number, value: unknown) =>
    reply
      .code(status)
      .type(json)
      .send(JSON.stringify(value, null, 2));

  app.get(`${controlPath}/requests`, (_request, reply) => answer(reply, 200, simulator.requests));
  app.get(`${controlPath}/shares`, (_request, reply) => answer(reply, 200, simulator.shares()));
  app.post(`${controlPath}/faults`, (request, reply) => {
    try {
      simulator.order(readFault(request.body));
    } catch (error) {
      return answer(reply, 400, { error: error instanceof Error ? error.message : String(error) });
    }
    return answer(reply, 201, { pendingFaults: simulator.pendingFaults() });
  });
  app.post(`${controlPath}/reset`, (_request, reply) => {
    simulator.reset();
    return answer(reply, 200, { pendingFaults: simulator.pendingFaults() });
  });
}
