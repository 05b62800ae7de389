/** [B] */
export type Vector = readonly number[];
/** [B, S] or [B, T] */
export type Matrix = readonly (readonly number[])[];

/** A loss and its closed-form gradient on each input that carries one, in that input's shape. */
export interface Reference<G extends string, Shape extends Vector | Matrix = Vector> {
  readonly value: number;
  readonly gradients: Readonly<Record<G, Shape>>;
}
