import { isFormat } from '../stages/formats.ts';

const formatNames = { 'blank-line': 'blankLineFormat', boxed: 'boxedFormat', gsm8k: 'gsm8kFormat' } as const;

/** What a printed program calls its step format: a named one, or that of its task. */
export const formatIn = (format: string): string => (isFormat(format) ? formatNames[format] : 'task.format');
