/** What is measured: the table, and what else the plan is held to. */
export interface Case {
  readonly model: string;
  readonly weights: 'float32' | 'stored' | 'int8' | 'int4';
  readonly engine: string;
  readonly checkpoint?: 'none' | 'layer';
  readonly batch: number;
  readonly length: number;
  /** Steps of LoRA; two by default. */
  readonly steps?: number;
  /** Generate so many tokens instead. */
  readonly tokens?: number;
  /** GB that it may take at most. */
  readonly limit?: number;
}

const lora = { engine: 'auto', weights: 'stored', checkpoint: 'layer', steps: 1 } as const;

/** The last four are not of the table. */
export const cases: Readonly<Record<string, Case>> = {
  '135M 4×256, recomputed': { ...lora, model: '135M', batch: 4, length: 256, limit: 1.2 },
  '0.5B 4×512, recomputed': { ...lora, model: '0.5B', batch: 4, length: 512, limit: 3 },
  '1.2B 2×512, recomputed': { ...lora, model: '1.2B', batch: 2, length: 512, limit: 5.5 },
  '3B 1×256 int4, recomputed': { ...lora, model: '3B', weights: 'int4', batch: 1, length: 256, limit: 6 },
  '8B int4, generates': { model: '8B', weights: 'int4', engine: 'auto', batch: 1, length: 6, tokens: 2, limit: 7 },
  '135M 4×256': { ...lora, model: '135M', checkpoint: 'none', batch: 4, length: 256, limit: 2.5 },
  '135M 4×256 float32, recomputed': { ...lora, model: '135M', weights: 'float32', batch: 4, length: 256 },
  '135M 4×256 int8 on wasm, recomputed': {
    ...lora,
    model: '135M',
    weights: 'int8',
    engine: 'wasm',
    batch: 4,
    length: 256,
  },
  '135M 2×128 float32': { ...lora, model: '135M', weights: 'float32', checkpoint: 'none', batch: 2, length: 128 },
  '0.5B 1×256': { ...lora, model: '0.5B', checkpoint: 'none', batch: 1, length: 256 },
};
