// The tasks, a preset each: reader, prompt, step format, verifier.

export { arc } from './arc.ts';
export { countdown } from './countdown.ts';
export { csqa } from './csqa.ts';
export { game24 } from './game24.ts';
export { gsm8k } from './gsm8k.ts';
export { math } from './math.ts';
export { obqa } from './obqa.ts';
export { sciq } from './sciq.ts';

// What they are made of.

export { choiceRow } from './choice-row.ts';
export { choiceTemplate } from './choice-template.ts';
export { type Game24Options, type Game24Row, game24Rows } from './game24-rows.ts';
export { type CountdownSolution, type SolveOptions, solveCountdown } from './solve-countdown.ts';
export type { Task, TaskRow } from './task.ts';
