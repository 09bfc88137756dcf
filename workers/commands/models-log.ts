// What goes wrong while models are fetched, as sentences between the progress that a person watches.

import { CONFIG_VARIABLES, type Config } from '../config.ts';
import { A_FOLDER } from '../inference/store/blobs.ts';
import { createLogger, type LogEvent, type Logger } from '../log.ts';
import { type CommandContext, openLog, remark } from './context.ts';

type Fields = Readonly<Record<string, unknown>>;

const SENTENCES: Partial<Record<LogEvent, (fields: Fields) => string>> = {
  'model.source_failed': ({ model, source, reason }) => `${model}: not from ${source}: ${reason}`,
  'model.file_damaged': ({ model, file, found }) =>
    `${model}: ${file} is damaged and is fetched again: it ${found === A_FOLDER ? 'is' : 'has sha256'} ${found}`,
  'model.converted_damaged': ({ model, format, reason }) =>
    `${model}: what was converted to ${format} is damaged and is made anew: ${reason}`,
  'model.choice_ignored': ({ file, reason }) => `${file} is damaged and ignored: ${reason}`,
  'model.folder_missing': ({ folder }) => `STEADYTEXT_MODEL_DIR: ${folder} is not there, or is no folder`,
};

/** Sentences of what is wrong; the log's own lines where the caller has said which of them he wants. */
export function openModelsLog(context: CommandContext, config: Config): Logger {
  if (isAskedFor(context)) return openLog(context, config);
  const lines = createLogger('warn', { write: (line) => context.stderr.write(line) });
  const nothing = () => undefined;
  const log: Logger = {
    level: 'warn',
    ...{ trace: nothing, debug: nothing, info: nothing },
    warn(fields, event) {
      const sentence = SENTENCES[event];
      if (sentence) remark(context, sentence(fields));
      else lines.warn(fields, event);
    },
    error: (fields, event) => lines.error(fields, event),
    fatal: (fields, event) => lines.fatal(fields, event),
    child: () => log,
  };
  return log;
}

function isAskedFor({ env }: CommandContext): boolean {
  return (env[CONFIG_VARIABLES.logLevel] ?? '').trim() !== '';
}
