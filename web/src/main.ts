// Reads the data that the page carries and shows it.
import { flushSync, mount } from 'svelte';
import App from './App.svelte';
import type { Page } from './lib/data';
import { settings } from './lib/state.svelte';
import './style.css';

let page: Page | null = null;
let problem = '';
try {
  page = JSON.parse(document.getElementById('leitai-data')?.textContent ?? 'null') as Page | null;
  if (page !== null && page.kind !== 'report' && page.kind !== 'model') {
    problem = `kind "${String((page as { kind: unknown }).kind)}"`;
    page = null;
  }
} catch (error) {
  problem = String(error);
}

// Registered before any chart's own listener, so that charts measure the paper's layout.
const printing = (now: boolean): void => {
  document.documentElement.classList.toggle('printing', now);
  flushSync(() => (settings.printing = now));
};
window.addEventListener('beforeprint', () => printing(true));
window.addEventListener('afterprint', () => printing(false));

mount(App, { target: document.getElementById('app')!, props: { page, problem } });
