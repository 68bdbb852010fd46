// Asking the hub: answers as records, refusals as problems that carry both languages.
import type { Text } from '../../lib/data';
import { session } from './session';
import { both } from './words';

/** Why there is no answer. `status` is 0 where the hub was not reached. */
export class Problem extends Error {
  constructor(readonly title: Text, readonly detail: Text, readonly status: number) {
    super(title.en);
  }
}

/** The problem that a refusal's body states (RFC 9457), or one made from its status. */
export function problemOf(status: number, body: string): Problem {
  try {
    const stated = JSON.parse(body) as { title?: Text; detail?: Text };
    if (stated.title?.zh && stated.title.en) return new Problem(stated.title, stated.detail ?? { zh: '', en: '' }, status);
  } catch {
    // Not JSON: a proxy's page, or nothing at all.
  }
  return new Problem(both('no_answer', { status }), both('no_answer_next'), status);
}

export const unreached = (): Problem => new Problem(both('unreached'), both('unreached_next'), 0);

export async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  let answer: Response;
  try {
    answer = await fetch(path, { signal, headers: { accept: 'application/json' } });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw unreached();
  }
  if (!answer.ok) throw problemOf(answer.status, await answer.text());
  return (await answer.json()) as T;
}

/** Changes something; what comes back, or nothing where the answer has no body. A body of another `type` than JSON is sent as it is. */
export async function change<T = undefined>(method: 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown, type = 'application/json'): Promise<T> {
  const headers: Record<string, string> = { accept: 'application/json', ...csrf() };
  if (body !== undefined) headers['content-type'] = type;
  let answer: Response;
  try {
    answer = await fetch(path, { method, headers, body: body === undefined ? undefined : type === 'application/json' ? JSON.stringify(body) : (body as string) });
  } catch {
    throw unreached();
  }
  const text = await answer.text();
  if (!answer.ok) throw problemOf(answer.status, text);
  return (text ? JSON.parse(text) : undefined) as T;
}

/** What shows that a change comes from a page of this hub. */
const csrf = (): Record<string, string> => (session.data?.csrf_token ? { 'x-csrf-token': session.data.csrf_token } : {});

/** `/api/v1/` with the values that say something; what is empty is left out. */
export function path(of: string, values: Record<string, string | number | null | undefined> = {}): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) if (value !== null && value !== undefined && value !== '') query.set(name, String(value));
  const text = query.toString();
  return `/api/v1/${of}${text ? `?${text}` : ''}`;
}

/** Sends a bundle, telling how much of it has left. */
export function publish(file: File, progress: (share: number) => void): Promise<{ digest: string; existed: boolean }> {
  return new Promise((resolve, reject) => {
    // fetch cannot tell the progress of an upload.
    const request = new XMLHttpRequest();
    request.open('POST', '/api/v1/evidence');
    for (const [name, value] of Object.entries(csrf())) request.setRequestHeader(name, value);
    request.setRequestHeader('content-type', 'application/octet-stream');
    request.upload.onprogress = (event) => event.lengthComputable && progress(event.loaded / event.total);
    request.onload = () => {
      if (request.status === 200 || request.status === 201) {
        resolve({ digest: (JSON.parse(request.responseText) as { digest: string }).digest, existed: request.status === 200 });
      } else reject(problemOf(request.status, request.responseText));
    };
    request.onerror = () => reject(unreached());
    request.send(file);
  });
}
