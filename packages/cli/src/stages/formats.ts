import { blankLineFormat, boxedFormat, gsm8kFormat, type StepFormat } from '@svo/mdp';
import type { SvoConfig } from '../config/config.ts';

/** The step formats that have a name in a configuration. */
export const formats: Readonly<Record<NonNullable<SvoConfig['format']>, StepFormat>> = {
  'blank-line': blankLineFormat,
  boxed: boxedFormat,
  gsm8k: gsm8kFormat,
};
