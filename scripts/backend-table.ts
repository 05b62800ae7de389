/** After the tests: how many ran on which backend, which parts could not run, and one plain closing line. */
import type { Reporter, TestModule } from 'vitest/node';

const backendOf = (name: string): string =>
  /\b(?:webgpu|tensorflow|wasm|cpu)(?:\+\w+)?/.exec(name)?.[0] ?? 'no backend';

interface Count {
  passed: number;
  failed: number;
  skipped: number;
}

/** A vitest reporter. A test's backend is the one its name, or its suite's name, says. */
export const backendTable: Reporter = {
  onTestRunEnd(modules: readonly TestModule[]) {
    // With `-t` most tests are left out by their name, and not because something is missing here.
    const filtered = modules[0]?.project.vitest.config.testNamePattern !== undefined;
    const left = filtered ? 'left out by -t or could not run here' : 'could not run here';
    const all: Count = { passed: 0, failed: 0, skipped: 0 };
    const byBackend = new Map<string, Count>();
    for (const module of modules) {
      if (module.state() === 'failed' && [...module.children.allTests()].length === 0) all.failed++;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === 'pending') continue;
        const own = byBackend.get(backendOf(test.fullName)) ?? { passed: 0, failed: 0, skipped: 0 };
        own[state]++;
        all[state]++;
        byBackend.set(backendOf(test.fullName), own);
      }
    }
    console.log('\ntests by the backend their name says:');
    for (const [backend, { passed, failed, skipped }] of [...byBackend].sort())
      console.log(`  ${backend.padEnd(15)} ${passed} passed, ${failed} failed, ${skipped} ${left}`);
    console.log(
      'not among these: the built site, whose tools are installed apart (npm run docs, then npm run site:check)',
    );
    console.log(`${all.passed} passed, ${all.failed} failed, ${all.skipped} skipped`);
  },
};
