/** The connections of an HTTP server and their unanswered requests, so that it can close gently. */
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/**
 * By connection, since its end is also that of requests behind the one that is being answered:
 * Node closes the replies of those without a word.
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

  /** Ends idle connections now and the others with their replies, which say so. */
  end(): void {
    this.#ending = true;
    for (const [socket, replies] of this.#replies) {
      if (replies.size === 0) socket.destroy();
      for (const reply of replies) reply.shouldKeepAlive = false;
    }
  }
}
