/** Tables of figures, made from benchmarks/results/*.json: a page says `<!-- table: name -->` where one goes. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Spread {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}
interface Peer {
  readonly name: string;
  readonly tokensPerSecond: number;
  readonly ofFirst: { readonly rounds: Spread };
  readonly report: { readonly peakBytes?: number; readonly version?: string };
}
interface TrainStep {
  readonly results: Readonly<
    Record<
      string,
      {
        readonly date: string;
        readonly load: number;
        readonly sizes: Record<string, number>;
        readonly peers: readonly Peer[];
      }
    >
  >;
}
interface Generation {
  readonly threads: number;
  readonly rows: readonly {
    readonly name: string;
    readonly batch: number;
    readonly tokensPerSecond: number;
    readonly ofTransformers: number;
  }[];
}
interface RealModels {
  readonly results: Readonly<
    Record<
      string,
      {
        readonly peers: readonly {
          readonly name: string;
          readonly milliseconds: Spread;
          readonly ofTorch: { readonly rounds: Spread };
          readonly report: { readonly peakBytes: number };
        }[];
      }
    >
  >;
}
/** Who took turns, by what they took turns at: the first is what the others are measured by. */
type Turns<Against> = Readonly<
  Record<
    string,
    { readonly results: readonly ({ readonly name: string; readonly tokensPerSecond: number } & Against)[] }
  >
>;
interface GgufSpeed {
  readonly file: string;
  readonly results: Turns<{ readonly ofLlamaCpp: Spread }>;
}
interface RealGeneration {
  readonly results: Turns<{ readonly ofTransformers: { readonly rounds: Spread } }>;
}
type Timed = Readonly<Record<string, Readonly<Record<string, { readonly median: number }>>>>;
interface Search {
  readonly 'tree-operations': {
    readonly growth: readonly {
      readonly nodes: number;
      readonly askExpand: { readonly median: number };
      readonly cpp: { readonly median: number };
    }[];
  };
  readonly 'busy-server': {
    readonly rows: readonly { readonly schedule: string; readonly questions: number; readonly busyPercent: number }[];
  };
}
interface Memory {
  readonly results: Readonly<Record<string, { readonly peak: number }>>;
}
interface ModelMemory {
  readonly results: Readonly<
    Record<
      string,
      {
        readonly model: string;
        readonly weights: string;
        readonly engine: string;
        readonly checkpoint?: string;
        readonly batch: number;
        readonly length: number;
        readonly tokens?: number;
        readonly peakGB: number;
        readonly planGB: number;
        readonly heapGB: number;
        readonly outsideGB: number;
      }
    >
  >;
}

const makers: Readonly<Record<string, (read: (topic: string) => unknown) => string>> = {
  'train-step': (read) => {
    const { results } = read('train-step') as TrainStep;
    const rows = Object.values(results).flatMap(({ sizes, peers, load }) =>
      peers.map(({ name, tokensPerSecond, ofFirst: { rounds }, report }, i) => [
        i === 0
          ? `${sizes.layers} layers, width ${sizes.width}, ${sizes.batch} × ${sizes.length} tokens (load ${load})`
          : '',
        i === 0 ? `${name} ${report.version ?? ''}` : name,
        whole(tokensPerSecond),
        i === 0 ? '1' : spread(rounds),
        report.peakBytes === undefined ? '–' : whole(report.peakBytes / 2 ** 20),
      ]),
    );
    return table(['model', 'by', 'tokens / s', 'ratio (spread)', 'peak MiB of the process'], rows);
  },
  generation: (read) => {
    const models = read('generation') as Readonly<Record<string, Generation>>;
    const rows = Object.entries(models).flatMap(([model, { rows }]) =>
      rows.map(({ name, batch, tokensPerSecond, ofTransformers }) => [
        model,
        String(batch),
        name,
        whole(tokensPerSecond),
        ofTransformers.toFixed(2),
      ]),
    );
    return table(['model', 'batch', 'by', 'tokens / s', 'ratio'], rows);
  },
  'real-models': (read) => {
    const rows = Object.entries((read('real-models') as RealModels).results).flatMap(([model, { peers }]) =>
      peers.map(({ name, milliseconds, ofTorch, report }, i) => [
        i === 0 ? model : '',
        name,
        (milliseconds.median / 1000).toFixed(1),
        i === 0 ? '1' : spread(ofTorch.rounds),
        (report.peakBytes / 1e9).toFixed(2),
      ]),
    );
    return table(['model, rows × tokens', 'by', 'seconds a step', 'ratio (spread)', 'peak GB of the process'], rows);
  },
  'real-models-generation': (read) => {
    const { results } = read('real-models-generation') as RealGeneration;
    return turnsTable('model', results, ({ ofTransformers }) => ofTransformers.rounds);
  },
  'gguf-speed': (read) => {
    const { file, results } = read('gguf-speed') as GgufSpeed;
    const named = Object.fromEntries(Object.entries(results).map(([written, one]) => [`\`${file}\`, ${written}`, one]));
    return turnsTable('file', named, ({ ofLlamaCpp }) => ofLlamaCpp);
  },
  losses: (read) => {
    const { ours, torch } = read('losses') as { readonly ours: Timed; readonly torch: Timed };
    const sizes = Object.keys(Object.values(ours)[0] ?? {});
    const rows = Object.keys(torch).map((name) => [
      `\`${name}\``,
      ...sizes.map((size) => {
        const [own, peer] = [ours[name]?.[size]?.median, torch[name]?.[size]?.median];
        return own === undefined || peer === undefined ? '–' : `${whole(own)} µs, ${(peer / own).toFixed(2)}`;
      }),
    ]);
    return table(['loss', ...sizes.map((size) => `B = ${size}`)], rows);
  },
  'losses-memory': (read) => {
    const { results } = read('losses-memory') as Memory;
    const first = Object.values(results)[0]?.peak ?? 1;
    const rows = Object.entries(results).map(([what, { peak }]) => [
      what,
      whole(peak / 2 ** 20),
      (peak / first).toFixed(2),
    ]);
    return table(['forward and backward of', 'peak MiB', 'times DPO'], rows);
  },
  'model-memory': (read) => {
    const { results } = read('real-models-memory') as ModelMemory;
    const rows = Object.values(results)
      .toSorted((a, b) => parseFloat(scaled(a.model)) - parseFloat(scaled(b.model)) || a.peakGB - b.peakGB)
      .map(({ model, weights, engine, checkpoint, batch, length, tokens, ...gb }) => [
        `${model}, ${tokens === undefined ? `${batch}\u00a0×\u00a0${length}` : `${tokens} tokens drawn`}${checkpoint === 'layer' ? ', layers recomputed' : ''}`,
        weights,
        engine,
        ...[gb.peakGB, gb.planGB, gb.heapGB, gb.outsideGB].map((size) => size.toFixed(2)),
      ]);
    return table(['model and rows', `\`weights\``, 'engine', 'peak, GB', 'plan', 'heap', 'frozen'], rows);
  },
  mcts: (read) => {
    const { growth } = (read('mcts') as Search)['tree-operations'];
    const rows = growth.map(({ nodes, askExpand, cpp }) => [
      whole(nodes),
      askExpand.median.toFixed(2),
      cpp.median.toFixed(2),
      (cpp.median / askExpand.median).toFixed(2),
    ]);
    return table(['nodes', 'µs an iteration', 'C++', 'ratio'], rows);
  },
  'busy-server': (read) => {
    const { rows } = (read('mcts') as Search)['busy-server'];
    return table(
      ['schedule', 'questions', 'slots busy'],
      rows.map(({ schedule, questions, busyPercent }) => [schedule, whole(questions), `${busyPercent} %`]),
    );
  },
};

/** The text with every table in its place; throws for a table nobody makes, and for a figure that is not there. */
export const withFigures = (root: string, markdown: string): string =>
  markdown.replaceAll(/^<!-- table: (\S+) -->$/gm, (_, name: string) => {
    const make = makers[name];
    if (make === undefined) throw new Error(`no table '${name}' (there are ${Object.keys(makers).join(', ')})`);
    const made = make((topic) => JSON.parse(readFileSync(join(root, 'benchmarks/results', `${topic}.json`), 'utf8')));
    if (/NaN|undefined|Infinity/.test(made)) throw new Error(`table '${name}' lacks a figure:\n${made}`);
    return made;
  });

/** `135M` in billions, as `8B` is. */
const scaled = (size: string): string => (size.endsWith('M') ? `${parseFloat(size) / 1000}` : size);

const whole = (x: number): string => Math.round(x).toLocaleString('en-GB');

const spread = ({ median, low, high }: Spread): string =>
  `${median.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)})`;

function turnsTable<Against>(what: string, results: Turns<Against>, ratioOf: (one: Against) => Spread): string {
  const rows = Object.entries(results).flatMap(([at, { results: sides }]) =>
    sides.map((side, i) => [
      i === 0 ? at : '',
      side.name,
      side.tokensPerSecond.toFixed(1),
      i === 0 ? '1' : spread(ratioOf(side)),
    ]),
  );
  return table([what, 'by', 'tokens / s', 'ratio (spread)'], rows);
}

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
