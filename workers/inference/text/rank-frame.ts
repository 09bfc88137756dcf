// What stands round a query and a document when a decoder is asked whether the one answers the other: the words that the
// Qwen3-Reranker models were trained with (their model cards; llama.cpp's converter writes the same ones into a file's
// "rerank" template), in the model's own chat template.

import { randomUUID } from 'node:crypto';
import { SteadyTextError } from '../../errors.ts';
import { type Message, messagesTemplate } from './chat-template.ts';
import { specialTokens } from './special-tokens.ts';
import type { TokenizerFiles } from './tokenizer.ts';

/** What SQL says where a request names no task. */
export const DEFAULT_INSTRUCTION = 'Given a web search query, retrieve relevant passages that answer the query';

const SYSTEM =
  'Judge whether the Document meets the requirements based on the Query and the Instruct provided. ' +
  'Note that the answer can only be "yes" or "no".';

/** Of models that think before they answer: they have done so, in no words. */
const NO_THOUGHT = '<think>\n\n</think>\n\n';

export interface RankFrame {
  readonly before: readonly number[];
  /** Text of the template that goes before the user's; the two may share a token. */
  readonly lead: string;
  readonly after: readonly number[];
}

/** The parts of what the user says, between `before` and `after`. */
export function openingText({ lead }: RankFrame, instruction: string): string {
  return `${lead}<Instruct>: ${instruction}\n<Query>:`;
}

export const CLOSING_TEXT = '\n<Document>:';

/** `textIds`: ids of a text in which no special token is meant. Throws ModelUnsupported for a model that cannot be asked so. */
export function rankFrame(
  files: TokenizerFiles,
  model: string,
  textIds: (text: string) => readonly number[],
): RankFrame {
  const { ids, any } = specialTokens(files);
  const [start, end] = aroundUser(files, model);
  const idsOf = (parts: readonly string[]) => parts.flatMap((part) => ids.get(part) ?? textIds(part));
  const parts = start.split(any);
  return {
    before: idsOf(parts.slice(0, -1)),
    lead: parts.at(-1)!,
    after: idsOf((thinks(files) ? thoughtless(end) : end).split(any)),
  };
}

/** What the template writes before and after what the user says. Throws ModelUnsupported as `rankFrame`. */
export function aroundUser({ config }: Pick<TokenizerFiles, 'config'>, model: string): readonly [string, string] {
  const render = messagesTemplate(config);
  if (render === undefined)
    throw unsupported(`expected a chat template in the tokenizer of ${model}, to ask it in its own form, got none`);
  // Random, so that it is found again wherever the template puts it.
  const user = `\u{E000}${randomUUID()}\u{E000}`;
  const ways: readonly (readonly Message[])[] = [
    [
      { role: 'system', content: SYSTEM },
      { role: 'user', content: user },
    ],
    // Of templates that know no system message, or leave it out.
    [{ role: 'user', content: `${SYSTEM}\n\n${user}` }],
  ];
  for (const messages of ways) {
    const [before, after, ...more] = rendered(render, messages).split(user);
    if (before?.includes(SYSTEM) && after !== undefined && more.length === 0) return [before, after];
  }
  throw unsupported(`expected the chat template of ${model} to show what a user says, once and as it is; it does not`);
}

/** Templates refuse messages by an error. */
function rendered(render: (messages: readonly Message[]) => string, messages: readonly Message[]): string {
  try {
    return render(messages);
  } catch {
    return '';
  }
}

function thinks({ definition }: TokenizerFiles): boolean {
  const contents = definition.added_tokens?.map(({ content }) => content) ?? [];
  return ['<think>', '</think>'].every((token) => contents.includes(token));
}

/** Some templates have begun the thought, or ended it, by themselves. */
function thoughtless(end: string): string {
  return end.replace(/<think>\s*(<\/think>\s*)?$/, '') + NO_THOUGHT;
}

function unsupported(what: string): SteadyTextError {
  return new SteadyTextError('ModelUnsupported', what, {
    hint: 'A decoder that ranks is one that was trained to answer: take a reranker, or a model for chats.',
  });
}
