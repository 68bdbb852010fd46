// Reads the data that the page carries and shows it.
import { mount } from 'svelte';
import App from './App.svelte';
import type { Page } from './lib/data';
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

mount(App, { target: document.getElementById('app')!, props: { page, problem } });
