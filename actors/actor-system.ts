import { dispatch as dispatchMessage, type Ref, spawn, start, stop } from 'nact';

export type { Ref } from 'nact';

/** What an actor does and how it starts. */
export interface Behaviour<State, Message> {
  readonly initialState: State;
  /** Handles one message at a time and returns the next state. */
  receive(state: State, message: Message, self: Ref<Message>): State | Promise<State>;
  /** Hears of anything `receive` threw. The actor keeps its state and goes on. Must not throw. */
  onFault(error: unknown): void;
}

/**
 * A set of actors that start and stop together. The one door to nact, which it wraps because, as of
 * nact 7.6.2,
 *
 * - `stop` leaves children running, and `stop(system)` leaves everything running: actors lie flat
 *   here and each is stopped, the latest first;
 * - a message handler that throws loses the actor or its mailbox, depending on the policy, and one
 *   that throws after `stop` ends the process: nothing thrown reaches nact;
 * - a stopped actor finishes its mailbox: after `stop`, messages are dropped unread.
 */
export class ActorSystem {
  readonly #system = start();
  readonly #actors: Ref<never>[] = [];
  #stopped = false;

  /**
   * Starts an actor.
   *
   * @param name unique in the system; letters, digits, dashes
   */
  spawn<State, Message>(name: string, behaviour: Behaviour<State, Message>): Ref<Message> {
    const receive = async (
      state: State,
      message: Message,
      context: { readonly self: Ref<Message> },
    ): Promise<State> => {
      if (this.#stopped) return state;
      try {
        return await behaviour.receive(state, message, context.self);
      } catch (error) {
        if (!this.#stopped) behaviour.onFault(error);
        return state;
      }
    };
    const actor = spawn(this.#system, receive, name, {
      initialState: behaviour.initialState,
      onCrash: (_message, _error, context) => context.resume,
    }) as Ref<Message>;
    this.#actors.push(actor as Ref<never>);
    return actor;
  }

  /** Stops every actor. A message that is being handled ends; its reply goes nowhere. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    for (const actor of this.#actors.reverse()) stop(actor);
    stop(this.#system);
  }
}

/** Puts a message into an actor's mailbox. Dropped if the actor has stopped. */
export function dispatch<Message>(actor: Ref<Message>, message: Message): void {
  dispatchMessage(actor, message);
}
