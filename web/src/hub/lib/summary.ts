// What the hub holds, shared by the frame and the pages.
import { path } from './api';
import { Load } from './load.svelte';
import type { Summary } from './records';

export const summary = new Load<Summary>();
export const askSummary = (): void => summary.ask(path('summary'));
