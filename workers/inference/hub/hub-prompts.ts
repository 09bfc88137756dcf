// A user's message to the ids of a prompt, with the chat template wherever the model's files have it.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ModelFolder } from '../model-folder.ts';
import { encodePrompt } from '../text/encode-prompt.ts';
import { readTokenizer } from '../text/tokenizer.ts';

/** Special tokens that a message spells out are text, as in the engines of converted models. */
export async function hubPrompts(folder: ModelFolder): Promise<(message: string) => readonly number[]> {
  const files = await readTokenizer(folder);
  const template = (await ownFile(folder)) ?? defaultOf(files.config.chat_template);
  return encodePrompt({ ...files, config: { ...files.config, chat_template: template } });
}

/** Newer repositories have it in a file of its own, which goes before what tokenizer_config.json says. */
async function ownFile({ path, description }: ModelFolder): Promise<string | undefined> {
  const name = 'chat_template.jinja';
  return name in description.files ? readFile(join(path, name), 'utf8') : undefined;
}

/** One, or a list of them by name. */
function defaultOf(template: unknown): unknown {
  if (!Array.isArray(template)) return template;
  return template.find((named: { name?: unknown }) => named?.name === 'default')?.template;
}
