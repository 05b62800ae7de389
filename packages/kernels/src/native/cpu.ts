/** What the processor can do, as Linux tells it. */

/** The processor's feature flags (`avx2`, `avx512f`, …); empty where the system does not tell them. */
export async function cpuFlags(): Promise<ReadonlySet<string>> {
  if (typeof process === 'undefined' || process.platform !== 'linux') return new Set();
  try {
    const { readFile } = await import('node:fs/promises');
    return flagsOf(await readFile('/proc/cpuinfo', 'utf8'));
  } catch {
    return new Set();
  }
}

/** The flags of the first processor in the text of /proc/cpuinfo: its line is called `flags` on x64, `Features` on ARM. */
export function flagsOf(cpuinfo: string): ReadonlySet<string> {
  const line = /^(?:flags|Features)\s*:(.*)$/m.exec(cpuinfo)?.[1] ?? '';
  return new Set(line.split(/\s+/).filter(Boolean));
}

/** Vectors of sixteen floats in all the forms that matrix libraries use. */
export const hasAvx512 = (flags: ReadonlySet<string>): boolean =>
  ['avx512f', 'avx512bw', 'avx512dq', 'avx512vl'].every((flag) => flags.has(flag));
