import type { Failure } from './backend/types';
import { asFailure } from './failure';

/** One thing the user asked for at a time, and how the last one failed. */
export class Attempt {
  busy = $state(false);
  failure = $state.raw<Failure | null>(null);

  /** Does `action` unless another is under way; true when it succeeded. */
  async run(action: () => Promise<unknown>): Promise<boolean> {
    if (this.busy) return false;
    this.busy = true;
    this.failure = null;
    try {
      await action();
      return true;
    } catch (reason) {
      this.failure = asFailure(reason);
      return false;
    } finally {
      this.busy = false;
    }
  }
}
