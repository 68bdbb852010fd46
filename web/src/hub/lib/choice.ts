// The reader's language and light: from the address (`?lang=`), from before, or from the browser; remembered for the next visit.
import type { Language } from '../../lib/data';
import { settings, type Theme } from '../../lib/state.svelte';
import { router } from './route.svelte';

/** Storage may be switched off; then a choice lasts as long as the page. */
function remembered(name: string): string | null {
  try {
    return localStorage.getItem(`leitai.${name}`);
  } catch {
    return null;
  }
}

function remember(name: string, value: string): void {
  try {
    localStorage.setItem(`leitai.${name}`, value);
  } catch {
    // Nothing depends on it.
  }
}

export function begin(): void {
  const asked = router.get('lang');
  const language = [asked, remembered('language'), navigator.language.slice(0, 2)].find((each) => each === 'zh' || each === 'en');
  settings.language = (language as Language | undefined) ?? 'en';
  if (asked) remember('language', settings.language);
  const theme = remembered('theme');
  if (theme === 'light' || theme === 'dark') settings.theme = theme;
}

export function speak(language: Language): void {
  settings.language = language;
  remember('language', language);
  if (router.get('lang')) router.set({ lang: language });
}

const themes: Theme[] = ['auto', 'light', 'dark'];
export function turnTheme(): void {
  settings.theme = themes[(themes.indexOf(settings.theme) + 1) % themes.length];
  remember('theme', settings.theme);
}
