// A model in a Hugging Face repository, or in a mirror that answers like the hub (HF_ENDPOINT). A revision is looked up once and
// the commit behind it is pinned.

import type { Readable } from 'node:stream';
import { z } from 'zod';
import { SteadyTextError } from '../../errors.ts';
import { httpsGet, type Patience } from '../store/https-get.ts';
import { withoutLogin } from '../store/huggingface-source.ts';
import type { ModelAddress } from './address.ts';
import { shown } from './licence.ts';
import { type ModelPlace, within } from './place.ts';
import { readAll } from './read-all.ts';

const LONGEST_ANSWER = 50e6;

const answerSchema = z.object({
  sha: z.string().regex(/^[0-9a-f]{40,64}$/),
  siblings: z.array(
    z.object({
      rfilename: z.string().min(1),
      size: z.int().nonnegative().nullish(),
      lfs: z.object({ sha256: z.string().regex(/^[0-9a-f]{64}$/), size: z.int().nonnegative() }).nullish(),
    }),
  ),
  cardData: z.looseObject({ license: z.unknown() }).nullish(),
});

export interface HubOptions {
  readonly endpoint: string;
  readonly patience: Patience;
  readonly signal?: AbortSignal | undefined;
}

export async function hubPlace(
  { repo, revision, inner }: Extract<ModelAddress, { kind: 'hub' }>,
  { endpoint, patience, signal }: HubOptions,
): Promise<ModelPlace> {
  const base = endpoint.replace(/\/+$/, '');
  const label = `${repo} at ${withoutLogin(base)}`;
  const { sha, siblings, cardData } = await ask();
  const all = siblings.map(({ rfilename, size, lfs }) => ({
    path: rfilename,
    bytes: lfs?.size ?? size ?? 0,
    sha256: lfs?.sha256,
  }));
  const { folder, asked, files } = within(all, inner, label);
  const prefix = folder === '' ? '' : `${folder}/`;
  return {
    label: `${label}, commit ${sha.slice(0, 12)}`,
    name: asked?.endsWith('.gguf') ? asked : repo.split('/')[1]!,
    licence: shown(cardData?.license),
    origin: `https://huggingface.co/${repo}`,
    files,
    asked,
    sources: { huggingface: { repo, revision: sha, ...(folder !== '' && { folder }) } },
    open: (path) => get(`${base}/${repo}/resolve/${sha}/${prefix}${path.split('/').map(encodeURIComponent).join('/')}`),
  };

  async function ask() {
    const address = `${base}/api/models/${repo}/revision/${encodeURIComponent(revision)}?blobs=true`;
    const answer = await readAll(await get(address), LONGEST_ANSWER, 'the list of its files').catch(failed);
    let value: unknown;
    try {
      value = JSON.parse(answer.toString('utf8'));
    } catch {
      throw failed(new Error('the list of its files is no JSON'));
    }
    const parsed = answerSchema.safeParse(value);
    if (parsed.success) return parsed.data;
    const { path, message } = parsed.error.issues[0]!;
    throw failed(new Error(`the list of its files has no ${path.join('.')} that can be read: ${message}`));
  }

  async function get(address: string): Promise<Readable> {
    return await httpsGet(address, patience, signal).catch(failed);
  }

  function failed(error: Error): never {
    signal?.throwIfAborted();
    if (error instanceof SteadyTextError) throw error;
    throw new SteadyTextError('ModelUnavailable', `${label}, revision ${revision}: ${error.message}`, {
      hint: 'Check owner, name and revision (some repositories want a login, which is not supported). Without a network: fetch its files elsewhere, and add the folder that holds them.',
      cause: error,
    });
  }
}
