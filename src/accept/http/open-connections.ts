/** Tracks connections of an HTTP server and their unanswered requests for a graceful close. */
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Tracks replies by connection, because closing a connection also ends pipelined requests behind
 * the one being answered: Node closes their replies without an error.
 */
export class OpenConnections {
  readonly #replies = new Map<Socket, Set<ServerResponse>>();
  #ending = false;

  get count(): number {
    return this.#replies.size;
  }

  add(socket: Socket): void {
    this.#replies.set(socket, new Set());
    socket.on('close', () => this.#replies.delete(socket));
  }

  addRequest(socket: Socket, reply: ServerResponse): void {
    const replies = this.#replies.get(socket);
    if (replies === undefined) return;
    replies.add(reply);
    if (this.#ending) reply.shouldKeepAlive = false;
    reply.on('close', () => {
      replies.delete(reply);
      if (this.#ending && replies.size === 0) socket.destroy();
    });
  }

  /** Closes idle connections now, and others after their replies, which carry Connection: close. */
  end(): void {
    this.#ending = true;
    for (const [socket, replies] of this.#replies) {
      if (replies.size === 0) socket.destroy();
      for (const reply of replies) reply.shouldKeepAlive = false;
    }
  }
}
