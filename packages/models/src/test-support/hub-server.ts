/** A server of the Hub's routes with a store of large files on another port, and what it was asked; it can be told to misbehave. */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Told while it runs. */
export interface HubBehavior {
  /** Bytes of a large file after which the connection is cut, each time. */
  cutAfter?: number;
  /** Bytes after which nothing more comes. */
  stallAfter?: number;
  /** Sent in the place of a large file. */
  instead?: Buffer;
  /** Asked for in the header. */
  token?: string;
  /** Ranges are not understood: all is sent. */
  noRanges?: boolean;
  /** Called with the bytes sent when it stalls. */
  onStall?: () => void;
}

/** What was asked, in order. */
export interface HubRequest {
  readonly method: string;
  readonly path: string;
  readonly range: string | undefined;
  readonly authorization: string | undefined;
  readonly server: 'hub' | 'store';
}

export const commit: string = 'c'.repeat(40);

const started = async (handle: (request: IncomingMessage, response: ServerResponse) => void): Promise<Server> => {
  const server = createServer(handle);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
};

const addressOf = (server: Server): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

/** Git's hash of a small file, SHA-256 of a large one. */
const etagOf = (content: Buffer, large: boolean): string =>
  large
    ? createHash('sha256').update(content).digest('hex')
    : createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex');

/** A server that runs, until it is closed. */
export interface RunningHub {
  readonly endpoint: string;
  readonly asked: readonly HubRequest[];
  readonly close: () => Promise<void>;
}

/** Serves `org/name` at revision main and at its commit; `.safetensors` and `.gguf` files lie in the store. */
export const hubServer = async (files: ReadonlyMap<string, Buffer>, behavior: HubBehavior): Promise<RunningHub> => {
  const asked: HubRequest[] = [];
  const note = (request: IncomingMessage, server: 'hub' | 'store'): void => {
    const { range, authorization } = request.headers;
    asked.push({ method: request.method!, path: request.url!, range, authorization, server });
  };
  const send = (request: IncomingMessage, response: ServerResponse, content: Buffer): void => {
    const from = behavior.noRanges ? 0 : Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    const part = content.subarray(from);
    const range = from > 0 ? { 'content-range': `bytes ${from}-${content.length - 1}/${content.length}` } : {};
    response.writeHead(from > 0 ? 206 : 200, { 'content-length': part.length, ...range });
    const most = behavior.cutAfter ?? behavior.stallAfter ?? part.length;
    if (most >= part.length) {
      response.end(part);
      return;
    }
    response.write(part.subarray(0, most), () => {
      if (behavior.cutAfter !== undefined) setTimeout(() => response.destroy(), 20);
      else behavior.onStall?.();
    });
  };
  const store = await started((request, response) => {
    note(request, 'store');
    send(request, response, behavior.instead ?? files.get(request.url!.slice(1))!);
  });
  const hub = await started((request, response) => {
    note(request, 'hub');
    const end = (status: number, headers: Record<string, string | number> = {}, body = ''): void => {
      response.writeHead(status, headers).end(body);
    };
    if (behavior.token && request.headers.authorization !== `Bearer ${behavior.token}`) return end(401);
    if (/^\/api\/models\/org\/name\/revision\/(?:main|c{40})$/.test(request.url!))
      return end(
        200,
        {},
        JSON.stringify({ sha: commit, siblings: [...files.keys()].map((rfilename) => ({ rfilename })) }),
      );
    const [, file = ''] = new RegExp(`^/org/name/resolve/${commit}/([^/]+)$`).exec(request.url!) ?? [];
    const content = files.get(decodeURIComponent(file));
    if (!content) return end(404);
    const large = /\.(?:safetensors|gguf)$/.test(file);
    const etag = `"${etagOf(content, large)}"`;
    if (large)
      return end(302, {
        location: `${addressOf(store)}/${file}`,
        'x-linked-etag': etag,
        'x-linked-size': content.length,
      });
    if (request.method === 'HEAD') return end(200, { etag: `W/${etag}`, 'content-length': content.length });
    send(request, response, content);
  });
  return {
    endpoint: addressOf(hub),
    asked,
    close: async (): Promise<void> => {
      for (const server of [hub, store]) {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      }
    },
  };
};
