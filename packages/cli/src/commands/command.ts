import type { Arguments } from '../config/arguments.ts';
import type { SvoConfig } from '../config/config.ts';
import type { Shell } from '../shell/shell.ts';

/** What a command would do, in numbers, before anything is spent. */
export interface Estimate {
  /** Lines for people. */
  readonly lines: readonly string[];
  /** The same for programs. */
  readonly record: Readonly<Record<string, unknown>>;
}

/** What a plan is run with. */
export interface RunOptions {
  /** Go on with the run that is there, and fail where there is none. */
  readonly resume: boolean;
}

/** What every command has to say of itself. */
export interface About {
  readonly name: string;
  readonly summary: string;
  /** An example or two, for `--help`. */
  readonly examples: readonly string[];
  /** The keys it reads. */
  readonly keys: readonly string[];
}

/** A command: a configuration becomes a plan, purely; a plan can be priced, printed as code, and run. */
interface Definition<Plan> extends About {
  readonly plan: (config: SvoConfig, args: Arguments) => Plan;
  readonly code: (plan: Plan) => string;
  readonly estimate: (plan: Plan) => Promise<Estimate>;
  readonly run: (plan: Plan, shell: Shell, options: RunOptions) => Promise<void>;
}

/** A command whose plan nobody else looks into. */
export interface Command extends About {
  readonly prepare: (config: SvoConfig, args: Arguments) => Prepared;
}

/** A plan that was settled. */
export interface Prepared {
  readonly code: () => string;
  readonly estimate: () => Promise<Estimate>;
  readonly run: (shell: Shell, options: RunOptions) => Promise<void>;
}

export function defineCommand<Plan>({ plan, code, estimate, run, ...about }: Definition<Plan>): Command {
  return {
    ...about,
    prepare: (config, args) => {
      const settled = plan(config, args);
      return {
        code: () => code(settled),
        estimate: () => estimate(settled),
        run: (shell, options) => run(settled, shell, options),
      };
    },
  };
}
