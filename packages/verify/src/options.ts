import { assertOptions } from '@svo/mdp';

/** The conventions a verdict depends on where mathematics alone doesn't settle it. Every field has a default. */
export interface VerifyOptions {
  /**
   * Is 28 an answer where the truth is 28 %, and 0.28? `'either'` (default) takes both; `'value'` takes 0.28 and 28 % alone.
   */
  readonly percent?: 'either' | 'value';
  /**
   * `'optional'` (default): a unit may be left out; two units that are both known must agree after conversion. `'required'`: a unit in
   * the truth must be there. `'ignored'`: units are never looked at.
   */
  readonly units?: 'optional' | 'required' | 'ignored';
  /** `'auto'` (default): tuples are ordered, bare lists and sets are not. `'ordered'`: bare lists are ordered too. */
  readonly order?: 'auto' | 'ordered';
  /**
   * `'rounded'` (default): a decimal literal with at least three significant digits in the truth, or four in the answer, stands for
   * every number that rounds to it. `'exact'`: it stands for itself.
   */
  readonly decimals?: 'rounded' | 'exact';
  /** Numbers that agree to this many digits after the point count as equal. Default: not used. */
  readonly places?: number;
  /** Relative difference up to which two numbers are equal. Default 0, beyond the error of the arithmetic itself. */
  readonly tolerance?: number;
  /** `'optional'` (default): 204 is an answer where the truth is 204₅. `'required'`: only 204₅ or its value in base ten is. */
  readonly base?: 'optional' | 'required';
  /** May an inequality answer for an interval and the other way round? Default `'either'`. */
  readonly intervals?: 'either' | 'same';
  /** Several boxes: `'joined'` (default) makes one list of boxes that only a conjunction separates; `'last'` takes the last. */
  readonly boxes?: 'joined' | 'last';
  /** Units of work before the verdict is left undecided. Default 400,000, well inside 50 ms. */
  readonly work?: number;
}

/** Every convention, settled. */
export type Conventions = Required<Omit<VerifyOptions, 'places' | 'work'>> & { readonly places: number | undefined };

const choices = {
  percent: ['either', 'value'],
  units: ['optional', 'required', 'ignored'],
  order: ['auto', 'ordered'],
  decimals: ['rounded', 'exact'],
  base: ['optional', 'required'],
  intervals: ['either', 'same'],
  boxes: ['joined', 'last'],
} as const;

const defaults: Conventions = {
  percent: 'either',
  units: 'optional',
  order: 'auto',
  decimals: 'rounded',
  tolerance: 0,
  base: 'optional',
  intervals: 'either',
  boxes: 'joined',
  places: undefined,
};

/** Options with their defaults; a `RangeError` that names the caller for a value outside its range or an option nobody reads. */
export function settle(caller: string, options: VerifyOptions | undefined): Conventions {
  if (options === undefined) return defaults;
  assertOptions(caller, options, [...Object.keys(choices), 'tolerance', 'places', 'work']);
  for (const [name, allowed] of Object.entries(choices)) {
    const value = options[name as keyof typeof choices];
    if (value !== undefined && !(allowed as readonly string[]).includes(value)) {
      throw new RangeError(
        `${caller}: ${name} must be one of ${allowed.map((a) => `'${a}'`).join(', ')}, got ${JSON.stringify(value)}`,
      );
    }
  }
  const { tolerance = 0, places, work } = options;
  if (!(tolerance >= 0 && tolerance < 1))
    throw new RangeError(
      `${caller}: tolerance must be in [0, 1), got ${tolerance} (it is relative: 0.01 is one per cent)`,
    );
  if (places !== undefined && !(Number.isInteger(places) && places >= 0 && places <= 100)) {
    throw new RangeError(`${caller}: places must be a whole number from 0 to 100, got ${places}`);
  }
  if (work !== undefined && !(work > 0 && work < Number.POSITIVE_INFINITY))
    throw new RangeError(`${caller}: work must be positive and finite, got ${work}`);
  const { work: _, ...rest } = options;
  return {
    ...defaults,
    ...Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined)),
  } as Conventions;
}
