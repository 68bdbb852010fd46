// Who is here and what they may do, shared by the frame and the pages.
import { path } from './api';
import { Load } from './load.svelte';
import type { Ability, Membership, OrganizationKind, Session } from './records';

/** What each kind of organization may do of what its pages ask for by name. */
const ABILITIES_OF: Record<OrganizationKind, readonly Ability[]> = {
  maker: ['challenge', 'submit'],
  buyer: ['challenge'],
  test_center: ['comment'],
  authority: ['challenge', 'comment'],
  institute: ['submit', 'comment'],
};

export const session = new Load<Session>();
export const askSession = (): void => session.ask(path('session'));
/** For whom one may do something: the organizations that may, of those one acts for. */
export const organizationsFor = (ability: Ability): Membership[] =>
  (session.data?.account?.memberships ?? []).filter((each) => ABILITIES_OF[each.kind].includes(ability));
/** Whether one may do something for an organization. */
export const actsFor = (organization: string, ability: Ability): boolean =>
  may(ability) && (session.data?.account?.operator === true || organizationsFor(ability).some((each) => each.organization === organization));
export const may = (ability: Ability): boolean => session.data?.abilities.includes(ability) ?? false;
