/** Another build of the app in front of a server: files from a folder, `/api` from the server. For measuring alone. */
import { once } from 'node:events';
import { access, readFile } from 'node:fs/promises';
import { type Server as HttpServer, createServer, request as ask } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { freePort } from './server.ts';

const KINDS: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
};

const RULES = /policy|^x-|^strict-transport/;

/** Serves `folder`; gives its address and how to end it. */
export async function serveApp(folder: string, server: string): Promise<{ url: string; end: () => Promise<void> }> {
  await access(join(folder, 'index.html'));
  // The rules that come with a page (what it may load, what it shares a process with) are the server's.
  const rules = Object.fromEntries([...(await fetch(server)).headers].filter(([name]) => RULES.test(name)));
  const proxy: HttpServer = createServer(async (incoming, outgoing) => {
    const path = new URL(incoming.url ?? '/', 'http://x').pathname;
    if (path.startsWith('/api/') || path === '/healthz') {
      const onward = ask(server + incoming.url, { method: incoming.method, headers: incoming.headers }, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      });
      onward.on('error', () => outgoing.writeHead(502).end());
      incoming.pipe(onward);
      return;
    }
    const read = (name: string) => readFile(join(folder, normalize(name))).catch(() => undefined);
    const found = extname(path) ? await read(path) : undefined;
    const body = found ?? (await read('index.html'));
    const kind = KINDS[found ? extname(path) : '.html'] ?? 'application/octet-stream';
    outgoing.writeHead(200, { ...rules, 'content-type': kind, 'cache-control': 'no-cache' }).end(body);
  });
  const port = await freePort();
  proxy.listen(port, '127.0.0.1');
  await once(proxy, 'listening');
  const end = async () => {
    proxy.closeAllConnections();
    proxy.close();
    await once(proxy, 'close');
  };
  return { url: `http://127.0.0.1:${port}`, end };
}
