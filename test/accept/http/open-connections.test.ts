/** Connections that a closing server waits for, and those that it does not. */
import assert from 'node:assert/strict';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { OpenConnections } from '../../../src/accept/http/open-connections.ts';
import { RawClient } from '../http-client.ts';

const request = 'GET / HTTP/1.1\r\nhost: x\r\n\r\n';

describe('open-connections', () => {
  let server: Server;
  let connections: OpenConnections;
  let replies: ServerResponse[];
  let port = 0;

  beforeEach(async () => {
    connections = new OpenConnections();
    replies = [];
    server = createServer((incoming, reply) => {
      connections.addRequest(incoming.socket, reply);
      replies.push(reply);
    });
    server.on('connection', (socket) => connections.add(socket));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    port = (server.address() as AddressInfo).port;
  });
  afterEach(() => {
    server.close();
    server.closeAllConnections();
  });

  async function hasReplies(count: number): Promise<void> {
    while (replies.length < count) await sleep(2);
  }

  it('end: an idle connection ends at once, a fresh one too', async () => {
    const fresh = new RawClient(port);
    const idle = new RawClient(port);
    idle.send(request);
    await hasReplies(1);
    replies[0]?.end('done');
    await idle.receives(/done/);
    while (connections.count < 2) await sleep(2);
    connections.end();
    await Promise.all([fresh.closed, idle.closed]);
  });

  it('end: an open request keeps its connection until its reply, which says close', async () => {
    const client = new RawClient(port);
    client.send(request);
    await hasReplies(1);
    connections.end();
    await sleep(20);
    assert.ok(!client.socket.destroyed);
    replies[0]?.end('done');
    await client.closed;
    assert.match(client.received, /connection: close[\s\S]*done$/i);
  });

  it('end: a reply already begun ends its connection too', async () => {
    const client = new RawClient(port);
    client.send(request);
    await hasReplies(1);
    replies[0]?.writeHead(200, { 'content-length': 4 }).write('do');
    connections.end();
    replies[0]?.end('ne');
    await client.closed;
    assert.match(client.received, /done$/);
  });

  it('end: a request that comes after it is answered with close', async () => {
    const client = new RawClient(port);
    client.send(request);
    await hasReplies(1);
    connections.end();
    client.send(request);
    await hasReplies(2);
    for (const reply of replies) reply.end('done');
    await client.closed;
    assert.match(client.received, /connection: close/i);
  });

  it('add: a connection that breaks off is forgotten with its whole pipeline', async () => {
    const client = new RawClient(port);
    client.send(request.repeat(5));
    await hasReplies(5);
    assert.equal(connections.count, 1);
    client.socket.destroy();
    while (connections.count > 0) await sleep(2);
    for (const reply of replies) reply.end('too late');
    await sleep(10);
  });
});
