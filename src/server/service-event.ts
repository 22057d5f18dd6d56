import type { IndexOrigin } from '../model/ranking/index-store.js';

/** What a service reports. No event holds a token, and none an id of a user. */
export type ServiceEvent =
  | {
      readonly type: 'listening';
      readonly url: string;
      readonly host: string;
      /** Whether any client that reaches the port may ask: there are no tokens. */
      readonly isOpen: boolean;
    }
  | {
      readonly type: 'request';
      readonly requestId: string;
      readonly method: string;
      /** The pattern of the route, such as `/users/:user/recommendations`. */
      readonly route: string;
      readonly status: number;
      readonly seconds: number;
      readonly generation: number;
    }
  | {
      readonly type: 'swapped';
      readonly generation: number;
      readonly reason: SwapReason;
      readonly users: number;
      readonly items: number;
      /** Users whose interactions are not in the model. */
      readonly foldedUsers: number;
      readonly seconds: number;
    }
  /** The model that is about to be taken has its index. */
  | ({ readonly type: 'indexed' } & IndexOrigin)
  | { readonly type: 'refused'; readonly reason: SwapReason; readonly message: string }
  | {
      readonly type: 'retrained' | 'retraining';
      readonly message: string;
    }
  | { readonly type: 'fault'; readonly message: string; readonly requestId?: string }
  | { readonly type: 'draining' }
  | { readonly type: 'closed' };

/** Why another model is taken. */
export type SwapReason =
  | 'start'
  | 'file'
  | 'request'
  | 'signal'
  | 'program'
  | 'rollback'
  | 'retrained';
