// Where the reader is: the address decides what is shown, filters included, so that every view can be linked to.
import { tick } from 'svelte';

export type Route =
  | { page: 'home' | Place | 'nothing' }
  | { page: Thing; id: string };

/** Pages by the first word of their address; those of one thing have its id as the second. */
const places = { catalog: 'catalog', challenges: 'challenges', evidence: 'evidences', ledger: 'ledger', match: 'match', monitor: 'monitor', organizations: 'organizations', 'sign-in': 'sign_in', join: 'join', account: 'account', proofs: 'proofs_here' } as const;
const things = { products: 'product', scenarios: 'scenario', challenges: 'challenge', evidence: 'evidence', organizations: 'organization' } as const;
type Place = (typeof places)[keyof typeof places];
type Thing = (typeof things)[keyof typeof things];

const of = <T extends object>(table: T, word: string): T[keyof T] | undefined => (Object.hasOwn(table, word) ? table[word as keyof T] : undefined);

function routeOf(path: string): Route {
  const [first = '', id = '', ...rest] = path.replace(/^\/|\/$/g, '').split('/');
  if (rest.length) return { page: 'nothing' };
  if (first === '' && !id) return { page: 'home' };
  if (!id) return { page: of(places, first) ?? 'nothing' };
  const page = of(things, first);
  return page ? { page, id: decodeURIComponent(id) } : { page: 'nothing' };
}

class Router {
  url: URL = $state.raw(new URL(location.href));
  route: Route = $derived(routeOf(this.url.pathname));

  constructor() {
    history.scrollRestoration = 'manual';
    addEventListener('popstate', (event) => {
      const y = (event.state as { y?: number } | null)?.y ?? 0;
      this.url = new URL(location.href);
      // The page is drawn from remembered answers, so its height is there after one tick.
      void tick().then(() => scrollTo(0, y));
    });
    document.addEventListener('click', (event) => this.followed(event));
  }

  get(name: string): string {
    return this.url.searchParams.get(name) ?? '';
  }

  /** The present address with some values changed; empty ones are left out. */
  with(values: Record<string, string | number>): string {
    const next = new URL(this.url);
    for (const [name, value] of Object.entries(values)) {
      if (value === '') next.searchParams.delete(name);
      else next.searchParams.set(name, String(value));
    }
    return next.pathname + next.search;
  }

  /** Changes values in the address without a new step in the history. */
  set(values: Record<string, string | number>): void {
    history.replaceState(history.state, '', this.with(values));
    this.url = new URL(location.href);
  }

  go(href: string): void {
    const next = new URL(href, location.href);
    const moved = next.pathname !== this.url.pathname;
    history.replaceState({ ...(history.state as object | null), y: scrollY }, '');
    history.pushState({}, '', next);
    this.url = next;
    void tick().then(() => {
      if (next.hash) document.getElementById(next.hash.slice(1))?.scrollIntoView();
      else if (moved) {
        scrollTo(0, 0);
        document.getElementById('main')?.focus({ preventScroll: true });
      }
    });
  }

  /** Links between pages of the site need no reload; all others are the browser's. */
  private followed(event: MouseEvent): void {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = (event.target as Element | null)?.closest('a');
    if (!link || link.target || link.hasAttribute('download') || link.origin !== location.origin) return;
    if (routeOf(link.pathname).page === 'nothing') return;
    if (link.pathname === location.pathname && link.search === location.search && link.hash) return;
    event.preventDefault();
    this.go(link.href);
  }
}

export const router = new Router();
