// Runs a local server for the duration of a test.

import { Server as HttpServer } from 'node:http';
import type { AddressInfo, Server } from 'node:net';

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
