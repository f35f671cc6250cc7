// Runs a local server for the duration of a test.

import { Server as HttpServer } from 'node:http';
import { type AddressInfo, connect, type Server } from 'node:net';
import type { Duplex } from 'node:stream';

/** @param use receives the server's address, without a trailing slash */
export async function withServer<T>(server: Server, use: (url: string) => Promise<T>): Promise<T> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    return await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    if (server instanceof HttpServer) server.closeAllConnections();
    server.close();
  }
}

/** What a proxy does with a CONNECT request: connects its client to a server. @param head what the client has sent already */
export function tunnel(client: Duplex, head: Buffer, port: number, host = '127.0.0.1'): void {
  const server = connect(port, host, () => {
    client.write('HTTP/1.1 200 Connection established\r\n\r\n');
    server.write(head);
    server.pipe(client).pipe(server);
  });
  for (const socket of [server, client]) socket.on('error', () => socket.destroy());
}
