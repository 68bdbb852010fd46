// Who is here and what they may do, shared by the frame and the pages.
import { path } from './api';
import { Load } from './load.svelte';
import type { Ability, Session } from './records';

export const session = new Load<Session>();
export const askSession = (): void => session.ask(path('session'));
export const may = (ability: Ability): boolean => session.data?.abilities.includes(ability) ?? false;
