import type { Failure } from './backend/types';

/** Makes a failure of whatever a backend rejected with. */
export function asFailure(reason: unknown): Failure {
  if (isFailure(reason)) return reason;
  return {
    code: 'unexpected',
    message: reason instanceof Error ? reason.message : String(reason),
    nextStep: 'Try again; if it keeps happening, quit Vestibule and start it anew.',
  };
}

function isFailure(reason: unknown): reason is Failure {
  return (
    typeof reason === 'object' &&
    reason !== null &&
    ['code', 'message', 'nextStep'].every(
      (key) => typeof (reason as Record<string, unknown>)[key] === 'string',
    )
  );
}
