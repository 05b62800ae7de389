/**
 * Runs a notebook cell by cell with the Deno kernel from npm, without Python, and can write the outputs back:
 * `node examples/notebooks/run.ts 01-first-round.ipynb [--save]`. Speaks Jupyter's wire protocol (version 5.3) over ZeroMQ.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createHmac, randomInt, randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Dealer, Subscriber } from 'zeromq';

/** An output as nbformat 4 keeps it. */
type Output = Record<string, unknown> & { readonly output_type: string };

interface Cell {
  readonly cell_type: 'code' | 'markdown';
  readonly id: string;
  readonly source: string | readonly string[];
  outputs?: Output[];
  execution_count?: number | null;
}

export interface Notebook {
  readonly cells: Cell[];
}

interface Message {
  readonly type: string;
  readonly parent: string | undefined;
  readonly content: Record<string, unknown>;
}

/** What is done with what the kernel publishes and replies to one request. */
interface Listener {
  readonly published: (message: Message) => void;
  readonly replied: (message: Message) => void;
}

/** Sends a request. Its listener stays: an answer may come late, and Deno publishes some results just after it says that it is idle. */
type Send = (type: string, content: object, listener: Listener) => Promise<void>;

const delimiter = Buffer.from('<IDS|MSG>');

/** The executable itself: killing npm's shim would leave the kernel behind. */
function denoExecutable(): string {
  const deno = createRequire(createRequire(import.meta.url).resolve('deno/package.json'));
  const { platform, arch } = process;
  const libc = platform === 'linux' ? '-glibc' : '';
  return deno.resolve(`@deno/${platform}-${arch}${libc}/${platform === 'win32' ? 'deno.exe' : 'deno'}`);
}

/**
 * An address of this machine that no other kernel has: Deno's waits for ever once somebody else connects to one of its ports, as who
 * drew the same one does (a connection that comes and goes on the shell, or stays silent on iopub, is enough). Linux answers on all of
 * 127.0.0.0/8; elsewhere there is one address.
 */
const ownAddress = (): string =>
  process.platform === 'linux' ? `127.${randomInt(1, 255)}.${randomInt(256)}.${randomInt(1, 255)}` : '127.0.0.1';

/** A port below those the system gives out by itself, so that nobody is given it before the kernel binds it. */
async function freePort(ip: string): Promise<number> {
  for (;;) {
    const server = createServer().listen(randomInt(20_000, 32_000), ip);
    const port = await new Promise<number | undefined>((resolve) => {
      server.once('listening', () => resolve((server.address() as { port: number }).port));
      server.once('error', () => resolve(undefined));
    });
    if (port === undefined) continue;
    await new Promise((closed) => server.close(closed));
    return port;
  }
}

/**
 * Executes every code cell in order; the notebook comes back with its outputs. The kernel ends with this call: also when
 * `signal` breaks it off, and when this process is ended. `shorter` says what stands in the cells in place of what, for a
 * run with fewer updates; a text that no cell has is an error.
 */
export async function runNotebook(
  path: string,
  signal?: AbortSignal,
  shorter: Readonly<Record<string, string>> = {},
): Promise<Notebook> {
  const notebook: Notebook = JSON.parse(readFileSync(path, 'utf8'));
  const replacements = new Map(Object.entries(shorter));
  const kernel = await startKernel(dirname(resolve(path)), signal);
  try {
    await kernel.live();
    let count = 0;
    for (const cell of notebook.cells.filter(({ cell_type }) => cell_type === 'code')) {
      cell.execution_count = ++count;
      cell.outputs = [];
      let code = typeof cell.source === 'string' ? cell.source : cell.source.join('');
      for (const [text, instead] of Object.entries(shorter)) {
        if (code.includes(text)) replacements.delete(text);
        code = code.replaceAll(text, instead);
      }
      const reply = await kernel.execute(code, (message) => collect(cell.outputs!, message, count));
      if (reply.status !== 'ok') throw new Error(`${path}, cell '${cell.id}': ${reply.ename}: ${reply.evalue}`);
    }
    // What the last cell published late comes before the answer to another question.
    await kernel.live();
    if (replacements.size > 0) throw new Error(`${path}: no cell has ${[...replacements.keys()].join(', ')}`);
    return notebook;
  } finally {
    await kernel.stop();
  }
}

/** Adds a message of the kernel to a cell's outputs. */
function collect(outputs: Output[], { type, content }: Message, count: number): void {
  const last = outputs.at(-1);
  if (type === 'stream' && last?.output_type === 'stream' && last.name === content.name) {
    Object.assign(last, { text: `${last.text}${content.text}` });
  } else if (type === 'stream') outputs.push({ output_type: 'stream', name: content.name, text: content.text });
  else if (type === 'display_data')
    outputs.push({ output_type: type, data: content.data, metadata: content.metadata ?? {} });
  else if (type === 'execute_result')
    outputs.push({ output_type: type, data: content.data, metadata: content.metadata ?? {}, execution_count: count });
  else if (type === 'error') outputs.push({ output_type: type, ...content });
}

async function startKernel(folder: string, signal?: AbortSignal) {
  signal?.throwIfAborted();
  const scratch = mkdtempSync(join(tmpdir(), 'svo-notebook-'));
  const key = randomUUID();
  const session = randomUUID();
  const ip = ownAddress();
  const names = ['shell_port', 'iopub_port', 'stdin_port', 'control_port', 'hb_port'] as const;
  const ports = Object.fromEntries(await Promise.all(names.map(async (name) => [name, await freePort(ip)])));
  const file = join(scratch, 'connection.json');
  const connection = {
    ip,
    transport: 'tcp',
    key,
    signature_scheme: 'hmac-sha256',
    kernel_name: 'deno',
    ...ports,
  };
  writeFileSync(file, JSON.stringify(connection));
  const child = spawn(denoExecutable(), ['jupyter', '--kernel', '--conn', file], {
    cwd: folder,
    detached: true, // a group of its own, which ends as a whole
    // Not ours to share: a kernel that holds this process's stderr would keep whoever reads it waiting.
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const errors: string[] = [];
  child.stderr.on('data', (data) => errors.push(String(data)));
  const gone = new Promise<void>((resolve) => {
    for (const event of ['exit', 'error']) child.once(event, () => resolve());
  });
  const kill = endsWithProcess(child);
  const stopped = new Promise<never>((_, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`the kernel ended (${code})\n${errors.join('').slice(-2000)}`)));
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  stopped.catch(() => undefined);
  // A connection given up because the kernel was slow to greet would be one that comes and goes.
  const shell = new Dealer({ handshakeInterval: 0 });
  const iopub = new Subscriber({ handshakeInterval: 0 });
  shell.connect(`tcp://${ip}:${ports.shell_port}`);
  iopub.connect(`tcp://${ip}:${ports.iopub_port}`);
  iopub.subscribe();

  const listeners = new Map<string, Listener>();
  const listen = async (socket: AsyncIterable<Buffer[]>, kind: 'published' | 'replied'): Promise<void> => {
    for await (const frames of socket) {
      const message = parse(frames);
      if (message.parent !== undefined) listeners.get(message.parent)?.[kind](message);
    }
  };
  listen(iopub as AsyncIterable<Buffer[]>, 'published').catch(() => undefined);
  listen(shell as AsyncIterable<Buffer[]>, 'replied').catch(() => undefined);

  /** The listener stands before the request goes out: Deno answers a short cell before `send` has come back. */
  const send: Send = async (type, content, listener) => {
    const id = randomUUID();
    listeners.set(id, listener);
    const header = {
      msg_id: id,
      session,
      username: 'svo',
      date: new Date().toISOString(),
      msg_type: type,
      version: '5.3',
    };
    const parts = [header, {}, {}, content].map((part) => Buffer.from(JSON.stringify(part)));
    const signature = createHmac('sha256', key).update(Buffer.concat(parts)).digest('hex');
    await shell.send([delimiter, signature, ...parts]);
  };

  return {
    live: () => bothSocketsLive(send, stopped),
    stop: async (): Promise<void> => {
      kill();
      await gone;
      shell.close();
      iopub.close();
      rmSync(scratch, { recursive: true, force: true });
    },
    execute: async (code: string, onMessage: (message: Message) => void) => {
      const idle = deferred<void>();
      const reply = deferred<Message>();
      const content = {
        code,
        silent: false,
        store_history: true,
        user_expressions: {},
        allow_stdin: false,
        stop_on_error: true,
      };
      await send('execute_request', content, {
        published: (message) =>
          message.type === 'status' ? message.content.execution_state === 'idle' && idle.resolve() : onMessage(message),
        replied: reply.resolve,
      });
      const [{ content: answer }] = await Promise.race([Promise.all([reply.promise, idle.promise]), stopped]);
      return answer as { status: string; ename?: string; evalue?: string };
    },
  };
}

/** `Promise.withResolvers`, which Node 20 lacks. */
function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

/** Kills the whole group of a detached child; done by itself when this process exits or is interrupted. */
function endsWithProcess(child: ChildProcess): () => void {
  const kill = (): void => {
    process.off('exit', kill);
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.off(name, leave);
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  };
  const leave = (name: NodeJS.Signals): void => process.exit(name === 'SIGINT' ? 130 : 143);
  process.once('exit', kill);
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, leave);
  return kill;
}

/** A subscriber misses what is published before it has joined, so the kernel is asked until both sockets have answered. */
async function bothSocketsLive(send: Send, stopped: Promise<never>): Promise<void> {
  const live = { published: false, replied: false };
  const listener: Listener = {
    published: () => Object.assign(live, { published: true }),
    replied: () => Object.assign(live, { replied: true }),
  };
  while (!(live.published && live.replied)) {
    await send('kernel_info_request', {}, listener);
    await Promise.race([wait(100), stopped]);
  }
}

function parse(frames: readonly Buffer[]): Message {
  const start = frames.findIndex((frame) => frame.equals(delimiter)) + 2;
  const [header, parent, , content] = frames.slice(start, start + 4).map((frame) => JSON.parse(frame.toString()));
  return { type: header.msg_type, parent: parent.msg_id, content };
}

if (process.argv[1] === import.meta.filename) {
  const [path, save] = process.argv.slice(2);
  const notebook = await runNotebook(path!);
  if (save === '--save') writeFileSync(path!, `${JSON.stringify(notebook, undefined, 1)}\n`);
  for (const { outputs } of notebook.cells)
    for (const { text } of outputs ?? []) if (text) process.stdout.write(String(text));
  process.exit(0);
}
