import type { Control, Session } from '../src/watch/lines.js';

const token = document.querySelector<HTMLMetaElement>('meta[name=seesaw-token]')?.content ?? '';

/** Asks the server. Throws an `Error` with the server's message. */
export async function ask<Answer>(
  path: string,
  query: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(`${path}?${new URLSearchParams(query)}`);
  return read(response);
}

export function askSession(): Promise<Session> {
  return ask<Session>('/api/session');
}

/** Presses a button. Throws an `Error` with the server's message. */
export async function press(control: Control): Promise<void> {
  const response = await fetch('/api/control', {
    method: 'POST',
    headers: { 'x-seesaw-token': token },
    body: JSON.stringify(control),
  });
  await read(response);
}

async function read<Answer>(response: Response): Promise<Answer> {
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.message ?? response.statusText);
  return answer;
}
