/** Once before all tests: `SVO_SEED=random` becomes a number, which the processes of the tests inherit. */

/** vitest's global setup. */
export default function drawSeed(): void {
  const wanted = process.env.SVO_SEED;
  if (wanted === undefined) return;
  const seed = wanted === 'random' ? Math.floor(Math.random() * 2 ** 31) : Number(wanted);
  if (!Number.isInteger(seed))
    throw new Error(`SVO_SEED: must be an integer or 'random', got '${wanted}' (leave it out for the cases CI draws)`);
  process.env.SVO_SEED = String(seed);
  console.log(`properties draw from seed ${seed}; once more: SVO_SEED=${seed} pnpm unit`);
}
