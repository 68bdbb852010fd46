// One thing that a page asks for: what is known, whether more is coming, and what went wrong.
import { untrack } from 'svelte';
import { get, Problem } from './api';

/** The last answers, so that going back shows a page at once; each is asked for again all the same. */
const known = new Map<string, unknown>();
const KEEP = 60;

export class Load<T> {
  data: T | null = $state.raw(null);
  problem: Problem | null = $state.raw(null);
  loading = $state(false);
  private path = '';
  private running: AbortController | null = null;

  /** Asks; a request still under way is given up, what is shown stays until the answer is there. */
  ask(path: string): void {
    untrack(() => {
      if (path !== this.path) {
        const before = known.get(path);
        if (before !== undefined) this.data = before as T;
        this.path = path;
      }
      void this.again();
    });
  }

  async again(): Promise<void> {
    this.running?.abort();
    const running = (this.running = new AbortController());
    this.loading = true;
    try {
      const data = await get<T>(this.path, running.signal);
      if (this.running !== running) return;
      this.data = data;
      this.problem = null;
      known.delete(this.path);
      known.set(this.path, data);
      if (known.size > KEEP) known.delete(known.keys().next().value as string);
    } catch (error) {
      if (this.running !== running) return;
      this.problem = error instanceof Problem ? error : new Problem({ zh: String(error), en: String(error) }, { zh: '', en: '' }, 0);
      if (this.problem.status === 404) this.data = null;
    }
    this.loading = false;
  }

  stop(): void {
    this.running?.abort();
    this.running = null;
  }
}
