import { blankLineFormat, boxedFormat, gsm8kFormat, type StepFormat } from '@svo/mdp';
import type { SvoConfig } from '../config/config.ts';
import { defaults } from '../config/defaults.ts';
import { openTask, taskNamed } from '../models/open-task.ts';

/** The step formats that have a name in a configuration. */
const formats: Readonly<Record<NonNullable<SvoConfig['format']>, StepFormat>> = {
  'blank-line': blankLineFormat,
  boxed: boxedFormat,
  gsm8k: gsm8kFormat,
};

/** Whether a format is one that has a name. */
export const isFormat = (name: string): name is keyof typeof formats => Object.hasOwn(formats, name);

/** A configuration's format by its name; of a task in a module the module's path. */
export function formatName({ format, task }: Pick<SvoConfig, 'format' | 'task'>): string {
  const named = taskNamed(task);
  return format ?? named?.format.id ?? task ?? defaults.format;
}

/** The format: a named one, or that of a task in a module. */
export const openFormat = async (name: string): Promise<StepFormat> =>
  isFormat(name) ? formats[name] : (await openTask(name)).format;
