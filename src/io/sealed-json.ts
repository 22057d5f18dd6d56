import { createHash } from 'node:crypto';

/** The text of a manifest: the content, and a digest of it, so that no changed figure is believed. */
export function sealedJson(content: object): string {
  return asText({ ...content, sha256: digestOf(content) });
}

/**
 * Whether a text is one that `sealedJson` made, to the last character.
 *
 * @param parsed the text, parsed
 */
export function isSealed(text: string, parsed: Readonly<Record<string, unknown>>): boolean {
  const { sha256, ...content } = parsed;
  return sha256 === digestOf(content) && text === asText(parsed);
}

function asText(content: object): string {
  return `${JSON.stringify(content, null, 1)}\n`;
}

function digestOf(content: object): string {
  return createHash('sha256').update(JSON.stringify(content)).digest('hex');
}
