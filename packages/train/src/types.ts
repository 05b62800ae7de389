import type { Params, Tensor } from '@svo/tensor';

export type { Params };

/** What an optimizer remembers: a plain tree of tensors and numbers, keyed by names all the way down. */
export interface Slots {
  readonly [name: string]: Tensor | number | Slots;
}

/** A value that survives JSON: a data cursor, a random stream. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/**
 * Everything training needs to go on, as one plain record. A step **consumes** the state it is given: its tensors may have
 * been updated in place or disposed, and only the state it returns may be used afterwards. Anything to be kept across steps
 * (a reference model, best weights) is copied with `copyParams`.
 */
export interface TrainState {
  /** Optimizer updates made so far. */
  readonly step: number;
  /** The trained weights. */
  readonly params: Params;
  readonly optimizer: Slots;
  /** Real (unpadded) tokens trained on so far. */
  readonly tokens: number;
  /** Moving average of the weights, when `withEma` keeps one. */
  readonly ema?: Params;
  /** What `withEarlyStop` remembers, so that a resumed run goes on waiting where this one was. */
  readonly earlyStop?: BestSoFar;
  /** Where the data stands after the last batch: the batch's own `cursor`. */
  readonly cursor?: Json;
}

/** The best measurement of a run so far, and how long it has been. */
export interface BestSoFar {
  /** The weights it was measured with. */
  readonly params: Params;
  /** The step it was measured at. */
  readonly step: number;
  /** The metric's value. */
  readonly value: number;
  /** Measurements since then. */
  readonly waited: number;
}

/** One step's numbers, under TRL's metric names. Keys are flat so that every sink can take them as they are. */
export interface Report {
  readonly step: number;
  readonly loss: number;
  readonly [metric: string]: number;
}

/** What a step gives back: the state that replaces the one it consumed, and its numbers. */
export interface StepResult {
  readonly state: TrainState;
  readonly report: Report;
}

/** One update: `(state, batch) → { state, report }`. Wrappers such as `withEma` take one and return one. */
export type TrainStep<B> = (state: TrainState, batch: B) => Promise<StepResult>;

/** A run is the stream of its steps. Wrappers such as `withCheckpoints` take one and return one. */
export type Run = AsyncIterable<StepResult>;

/** Takes reports as they come. `close`, where there is one, is called once when the run ends. */
export interface Sink {
  (report: Report): void;
  readonly close?: () => void;
}
