// What the reader has chosen: language, light or dark, and the moment of the replay that all views share.
import type { Language, Replay, Text } from './data';
import { say, type Word } from './words';

export type Theme = 'auto' | 'light' | 'dark';

const dark = window.matchMedia('(prefers-color-scheme: dark)');

class Settings {
  language: Language = $state('en');
  theme: Theme = $state('auto');
  /** Paper is white and has no buttons, so tables are shown whole. */
  printing: boolean = $state(false);
  private systemDark = $state(dark.matches);

  constructor() {
    dark.addEventListener('change', (event) => (this.systemDark = event.matches));
  }

  get isDark(): boolean {
    return !this.printing && (this.theme === 'dark' || (this.theme === 'auto' && this.systemDark));
  }
}

export const settings = new Settings();

/** The page's own words in the chosen language. */
export const w = (word: Word, values?: Record<string, string | number>): string => say(settings.language, word, values);
/** The data's words in the chosen language. */
export const tr = (text: Text): string => text[settings.language] || text.en || text.zh;

/** Plays one logged trial at a time. */
export class Player {
  replays: Replay[];
  chosen: number = $state(0);
  time: number = $state(0);
  playing: boolean = $state(false);
  speed: number = $state(1);

  constructor(replays: Replay[]) {
    this.replays = replays;
  }

  get replay(): Replay {
    return this.replays[this.chosen];
  }
  get duration(): number {
    return this.replay.track.duration_s;
  }
  choose(index: number, time = 0): void {
    this.chosen = index;
    this.playing = false;
    this.seek(time);
  }
  seek(time: number): void {
    this.time = Math.min(this.duration, Math.max(0, time));
  }
  toggle(): void {
    if (!this.playing && this.time >= this.duration) this.time = 0;
    this.playing = !this.playing;
  }
  /** Moves on by `elapsed` seconds of wall time. */
  advance(elapsed: number): void {
    if (!this.playing) return;
    this.seek(this.time + elapsed * this.speed);
    if (this.time >= this.duration) this.playing = false;
  }
}

/** Shows a moment of a logged trial, if it was logged. */
export function showMoment(player: Player, trial: number, time: number): void {
  const index = player.replays.findIndex((replay) => replay.trial === trial);
  if (index < 0) return;
  player.choose(index, time);
  const calm = window.matchMedia('(prefers-reduced-motion: reduce)').matches;
  document.getElementById('replay')?.scrollIntoView({ behavior: calm ? 'auto' : 'smooth', block: 'start' });
}
