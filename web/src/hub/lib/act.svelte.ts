// Something that a form does: whether it is under way, what went wrong, and that it was done.
import { Problem, unreached } from './api';

export class Act {
  running = $state(false);
  done = $state(false);
  problem: Problem | null = $state.raw(null);

  /** Does it, once at a time; false if it was refused. */
  async run(what: () => Promise<void>): Promise<boolean> {
    if (this.running) return false;
    this.running = true;
    this.done = false;
    this.problem = null;
    try {
      await what();
      this.done = true;
    } catch (error) {
      this.problem = error instanceof Problem ? error : unreached();
    }
    this.running = false;
    return this.done;
  }
}
