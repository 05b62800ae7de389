/**
 * Where what is not in its place lies: beside it, under a hidden name that says whose it is. The next write into the folder
 * can so sweep away what a killed process left, and leave alone what a living one is working on.
 */

/** `saving`: not finished yet. `previous`: the old content of `of`, moved out of the new one's way. */
export interface Hidden {
  readonly kind: 'saving' | 'previous';
  readonly of: string;
  readonly path: string;
  /** Nobody is working on it any more. */
  readonly left: boolean;
}

/** Hidden paths this very process is working on. */
const ours = new Set<string>();
let made = 0;

/** Another machine's processes can't be asked whether they live: theirs count as left behind after a day without a change. */
const foreignLifetime = 24 * 60 * 60 * 1000;

/** Runs `work` with a new hidden path in `parent`; whatever is there afterwards is removed. */
export async function withHidden(
  parent: string,
  kind: Hidden['kind'],
  of: string,
  work: (hidden: string) => Promise<void>,
): Promise<void> {
  const { rm } = await import('node:fs/promises');
  const suffix = kind === 'saving' ? '' : `-${of}`;
  const hidden = `${parent}/.${kind}-${process.pid}-${await machine()}-${made++}${suffix}`;
  ours.add(hidden);
  try {
    await work(hidden);
  } finally {
    await rm(hidden, { recursive: true, force: true });
    ours.delete(hidden);
  }
}

/** What lies hidden in a folder. */
export async function hiddenIn(parent: string): Promise<readonly Hidden[]> {
  const { readdir } = await import('node:fs/promises');
  const here = await machine();
  const hidden = (await readdir(parent)).map(async (entry): Promise<Hidden[]> => {
    const [, kind, pid, owner, , of = ''] = /^\.(saving|previous)-(\d+)-([^-]*)-(\d+)(?:-(.*))?$/s.exec(entry) ?? [];
    if (kind === undefined) return [];
    const path = `${parent}/${entry}`;
    const left = owner === here ? isLeft(path, Number(pid)) : await isOld(path);
    return [{ kind: kind as Hidden['kind'], of, path, left }];
  });
  return (await Promise.all(hidden)).flat();
}

/** Removes what was left unfinished in a folder. Old content that was moved away stays: it may be all there is. */
export async function sweep(parent: string): Promise<void> {
  const { rm } = await import('node:fs/promises');
  for (const { kind, path, left } of await hiddenIn(parent))
    if (left && kind === 'saving') await rm(path, { recursive: true, force: true });
}

/** This machine's name, as far as a file name may hold it. */
async function machine(): Promise<string> {
  const { hostname } = await import('node:os');
  return hostname()
    .replace(/[^A-Za-z0-9.]/g, '')
    .slice(0, 40);
}

function isLeft(path: string, pid: number): boolean {
  return pid === process.pid ? !ours.has(path) : !isAlive(pid);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function isOld(path: string): Promise<boolean> {
  const { stat } = await import('node:fs/promises');
  return stat(path).then(
    ({ mtimeMs }) => Date.now() - mtimeMs > foreignLifetime,
    () => false,
  );
}
