import { SeesawError } from '../errors.js';

/** A service cannot listen at its address: the port is taken, or not allowed. */
export class ListenError extends SeesawError {
  override readonly name = 'ListenError';
  readonly code = 'ERR_LISTEN';
}

/** A log of interactions cannot be read or written, or is damaged. */
export class InteractionLogError extends SeesawError {
  override readonly name = 'InteractionLogError';
  readonly code: 'ERR_LOG_DAMAGED' | 'ERR_LOG_UNREADABLE' | 'ERR_LOG_UNWRITABLE';

  constructor(code: InteractionLogError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** A service is closed, or keeps no model before the one in service. */
export class ServiceError extends SeesawError {
  override readonly name = 'ServiceError';
  readonly code: 'ERR_NO_ROLLBACK' | 'ERR_SERVICE_CLOSED';

  constructor(code: ServiceError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

/** A training beside the service has failed; the model in service stays. */
export class RetrainError extends SeesawError {
  override readonly name = 'RetrainError';
  readonly code = 'ERR_RETRAIN';
}
